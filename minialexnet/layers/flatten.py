"""The flattening before the first fully-connected layer."""

from math import prod

from ..engine.arrays import Array
from .base import Layer, Shape
from .refuse import takes, takes_gradient


class Flatten(Layer):
    """(N, C, H, W) to (N, C*H*W), the channels slowest.

    Examples
    --------
    >>> import numpy as np
    >>> Flatten().forward(np.zeros((2, 256, 6, 6))).shape
    (2, 9216)
    """

    kind = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C*H*W,) for an input of (C, H, W)."""
        return (prod(shape),)

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return x as (N, features)."""
        self._images = x.shape[1:]  # (C, H, W)
        return x.reshape(len(x), -1)  # (N, C*H*W)

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dy in the shape of x."""
        # dx
        return dy.reshape(len(dy), *self._images)  # (N, C, H, W)
