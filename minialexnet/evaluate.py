"""How often a network is wrong, by one crop or ten (section 4.1)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Images
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.transfer import to_numpy
from .layers import SoftmaxCrossEntropy, log_softmax
from .logits import logits_of
from .network import Network


def predict(
    network: Network,
    images: Images,
    preprocessing: Preprocessing,
    crops: int = 1,
    batch_size: int = 128,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
) -> NDArray[np.float32]:
    """Return how probable a network takes each class to be, for every picture.

    With ten crops it is the mean of ten softmax outputs: the four corners and the
    centre, and their mirror images (Krizhevsky et al. 2012, section 4.1).

    Parameters
    ----------
    network : Network
        On `device`; run in test mode.
    images : Images of uint8, shape (N, 3, H, W)
    preprocessing : Preprocessing
    crops : {1, 10}
        1 is the centre crop.
    batch_size : int
        Pictures, or with ten crops a tenth as many, that go through at once.
    device : str
    progress : callable (int), optional
        Called with the number of pictures of each batch done.
    workers : int
        Threads that prepare batches.

    Returns
    -------
    ndarray of float32, shape (N, K)
    """
    rows = []
    for chosen, logits in logits_of(
        network, images, preprocessing, crops, batch_size, device, progress, workers
    ):
        probabilities = np.exp(to_numpy(log_softmax(logits)))  # (n * crops, K)
        n = chosen.stop - chosen.start
        rows.append(probabilities.reshape(n, crops, -1).mean(axis=1))
    return np.concatenate(rows)


def top_errors(
    probabilities: Array, labels: Array, ks: Sequence[int] = (1, 5)
) -> list[float]:
    """Return how often the label is not among the k most probable classes.

    Of equally probable classes the one with the smaller index counts as the more
    probable, so a network that says the same of all classes is not right.

    Parameters
    ----------
    probabilities : ndarray, shape (N, K)
        Or logits.
    labels : ndarray of int, shape (N,)
    ks : sequence of int

    Returns
    -------
    list of float
        A fraction, 0 to 1, for each k.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no example, a probability is no number, or
        a label is none of 0 to K - 1.

    Examples
    --------
    >>> probabilities = np.array([[0.2, 0.5, 0.3], [0.2, 0.5, 0.3]])
    >>> top_errors(probabilities, np.array([1, 2]), (1, 2))
    [0.5, 0.0]
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(
            f"expected probabilities (N, K) and labels (N,), got {probabilities.shape} "
            f"and {labels.shape}"
        )
    if not len(labels):
        raise ValueError("expected at least one example, got none")
    if np.isnan(probabilities).any():
        raise ValueError("expected probabilities, got some that are no number")
    K, low, high = probabilities.shape[1], int(labels.min()), int(labels.max())
    if low < 0 or high >= K:
        raise ValueError(f"expected labels from 0 to {K - 1}, got {low} to {high}")
    own = np.take_along_axis(probabilities, labels[:, None], axis=1)  # (N, 1)
    before = np.arange(K) < labels[:, None]
    rank = (probabilities > own).sum(1) + ((probabilities == own) & before).sum(1)
    return [float((rank >= k).mean()) for k in ks]


def evaluate(
    network: Network,
    images: Images,
    labels: Array,
    preprocessing: Preprocessing,
    batch_size: int = 128,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
) -> dict[str, Any]:
    """Run the network over the centre crops of pictures in test mode.

    Parameters
    ----------
    network, images, preprocessing, batch_size, device, progress, workers
        See `predict`.
    labels : ndarray of int64, shape (N,)

    Returns
    -------
    dict
        "error" and "top5_error", the fractions (0 to 1) whose label is not the first,
        or among the first five; and "loss", the mean cross-entropy in nats per example.
        All are NaN where the network's output is.
    """
    loss, total, rows = SoftmaxCrossEntropy(), 0.0, []
    for chosen, logits in logits_of(
        network, images, preprocessing, 1, batch_size, device, progress, workers
    ):
        t = labels[chosen]
        total += float(loss.forward(logits, t)) * len(t)
        rows.append(to_numpy(logits))
    if not np.isfinite(total):
        return dict.fromkeys(("error", "top5_error", "loss"), float("nan"))
    error, top5_error = top_errors(np.concatenate(rows), labels)
    return {"error": error, "top5_error": top5_error, "loss": total / len(labels)}
