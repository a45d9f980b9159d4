"""Convolution as im2col and one matrix product a group."""

from __future__ import annotations

from ..backend import Array, get_array_module
from ..im2col import Pair, batches, col2im, im2col, output_size, pair
from ..initializers import Constant, Initializer, Normal, Seed, draw
from .base import Layer, Shape

__all__ = ["Convolution2D"]


class Convolution2D(Layer):
    """Two-dimensional convolution (Krizhevsky et al. 2012, section 3.5).

    y[n, f, oh, ow] = b[f] + sum over c, kh, kw of
    W[f, c, kh, kw] * x[n, c, oh * stride + kh - padding, ow * stride + kw - padding],

    a correlation, as in every network code: the kernel is not turned. With `groups`
    of 2 the first half of the kernels sees the first half of the channels, the second
    the second: what the paper's two GPUs do between two exchanges.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F, both divisible by `groups`.
    kernel_size, stride, padding : int or pair of int
        In pixels, height first.
    groups : int
    ceil_mode : bool
        Count outputs as the 2012 code does, see `minialexnet.im2col.output_size`.
    weight, bias : callable (shape, numpy.random.Generator) -> ndarray
        How W, (F, C/groups, KH, KW), and b, (F,), begin.
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> conv1 = Convolution2D(3, 96, kernel_size=11, stride=4, ceil_mode=True)
    >>> conv1.forward(np.zeros((1, 3, 224, 224), np.float32)).shape
    (1, 96, 55, 55)
    """

    kind = "conv"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        groups: int = 1,
        ceil_mode: bool = False,
        *,
        weight: Initializer = Normal(0.01),
        bias: Initializer = Constant(0),
        seed: Seed = 0,
    ) -> None:
        super().__init__()
        pair((in_channels, out_channels), "in_channels and out_channels")
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"expected groups to divide {in_channels} input and {out_channels} "
                f"output channels, got {groups}"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = pair(stride, "stride")
        self.padding = pair(padding, "padding", 0)
        self.groups, self.ceil_mode = groups, ceil_mode
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.params = draw({"W": (weight, shape), "b": (bias, (out_channels,))}, seed)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (F, OH, OW) for an input of (C, H, W)."""
        if len(shape) != 3 or shape[0] != self.in_channels:
            got = shape[0] if len(shape) == 3 else f"shape {shape}"
            raise ValueError(
                f"Convolution2D expected {self.in_channels} input channels, got {got}"
            )
        geometry = zip(
            shape[1:], self.kernel_size, self.stride, self.padding, strict=True
        )
        sizes = (output_size(*axis, self.ceil_mode) for axis in geometry)
        return (self.out_channels, *sizes)

    def multiply_adds(self, shape: Shape) -> int:
        """Return OH * OW * F * C/groups * KH * KW."""
        _, OH, OW = self.output_shape(shape)
        return OH * OW * int(self.params["W"].size)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, F, OH, OW), for x, (N, C, H, W)."""
        self._check_input(x, axes=4)
        xp = get_array_module(x, self.params["W"])
        N = x.shape[0]
        F, OH, OW = self.output_shape(x.shape[1:])
        W = self._kernels_as_rows()  # (F, KH*KW*C/groups)
        y = xp.empty((N, OH, OW, F), xp.result_type(x, W, self.params["b"]))
        for part in self._parts(x, OH * OW):
            for channels, kernels in self._groups():
                col = self._im2col(x[part, channels])  # (n*OH*OW, KH*KW*C/groups)
                product = col @ W[kernels].T  # (n*OH*OW, F/groups)
                y[part, ..., kernels] = product.reshape(-1, OH, OW, F // self.groups)
            y[part] += self.params["b"]
        self._x, self._y_shape = x, (N, F, OH, OW)
        return y.transpose(0, 3, 1, 2)  # (N, F, OH, OW)

    def backward(self, dy: Array) -> Array | None:
        """Return dx, (N, C, H, W), and write dW and db.

        With y = col W^T: dW = dy^T col, dcol = dy W, and dx = col2im(dcol). The rows
        of col are built again rather than kept: the copy is a few per cent of the
        product, and kept they would take KH*KW times the memory of x.
        """
        self._check_gradient(dy)
        get_array_module(dy, self.params["W"])
        # dW, db
        self.grads = {"W": self._weight_gradient(dy), "b": dy.sum(axis=(0, 2, 3))}
        # dx
        if not self.needs_dx:
            return None
        if self.stride == (1, 1) and all(
            p < k for p, k in zip(self.padding, self.kernel_size, strict=True)
        ):
            return self._dx_by_turned_kernels(dy)
        return self._dx_by_col2im(dy)

    def _weight_gradient(self, dy: Array) -> Array:
        xp = get_array_module(dy)
        x, (_, F, OH, OW) = self._x, dy.shape
        W_shape = (F, self.params["W"][0].size)
        dW = xp.zeros(W_shape, xp.result_type(x, dy))  # (F, KH*KW*C/groups)
        for part in self._parts(x, OH * OW):
            for channels, kernels in self._groups():
                rows = self._as_rows(dy[part, kernels])  # (n*OH*OW, F/groups)
                dW[kernels] += rows.T @ self._im2col(x[part, channels])
        return self._rows_as_kernels(dW)

    def _dx_by_col2im(self, dy: Array) -> Array:
        xp = get_array_module(dy)
        W = self._kernels_as_rows()  # (F, KH*KW*C/groups)
        dx = xp.empty_like(self._x, dtype=xp.result_type(dy, W))
        for part in self._parts(dx, dy[0, 0].size):
            for channels, kernels in self._groups():
                dcol = self._as_rows(dy[part, kernels]) @ W[kernels]
                dx[part, channels] = self._col2im(dcol, dx[part, channels].shape)
        return dx

    def _dx_by_turned_kernels(self, dy: Array) -> Array:
        """Return dx as the convolution that it is where the stride is 1.

        Pixel i collects dy[i + padding - k] W[k] over k, which is a convolution of dy
        with the kernels turned half round. It copies windows where col2im adds them
        up, which is the faster where the channels are few.
        """
        xp = get_array_module(dy)
        W = self.params["W"]
        C, F = self.in_channels, self.out_channels
        split = W.reshape(self.groups, F // self.groups, *W.shape[1:])
        turned = split.swapaxes(1, 2)[..., ::-1, ::-1].reshape(C, -1, *W.shape[2:])
        (KH, KW), (PH, PW) = self.kernel_size, self.padding
        zeros = xp.zeros(C, W.dtype)
        dx = type(self)(
            *(F, C, self.kernel_size),
            padding=(KH - 1 - PH, KW - 1 - PW),
            groups=self.groups,
            weight=lambda *_: turned,
            bias=lambda *_: zeros,
        ).forward(dy)
        # With ceil_mode a picture may be smaller than the kernel that hangs over it.
        return dx[:, :, : self._x.shape[2], : self._x.shape[3]]

    def _kernels_as_rows(self) -> Array:
        W = self.params["W"]  # (F, C/groups, KH, KW)
        return W.transpose(0, 2, 3, 1).reshape(self.out_channels, -1)

    def _rows_as_kernels(self, rows: Array) -> Array:
        last = (*self.kernel_size, self.in_channels // self.groups)
        return rows.reshape(-1, *last).transpose(0, 3, 1, 2)  # (F, C/groups, KH, KW)

    def _as_rows(self, dy: Array) -> Array:
        return dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])  # (N*OH*OW, F)

    def _groups(self) -> list[tuple[slice, slice]]:
        C, F = self.in_channels // self.groups, self.out_channels // self.groups
        return [
            (slice(g * C, (g + 1) * C), slice(g * F, (g + 1) * F))
            for g in range(self.groups)
        ]

    def _parts(self, x: Array, windows: int) -> list[slice]:
        row = self.params["W"][0].size * x.dtype.itemsize
        return list(batches(x.shape[0], windows * row, get_array_module(x)))

    def _im2col(self, x: Array) -> Array:
        return im2col(x, self.kernel_size, self.stride, self.padding, self.ceil_mode)

    def _col2im(self, col: Array, x_shape: tuple[int, int, int, int]) -> Array:
        return col2im(
            col, x_shape, self.kernel_size, self.stride, self.padding, self.ceil_mode
        )
