"""Which pictures a network finds alike, by its last hidden layer (section 6.1)."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Images
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.devices import use_device
from .engine.transfer import to_numpy
from .layers import FullyConnected
from .logits import logits_of
from .sequential import Sequential


def features(network: Sequential, x: Array) -> Array:
    """Return the activations of the last hidden layer, in test mode.

    They are what enters the last fully-connected layer: in AlexNet the 4,096 of fc7
    (Krizhevsky et al. 2012, section 6.1), after their ReLU and dropout.

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
    centre crops (Krizhevsky et al. 2012, section 6.1 and Figure 4, right). The features
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
        As `features`, or if a picture is smaller than the network takes, there is none,
        or count is less than 1.
    """
    if count < 1:
        raise ValueError(f"expected a count >= 1, got {count}")
    hidden = _hidden(network)

    def rows_of(
        images: Images, told: Callable[[int], None] | None
    ) -> Iterator[tuple[slice, Array]]:
        return logits_of(
            hidden, images, preprocessing, 1, batch_size, device, told, workers
        )

    indices = np.zeros((len(queries), 0), np.int64)
    distances = np.zeros((len(queries), 0), np.float32)
    with use_device(device):
        wanted = [row for _, rows in rows_of(queries, None) for row in rows]
        for chosen, rows in rows_of(images, progress):
            # (q - f)^2 and not q^2 - 2 q f + f^2, which loses the small distances.
            squares = [to_numpy(((rows - row) ** 2).sum(axis=1)) for row in wanted]
            here = np.broadcast_to(np.r_[chosen], (len(wanted), len(rows)))
            indices = np.concatenate([indices, here], axis=1)
            distances = np.concatenate([distances, np.sqrt(squares)], axis=1)
            order = np.argsort(distances, axis=1, kind="stable")[:, :count]
            indices = np.take_along_axis(indices, order, axis=1)
            distances = np.take_along_axis(distances, order, axis=1)
    return indices, distances
