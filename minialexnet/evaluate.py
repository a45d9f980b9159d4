"""How often a network is wrong, by one crop or ten; which pictures it finds alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Images
from .data.loader import Loader
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.devices import use_device
from .engine.transfer import to_device, to_numpy
from .layers import FullyConnected, SoftmaxCrossEntropy, log_softmax
from .parallel.two_devices import TwoDevices
from .sequential import Sequential

__all__ = ["evaluate", "features", "nearest", "predict", "top_errors"]

CROPS = (1, 10)


def _logits(
    network: Sequential | TwoDevices,
    images: Images,
    preprocessing: Preprocessing,
    crops: int,
    batch_size: int,
    device: str,
    progress: Callable[[int], None] | None,
    workers: int,
) -> Iterator[tuple[slice, Array]]:
    """Yield which pictures, and their logits on the device, (n * crops, K)."""
    if crops not in CROPS:
        raise ValueError(f"expected crops to be 1 or 10, got {crops}")
    cut = preprocessing.center if crops == 1 else preprocessing.ten
    loader = Loader(
        images,
        np.arange(len(images)),
        lambda pictures, rng: cut(pictures),
        max(1, batch_size // crops),
        workers=workers,
    )
    with use_device(device):
        for x, places in loader.batches(np.arange(len(images))):
            x = to_device(x.reshape(-1, *x.shape[-3:]), device)
            yield slice(places[0], places[-1] + 1), network.forward(x, train=False)
            if progress is not None:
                progress(len(places))


def predict(
    network: Sequential,
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
    network : Sequential
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
    for chosen, logits in _logits(
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
        If the shapes do not fit, there is no example, or a probability is no number.

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
    own = np.take_along_axis(probabilities, labels[:, None], axis=1)  # (N, 1)
    before = np.arange(probabilities.shape[1]) < labels[:, None]
    rank = (probabilities > own).sum(1) + ((probabilities == own) & before).sum(1)
    return [float((rank >= k).mean()) for k in ks]


def evaluate(
    network: Sequential | TwoDevices,
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
    for chosen, logits in _logits(
        network, images, preprocessing, 1, batch_size, device, progress, workers
    ):
        t = labels[chosen]
        total += float(loss.forward(logits, to_device(t, device))) * len(t)
        rows.append(to_numpy(logits))
    if not np.isfinite(total):
        return dict.fromkeys(("error", "top5_error", "loss"), float("nan"))
    error, top5_error = top_errors(np.concatenate(rows), labels)
    return {"error": error, "top5_error": top5_error, "loss": total / len(labels)}


def features(network: Sequential, x: Array) -> Array:
    """Return the activations of the last hidden layer, in test mode.

    They are what enters the last fully-connected layer: in AlexNet the 4,096 of fc7
    (Krizhevsky et al. 2012, section 6), after their ReLU and dropout.

    Parameters
    ----------
    network : Sequential
    x : ndarray, shape (N, C, H, W)
        What its preprocessing makes, on the network's device.

    Returns
    -------
    ndarray, shape (N, D)

    Raises
    ------
    ValueError
        If nothing stands before a fully-connected layer, or the layers do not stand
        one after the other.
    """
    return _hidden(network).forward(x, train=False)


def _hidden(network: Sequential) -> Sequential:
    """Return the layers, the very same, before the last fully-connected one."""
    layers = list(network.leaves())
    while layers and not isinstance(layers.pop()[1], FullyConnected):
        pass
    if not layers or type(network) is not Sequential:
        raise ValueError(
            "expected a network of layers one after the other with a hidden layer "
            "before a fully-connected one, got another"
        )
    return Sequential([(name.replace(".", " "), layer) for name, layer in layers])


def nearest(
    network: Sequential,
    queries: Images,
    images: Images,
    preprocessing: Preprocessing,
    count: int = 6,
    batch_size: int = 128,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which pictures are nearest to others in the last hidden layer.

    Near is a small Euclidean distance between the activations, see `features`, of the
    centre crops (Krizhevsky et al. 2012, section 6 and Figure 4, right). The features
    of one batch of `images` at a time are held.

    Parameters
    ----------
    network, preprocessing, batch_size, device, progress, workers
        See `predict`; progress counts `images`.
    queries : Images of uint8, shape (Q, 3, H, W)
    images : Images of uint8, shape (N, 3, H', W')
        Among which the nearest are looked for.
    count : int
        How many for each query; all where there are fewer.

    Returns
    -------
    indices : ndarray of int64, shape (Q, count)
        Into `images`, the nearest first; of equally near ones the smaller index.
    distances : ndarray of float32, shape (Q, count)

    Raises
    ------
    ValueError
        As `features`, or if a picture is smaller than the network takes.
    """
    hidden = _hidden(network)

    def parts(
        images: Images, told: Callable[[int], None] | None
    ) -> Iterator[tuple[slice, Array]]:
        return _logits(
            hidden, images, preprocessing, 1, batch_size, device, told, workers
        )

    indices = np.zeros((len(queries), 0), np.int64)
    distances = np.zeros((len(queries), 0), np.float32)
    with use_device(device):
        wanted = [row for _, rows in parts(queries, None) for row in rows]
        for chosen, rows in parts(images, progress):
            # (q - f)^2 and not q^2 - 2 q f + f^2, which loses the small distances.
            squares = [to_numpy(((rows - row) ** 2).sum(axis=1)) for row in wanted]
            here = np.broadcast_to(np.r_[chosen], (len(wanted), len(rows)))
            indices = np.concatenate([indices, here], axis=1)
            distances = np.concatenate([distances, np.sqrt(squares)], axis=1)
            order = np.argsort(distances, axis=1, kind="stable")[:, :count]
            indices = np.take_along_axis(indices, order, axis=1)
            distances = np.take_along_axis(distances, order, axis=1)
    return indices, distances
