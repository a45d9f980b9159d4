"""Overlapping pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..engine import kernels as gpu
from ..engine.arrays import Array, get_array_module
from ..engine.memory import empty_like
from ..engine.parts import batches
from ..windows import Pair, output_size, pair, taps
from .base import Layer, Shape

__all__ = ["AveragePooling2D", "MaxPooling2D"]


class _Pooling2D(Layer):
    """What the two poolings share: their geometry, and how they walk over it."""

    kind = "pool"

    def __init__(
        self,
        kernel_size: Pair = 3,
        stride: Pair = 2,
        padding: Pair = 0,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = pair(stride, "stride")
        self.padding = pair(padding, "padding", 0)
        self.ceil_mode = ceil_mode
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"expected padding of at most half the kernel {self.kernel_size}, "
                f"got {self.padding}: a window could see nothing but padding"
            )

    @property
    def _windows(self) -> tuple[tuple[int, int], ...]:
        return self.kernel_size, self.stride, self.padding

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, OH, OW) for an input of (C, H, W)."""
        if len(shape) != 3:
            name = type(self).__name__
            raise ValueError(f"{name} expected an input (C, H, W), got shape {shape}")
        geometry = zip(
            shape[1:], self.kernel_size, self.stride, self.padding, strict=True
        )
        sizes = (output_size(*axis, self.ceil_mode) for axis in geometry)
        return (shape[0], *sizes)

    def _check(self, x: Array) -> Shape:
        """Return the shape of the output for x, (N, C, OH, OW)."""
        self._check_input(x, axes=4)
        self._x_shape = x.shape
        shape = self._y_shape = (x.shape[0], *self.output_shape(x.shape[1:]))
        return shape

    def _empty_output(self, x: Array, value: float) -> Array:
        """Return an output filled with `value`, channels last in memory."""
        N, C, OH, OW = self._check(x)
        y = get_array_module(x).full((N, OH, OW, C), value, x.dtype)
        return y.transpose(0, 3, 1, 2)  # (N, C, OH, OW)

    def _taps(self, x_shape: Shape) -> list[tuple[tuple[slice, ...], ...]]:
        """Return, for each place in the window, (slices of y, slices of x)."""
        _, OH, OW = self.output_shape(x_shape[1:])
        size = (x_shape[2], x_shape[3])
        places = taps(size, (OH, OW), self.kernel_size, self.stride, self.padding)
        return [(out, pixels) for _, _, out, pixels in places]

    def _parts(self, x: Array) -> Iterator[slice]:
        return batches(len(x), 2 * x[0].size * x.dtype.itemsize, get_array_module(x))


class MaxPooling2D(_Pooling2D):
    """Overlapping max pooling (Krizhevsky et al. 2012, section 3.4).

    y[n, c, oh, ow] = the largest x in the window of z x z pixels, the windows s
    pixels apart; the paper's z = 3 is `kernel_size`, its s = 2 is `stride`. Padding
    never wins: a window's maximum is over the pixels that exist.

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of int
        In pixels, height first; padding at most half the kernel.
    ceil_mode : bool
        Count a last window that hangs over the edge, as the 2012 code does.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPooling2D(3, 2).forward(np.zeros((1, 96, 55, 55))).shape
    (1, 96, 27, 27)
    """

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
        self._x, self._winner = x, None
        if gpu.fit(x):
            shape = self._check(x)
            self._y, self._winner = gpu.max_pooling(x, shape, self._windows)
            return self._y
        y = self._empty_output(x, -float("inf"))
        xp = get_array_module(x)
        for part in self._parts(x):
            for out, pixels in self._taps(x.shape):
                seen = y[part, :, *out]
                xp.maximum(seen, x[part, :, *pixels], out=seen)
        self._y = y
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx: each dy goes to the pixel that won its window.

        Of several equal winners the first in reading order takes it, once.
        """
        self._check_gradient(dy)
        if self._winner is not None and gpu.fit(dy):
            won = self._winner
            return gpu.max_pooling_backward(won, dy, self._x_shape, self._windows)
        xp = get_array_module(dy)
        x, y = self._x, self._y
        dx = empty_like(x, dy.dtype)
        # dx
        for part in self._parts(x):
            dx[part] = 0
            left = xp.empty_like(y[part], dtype=dy.dtype)
            left[...] = dy[part]  # in the layout of y
            for out, pixels in self._taps(x.shape):
                won = x[part, :, *pixels] == y[part, :, *out]
                taken = left[:, :, *out] * won
                dx[part, :, *pixels] += taken
                left[:, :, *out] -= taken
        return dx


class AveragePooling2D(_Pooling2D):
    """Overlapping average pooling.

    y[n, c, oh, ow] = the mean of x over the pixels of the window that exist, as the
    2012 code averages: padding counts neither in the sum nor in the number.

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of int
        In pixels, height first; padding at most half the kernel.
    ceil_mode : bool
        Count a last window that hangs over the edge, as the 2012 code does.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones((1, 1, 4, 4))
    >>> AveragePooling2D(3, 2, ceil_mode=True).forward(x).tolist()
    [[[[1.0, 1.0], [1.0, 1.0]]]]
    """

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
        if gpu.fit(x):
            return gpu.average_pooling(x, self._check(x), self._windows)
        y = self._empty_output(x, 0)
        xp = get_array_module(x)
        count = self._count(xp, x.real.dtype)
        for part in self._parts(x):
            for out, pixels in self._taps(x.shape):
                y[part, :, *out] += x[part, :, *pixels]
            y[part] /= count
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx: each pixel of a window takes dy / (number of its pixels)."""
        self._check_gradient(dy)
        if gpu.fit(dy):
            return gpu.average_pooling_backward(dy, self._x_shape, self._windows)
        xp = get_array_module(dy)
        count = self._count(xp, dy.real.dtype)
        N, C, H, W = self._x_shape
        dx = xp.zeros((N, H, W, C), dy.dtype).transpose(0, 3, 1, 2)  # (N, C, H, W)
        # dx
        for part in self._parts(dx):
            share = dy[part] / count
            for out, pixels in self._taps(dx.shape):
                dx[part, :, *pixels] += share[:, :, *out]
        return dx

    def _count(self, xp: Any, dtype: Any) -> Array:
        """Return how many pixels each window sees, (OH, OW)."""
        count = xp.zeros(self.output_shape(self._x_shape[1:])[1:], dtype)
        for out, _ in self._taps(self._x_shape):
            count[out] += 1
        return count
