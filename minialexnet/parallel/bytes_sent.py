"""How many bytes the ranks send in a step, derived from the network's shapes alone."""

from math import prod

from ..layers import Dropout, FullyConnected, ReLU, Sigmoid, Tanh
from ..layers.base import Shape
from ..sequential import Sequential

NEURONS = (ReLU, Tanh, Sigmoid, Dropout)
GRADIENTS, OUTPUT = "gradients", "output"  # what is sent, besides inputs of layers


def bytes_sent(
    network: Sequential,
    input_shape: Shape,
    pictures: int,
    ranks: int,
    scheme: str,
    itemsize: int = 4,
) -> dict[str, tuple[int, int]]:
    """Return the bytes that all ranks send, forward and backward, by what it is.

    To add up P numbers of n ranks takes 2 (n - 1) P numbers. By the scheme of 2014 P
    counts the layers before the first fully-connected one only; the D inputs of each
    such layer and the K outputs of the last go to n - 1 ranks for each picture, and
    the gradients by the inputs come back. With N pictures in the whole batch:

    data: 2 (n - 1) P;  2014: (n - 1) (2 P + N (2 sum of D + K))

    Parameters
    ----------
    network : Sequential
    input_shape : tuple of int
        Of one picture.
    pictures : int
        In the batch of all ranks.
    ranks : int
    scheme : {"2014", "data"}
    itemsize : int
        Bytes a number.

    Examples
    --------
    >>> from minialexnet.cifar_net import cifar_net
    >>> bytes_sent(cifar_net(seed=None), (3, 32, 32), 128, 4, "data")
    {'gradients': (0, 2149872)}
    """
    found: dict[str, tuple[int, int]] = {}
    shape, each, summed = tuple(input_shape), (ranks - 1) * itemsize, 0
    for name, layer in network.layers.items():
        if scheme == "2014" and isinstance(layer, FullyConnected):
            crossing = each * pictures * prod(shape)
            found[name] = crossing, crossing
        if not found:
            summed += sum(int(w.size) for w in layer.params.values())
        shape = layer.output_shape(shape)
    if found:
        found[OUTPUT] = each * pictures * prod(shape), 0
    return found | ({GRADIENTS: (0, 2 * each * summed)} if summed else {})
