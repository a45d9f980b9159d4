"""How often a network is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .backend import Array, to_device, to_numpy, use_device
from .layers import SoftmaxCrossEntropy
from .network import Sequential

__all__ = ["evaluate", "pictures"]


def pictures(
    images: Array,
    labels: Array,
    mean: Array,
    order: Array,
    batch_size: int,
    device: str = "cpu",
) -> Iterator[tuple[Array, Array]]:
    """Yield batches as the network takes them: pixels 0-255 minus the mean image.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, C, H, W)
    labels : ndarray of int, shape (N,)
    mean : ndarray of float32, shape (C, H, W)
        The mean over the training pictures, in pixels 0-255.
    order : ndarray of int
        Which pictures, in which order.
    batch_size : int
        The last batch may be smaller.
    device : str

    Yields
    ------
    x : ndarray of float32, shape (n, C, H, W)
    labels : ndarray of int64, shape (n,)
    """
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        x = images[chosen].astype(np.float32)
        x -= mean
        yield to_device(x, device), to_device(labels[chosen].astype(np.int64), device)


def evaluate(
    network: Sequential,
    images: Array,
    labels: Array,
    mean: Array,
    batch_size: int = 128,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
) -> dict[str, float]:
    """Run the network over pictures in test mode.

    Parameters
    ----------
    network : Sequential
        On `device`.
    images, labels, mean, batch_size, device
        See `pictures`.
    progress : callable (int), optional
        Called with the number of pictures of each batch done.

    Returns
    -------
    dict
        "error", the fraction (0 to 1) whose largest logit is not at the label, and
        "loss", the mean cross-entropy in nats per example.
    """
    loss = SoftmaxCrossEntropy()
    wrong, total_loss = 0, 0.0
    order = np.arange(len(images))
    with use_device(device):
        for x, t in pictures(images, labels, mean, order, batch_size, device):
            logits = network.forward(x, train=False)
            total_loss += float(loss.forward(logits, t)) * len(t)
            wrong += int(to_numpy((logits.argmax(axis=1) != t).sum()))
            if progress is not None:
                progress(len(t))
    return {"error": wrong / len(images), "loss": total_loss / len(images)}
