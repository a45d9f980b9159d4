"""Two towers as one network whose convolutions have groups, as Figure 2 shows them."""

from itertools import zip_longest
from typing import Any

from ..layers import Convolution2D, FullyConnected, Layer, LocalResponseNormalization
from ..sequential import Sequential
from .network import Network
from .sum import Sum


def join_towers(network: Network) -> Sequential:
    """Return two towers as one network of the same shapes, without its weights.

    Each layer on GPU 0 is joined with its like on GPU 1. Two convolutions that see a
    tower each become one of two groups, as in `minialexnet.alexnet`; two that both see
    both towers, or the picture, become one of one group. At the end layers may lie on
    GPU 0 alone.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Sequential
        Its weights are zeros that take no memory.

    Raises
    ------
    ValueError
        If there are no two such towers; it says at which layer they part.

    Examples
    --------
    >>> from minialexnet.cuda_convnet import load, network_files
    >>> joined = join_towers(load(*network_files("alexnet"), seed=None))
    >>> [joined.layers[f"conv{i}"].groups for i in (1, 2, 3, 4, 5)]
    [1, 2, 1, 2, 2]
    """
    numbers = sorted(set(network.gpus.values()))
    if numbers != [0, 1]:
        found = " and ".join(map(str, numbers))
        raise ValueError(f"expected layers on the GPUs 0 and 1, got them on {found}")
    rows = ([n for n in network.layers if network.gpus[n] == gpu] for gpu in (0, 1))
    joined: dict[str, Layer] = {}
    before: list[str] = [""]
    for pair in zip_longest(*rows):
        names = [name for name in pair if name is not None]
        if pair[0] is None:
            raise ValueError(f"expected a layer on GPU 0 beside {names[0]}, got none")
        shared = "".join(x for x, *rest in zip(*names, strict=False) if {x} >= {*rest})
        name = shared if shared and shared not in joined else names[0]
        joined[name] = _join(network, names, before)
        before = names
    return Sequential(list(joined.items()))


def _join(network: Network, names: list[str], before: list[str]) -> Layer:
    """Return what the layers of two towers are together, or one alone after them."""
    seen = [set(network.inputs[name]) for name in names]
    apart = len(names) == 2 and seen == [{name} for name in before]
    if not apart and any(own != set(before) for own in seen):
        raise ValueError(
            f"expected {' and '.join(names)} to see {' and '.join(before) or 'data'}, "
            "both or each its own"
        )
    layers = [network.layers[name] for name in names]
    blocks: list[list[Any]] = [
        list(own.blocks) if isinstance(own, Sum) else [own] for own in layers
    ]
    if len({_form(block) for own in blocks for block in own}) > 1:
        raise ValueError(f"expected {' and '.join(names)} to be alike")
    first, towers = blocks[0][0], len(names)
    if isinstance(first, Convolution2D):
        if first.groups > 1:
            raise ValueError(f"expected {names[0]} without groups of its own")
        channels = sum(block.in_channels for block in blocks[0])
        return Convolution2D(
            channels * (towers if apart else 1),
            first.out_channels * towers,
            first.kernel_size,
            first.stride,
            first.padding,
            towers if apart else 1,
            first.ceil_mode,
            seed=None,
        )
    if isinstance(first, FullyConnected):
        if apart:
            raise ValueError(f"expected {' and '.join(names)} to see both towers")
        features = sum(block.in_features for block in blocks[0])
        return FullyConnected(features, first.out_features * towers, seed=None)
    if isinstance(first, LocalResponseNormalization) and first.across == "channels":
        k, n, alpha, beta = first.k, first.n, first.alpha, first.beta
        return LocalResponseNormalization(k, n, alpha, beta, groups=towers)
    return layers[0]


FORM = ("out_channels", "kernel_size", "stride", "padding", "groups", "ceil_mode")


def _form(layer: Layer) -> tuple[Any, ...]:
    """Return what two layers must have in common to be drawn as one."""
    keys = (*FORM, "out_features", "n", "across")
    outputs = getattr(getattr(layer, "windows", None), "outputs", None)
    return type(layer), outputs, *(getattr(layer, key, None) for key in keys)
