"""The look that comparisons share: curves over seeds, and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet.files.records import Record

from .numbers import interval

DATA_NAMES = {
    "cifar10": "CIFAR-10",
    "shapes": "drawn shapes",
    "tiny-imagenet": "Tiny ImageNet",
}
QUICK = "QUICK RUN. "  # begins the caption of less than the whole measurement

Floats = NDArray[np.float64]
Band = tuple[Floats, Floats, Floats]  # a middle, and what lies below and above it


def mean_and_range(values: Floats) -> Band:
    """Return the mean of the seeds, the least and the largest, of (seeds, epochs)."""
    return values.mean(axis=0), values.min(axis=0), values.max(axis=0)


def mean_and_interval(values: Floats) -> Band:
    """Return the mean of the seeds and the ends of its 95 % interval."""
    mean, half = np.array([interval(list(column)) for column in values.T]).T
    return mean, mean - half, mean + half


def draw_curve(
    axes: Any,
    values: Floats,
    label: str,
    style: Record,
    band: Callable[[Floats], Band] = mean_and_range,
    alpha: float = 0.15,
) -> None:
    """Draw the mean of the seeds after each epoch, and a band behind it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    values : ndarray, shape (seeds, epochs)
    label : str
    style : dict
        Of the line.
    band : callable (values) -> (middle, low, high)
    alpha : float
        How much of the band's colour is seen.
    """
    middle, low, high = band(values)
    epochs = np.arange(1, len(middle) + 1)
    axes.plot(epochs, middle, label=label, **style, markersize=4)
    if np.isfinite(low).all():
        axes.fill_between(epochs, low, high, color=style["color"], alpha=alpha, lw=0)
    axes.xaxis.get_major_locator().set_params(integer=True)


def trained_on(setup: Record, what: str = "training pictures") -> str:
    """Say how many of what were trained on, of what data set, and how many a step."""
    return (
        f"{setup['train_pictures']:,} {what} of {DATA_NAMES[setup['data']]}, "
        f"batches of {setup['batch_size']}"
    )


def listed(seeds: Sequence[int]) -> str:
    """List the numbers of seeds.

    Examples
    --------
    >>> listed([0, 1])
    'seeds 0, 1'
    """
    return f"seeds {', '.join(map(str, seeds))}"
