"""A network cut into two towers, and into segments that need nothing of each other."""

from copy import copy
from typing import Any

from ..engine.transfer import to_numpy
from ..layers import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from ..sequential import Sequential
from .exchange import Exchange, OwnMaps, SecondDropout

# Each of a tower's maps is made from that map alone: such a layer needs no exchange.
MAP_BY_MAP = (ReLU, Tanh, Sigmoid, MaxPooling2D, AveragePooling2D, Flatten)


def cut(
    network: Sequential,
) -> tuple[list[tuple[Sequential, Sequential]], list[Exchange]]:
    """Return the segments, two towers each, and the exchange at the end of each.

    Raises
    ------
    ValueError
        If a layer cannot be split in two, with its name.
    """
    if type(network) is not Sequential:
        raise ValueError(
            "expected layers one after the other to be split between two towers, "
            f"got a {type(network).__name__}"
        )
    segments: list[tuple[list[Any], list[Any]]] = []
    exchanges: list[Exchange] = []
    maps = (0, 0)
    for name, layer in network.layers.items():
        groups = getattr(layer, "groups", 1)
        if groups not in (1, 2):
            raise ValueError(f"{name}: expected one group or two, got {groups}")
        learned = isinstance(layer, Convolution2D | FullyConnected)
        if not segments and (not learned or groups == 2):
            raise ValueError(
                f"{name}: expected the network to begin with a convolution of one "
                "group, which sees the whole picture from both towers"
            )
        seen = _seen(layer, maps)
        if not segments or any(seen):
            if segments:
                exchanges.append(Exchange(name, maps, seen))
            segments.append(([], []))
        halves = _halves(name, layer, maps)
        for tower, half in enumerate(halves):
            segments[-1][tower].append((name, half))
            if any(seen) and not learned:
                own = OwnMaps(exchanges[-1], tower)
                segments[-1][tower].append((f"{name}, own maps", own))
        if learned:
            maps = (len(halves[0].params["b"]), len(halves[1].params["b"]))
    exchanges.append(Exchange("output", maps, (maps[1], 0)))
    return [(Sequential(a), Sequential(b)) for a, b in segments], exchanges


def _seen(layer: Layer, maps: tuple[int, int]) -> tuple[int, int]:
    """Return how many of the other tower's maps each tower's half of a layer sees."""
    if getattr(layer, "groups", 1) == 2:
        return 0, 0
    if isinstance(layer, Convolution2D | FullyConnected):
        return maps[1], maps[0]
    if isinstance(layer, LocalResponseNormalization) and layer.across == "channels":
        # Map i sees i - n//2 to i + (n-1)//2.
        return min((layer.n - 1) // 2, maps[1]), min(layer.n // 2, maps[0])
    return 0, 0


def _halves(name: str, layer: Layer, maps: tuple[int, int]) -> tuple[Layer, Layer]:
    """Return a layer's two halves, with half the parameters each."""
    if isinstance(layer, Dropout):
        half = copy(layer)
        half.state = dict(layer.state)
        return half, SecondDropout(layer, maps)
    if isinstance(layer, LocalResponseNormalization):
        first, second = copy(layer), copy(layer)
        first.groups = second.groups = 1
        return first, second
    if isinstance(layer, MAP_BY_MAP):
        return copy(layer), copy(layer)
    if not isinstance(layer, Convolution2D | FullyConnected):
        raise ValueError(
            f"{name}: expected a layer that can be split between two towers, "
            f"got {type(layer).__name__}"
        )
    kernels = len(layer.params["b"])
    if kernels < 2:
        raise ValueError(
            f"{name}: expected a kernel for each tower, got {kernels} in all"
        )
    border = (kernels + 1) // 2
    return _some(layer, slice(0, border)), _some(layer, slice(border, None))


def _some(layer: Convolution2D | FullyConnected, kernels: slice) -> Layer:
    """Return a layer of some of the kernels, which are copied."""
    some = copy(layer)
    some.params = {k: to_numpy(v)[kernels].copy() for k, v in layer.params.items()}
    some.grads = {}
    if isinstance(some, FullyConnected):
        some.out_features = len(some.params["b"])
    else:
        some.in_channels //= some.groups
        some.out_channels, some.groups = len(some.params["b"]), 1
    return some
