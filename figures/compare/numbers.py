"""Means, intervals and ratios over seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

# Half-widths of a 95 % interval in standard errors: Student's t by degrees of freedom,
# from 1 on.
T_95: tuple[float, ...] = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306)
T_95 += (2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093)
MOST_SEEDS = len(T_95) + 1
CHANCE = 0.9  # the error before the first epoch, of ten classes
SPLITS = 20_000  # into two groups, where there are too many to try all


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the half-width of its 95 % t interval; NaN of one value.

    Examples
    --------
    >>> mean, half = interval([1.0, 2.0, 3.0])  # 4.303 / sqrt(3)
    >>> mean, round(half, 3)
    (2.0, 2.484)
    """
    if len(values) < 2:
        return float(values[0]), float("nan")
    half = T_95[len(values) - 2] * statistics.stdev(values) / len(values) ** 0.5
    return statistics.fmean(values), float(half)


def geometric_interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Return the geometric mean of ratios and the ends of its 95 % interval.

    The interval is that of the logarithms; its ends are NaN of one value.

    Examples
    --------
    >>> [round(end, 2) for end in geometric_interval([1.0, 2.0, 4.0])]
    [2.0, 0.36, 11.19]
    """
    mean, half = interval([math.log(ratio) for ratio in ratios])
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def epochs_to(errors: Sequence[float], target: float, before: float = CHANCE) -> float:
    """Return after how many epochs an error came down to the target; or infinity.

    Between the ends of two epochs it is taken to fall in a straight line, and to begin
    at chance, 90 % of ten classes.

    Examples
    --------
    >>> round(epochs_to([0.6, 0.35, 0.15], target=0.25), 6)
    2.5
    """
    for epoch, after in enumerate(errors):
        if after <= target:
            return epoch + (before - target) / (before - after)
        before = after
    return math.inf


def chance(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Return how often chance parts numbers at least as far as they are parted.

    Far is the difference of the means. The numbers are dealt into two groups as large
    as the two given, in all ways or, if there are more than `SPLITS`, in that many
    drawn at random.

    Parameters
    ----------
    first, second : ndarray, shape (n,) and (m,)
    """
    every = np.concatenate([first, second])
    n, size = len(every), len(first)
    if math.comb(n, size) <= SPLITS:
        groups = np.array(list(combinations(range(n), size)))
    else:
        rng = np.random.default_rng(0)
        groups = rng.permuted(np.tile(np.arange(n), (SPLITS, 1)), axis=1)[:, :size]
    sums = every[groups].sum(axis=1)
    apart = abs(sums / size - (every.sum() - sums) / (n - size))
    # The two given must count, whatever the rounding of their sum.
    return float((apart >= abs(first.mean() - second.mean()) - 1e-12).mean())
