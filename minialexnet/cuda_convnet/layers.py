"""The layer that each type of section stands for."""

from collections.abc import Callable

import numpy as np

from ..initializers import Constant, Normal
from ..layers import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
)
from ..layers.base import Shape
from .contrast import LocalContrastNormalization
from .graph import Node
from .sum import Sum
from .windows import WindowsFrom

__all__ = ["MAX_PARAMETERS", "Beginnings", "make_layer"]

# A file's numbers are not trusted with the machine's memory: 1 GiB in float32, four
# times AlexNet.
MAX_PARAMETERS = 1 << 28


class Beginnings:
    """What the layers of one network begin with, drawn from one seed.

    Parameters
    ----------
    seed : int or None
        With None nothing is drawn, see `minialexnet.initializers.draw`.
    """

    def __init__(self, seed: int | None) -> None:
        self.weights = None if seed is None else np.random.default_rng(seed)
        self.masks = np.random.default_rng([seed or 0, 1])
        self.parameters = 0

    def reserve(self, weights: int) -> None:
        """Count weights before they take memory.

        Raises
        ------
        ValueError
            If they are too many.
        """
        self.parameters += weights
        if self.parameters > MAX_PARAMETERS:
            raise ValueError(
                f"expected at most {MAX_PARAMETERS:,} parameters in all, got "
                f"{self.parameters:,} so far"
            )


def make_layer(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return the layer of a section, given the shapes of its inputs.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    if "channels" in node.values:
        given = node.values["channels"]
        for own, shape in zip(given, shapes, strict=True):
            if len(shape) != 3 or shape[0] != own:
                raise node.section.error(
                    f"expected channels to fit the input, {shape}, got {own}",
                    "channels",
                )
    return MAKERS[node.kind](node, shapes, begin)


def convolution(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return a convolution for each input, summed."""
    v, blocks = node.values, []
    each = ("channels", "filters", "filterSize", "stride", "padding", "groups", "initW")
    for shape, *own in zip(shapes, *(v[key] for key in each), strict=True):
        channels, filters, size, stride, padding, groups, sigma = own
        side = shape[1]
        count = windows_over(node, "filterSize", side + 2 * padding, size, stride)
        if (count - 1) * stride - padding >= side:
            raise node.section.error(
                "expected windows that begin in the picture, got one that begins "
                "beyond it",
                "stride",
            )
        begin.reserve(filters * channels * size**2)
        blocks.append(
            Convolution2D(
                channels,
                filters * groups,
                size,
                stride,
                padding,
                groups,
                ceil_mode=True,
                weight=Normal(sigma),
                bias=Constant(v["initB"]),
                seed=begin.weights,
            )
        )
    return blocks[0] if len(blocks) == 1 else Sum(blocks)


def fully_connected(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return a fully-connected layer for each input, summed."""
    v, blocks = node.values, []
    for (features,), sigma in zip(shapes, v["initW"], strict=True):
        begin.reserve(features * v["outputs"])
        block = FullyConnected(
            features,
            v["outputs"],
            weight=Normal(sigma),
            bias=Constant(v["initB"]),
            seed=begin.weights,
        )
        blocks.append(block)
    return blocks[0] if len(blocks) == 1 else Sum(blocks)


def pooling(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return a pooling, from a start on where it does not cover all."""
    v, side = node.values, shapes[0][1]
    size, stride, start, given = (
        v[key] for key in ("sizeX", "stride", "start", "outputsX")
    )
    count = given or windows_over(node, "sizeX", side - start, size, stride)
    last, key = start + (count - 1) * stride, "outputsX" if given else "stride"
    if last >= side:
        raise node.section.error(
            f"expected {key} to let every window begin below pixel {side}, "
            f"got one at {last}",
            key,
        )
    kind = MaxPooling2D if v["pool"] == "max" else AveragePooling2D
    layer = kind(size, stride, ceil_mode=True)
    if start or given:
        layer.windows = WindowsFrom.begin(size, stride, start, count)
    return layer


def normalization(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return a response or contrast normalisation."""
    k, n, alpha, beta = (node.values[key] for key in ("minDiv", "size", "scale", "pow"))
    if node.kind == "cnorm":
        return LocalContrastNormalization(k, n, alpha, beta, divide_alpha_by_n=True)
    across = "channels" if node.kind == "cmrnorm" else "space"
    return LocalResponseNormalization(k, n, alpha, beta, across, divide_alpha_by_n=True)


def dropout(node: Node, shapes: list[Shape], begin: Beginnings) -> Layer:
    """Return a dropout; hs is the 2012 code's name for it."""
    keep = node.values["keep"]
    if not 0 < keep <= 1:
        raise node.section.error(f"expected keep > 0 and <= 1, got {keep}", "keep")
    return Dropout(1 - keep, seed=int(begin.masks.integers(1 << 63)))


MAKERS: dict[str, Callable[[Node, list[Shape], Beginnings], Layer]] = {
    "conv": convolution,
    "fc": fully_connected,
    "pool": pooling,
    "cmrnorm": normalization,
    "rnorm": normalization,
    "cnorm": normalization,
    "hs": dropout,
}


def windows_over(node: Node, key: str, pixels: int, size: int, stride: int) -> int:
    """Return how many windows cover so many pixels, rounded up."""
    if size > pixels:
        raise node.section.error(
            f"expected {key} <= {pixels}, the pixels there are, got {size}", key
        )
    return 1 + -(-(pixels - size) // stride)
