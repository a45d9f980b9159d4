"""Convolution as im2col and one matrix product a group."""

from __future__ import annotations

from ..engine import kernels as gpu
from ..engine.arrays import Array, get_array_module
from ..engine.memory import empty, empty_like
from ..engine.parts import batches
from ..im2col import col2im, im2col
from ..initializers import Constant, Initializer, Normal, Seed, draw
from ..windows import Pair, output_size, pair
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
        Count outputs as the 2012 code does, see `minialexnet.windows.output_size`.
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
        F, OH, OW = self.output_shape(x.shape[1:])
        y = self._convolve(x, self.params["W"], self.params["b"], self.padding)
        self._x, self._y_shape = x, (len(x), F, OH, OW)
        return y

    def backward(self, dy: Array) -> Array | None:
        """Return dx, (N, C, H, W), and write dW and db.

        With y = col W^T: dW = dy^T col, dcol = dy W, and dx = col2im(dcol). The rows
        of col are built again rather than kept, since they would take KH*KW times the
        memory of x.
        """
        self._check_gradient(dy)
        get_array_module(dy, self.params["W"])
        # dW
        dW = self._weight_gradient(dy)
        # db
        db = gpu.channel_sum(dy) if gpu.fit(dy) else dy.sum(axis=(0, 2, 3))
        self.grads = {"W": dW, "b": db}
        # dx
        return self._dx(dy) if self.needs_dx else None

    def _convolve(
        self, x: Array, W: Array, b: Array, padding: tuple[int, int]
    ) -> Array:
        """Return x convolved with W in this layer's groups, plus b, (N, F, OH, OW)."""
        xp = get_array_module(x, W)
        window = (self.kernel_size, self.stride, padding, self.ceil_mode)
        F, columns = len(W), self._kernels_as_rows(W).T.copy()  # (KH*KW*C/groups, F)
        (KH, KW), (SH, SW), (PH, PW), ceil = window
        OH = output_size(x.shape[2], KH, SH, PH, ceil)
        OW = output_size(x.shape[3], KW, SW, PW, ceil)
        y = empty(xp, (len(x), OH, OW, F), xp.result_type(x, W, b))
        for part in self._parts(x, OH * OW * len(columns)):
            rows = y[part].reshape(-1, F)  # (n*OH*OW, F), the memory of y
            for channels, kernels in self._groups(x.shape[1], F):
                col = im2col(x[part, channels], *window)  # (n*OH*OW, KH*KW*C/groups)
                xp.matmul(col, columns[:, kernels], out=rows[:, kernels])
            rows += b
        return y.transpose(0, 3, 1, 2)  # (N, F, OH, OW)

    def _weight_gradient(self, dy: Array) -> Array:
        """Return dW, (F, C/groups, KH, KW)."""
        xp = get_array_module(dy)
        x, (_, F, OH, OW) = self._x, dy.shape
        window = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        K = self.params["W"][0].size
        dW = xp.zeros((F, K), xp.result_type(x, dy))  # (F, KH*KW*C/groups)
        for part in self._parts(x, OH * OW * K):
            for channels, kernels in self._groups(self.in_channels, F):
                rows = self._as_rows(dy[part, kernels])  # (n*OH*OW, F/groups)
                dW[kernels] += rows.T @ im2col(x[part, channels], *window)
        last = (*self.kernel_size, self.in_channels // self.groups)
        return dW.reshape(F, *last).transpose(0, 3, 1, 2)  # (F, C/groups, KH, KW)

    def _dx(self, dy: Array) -> Array:
        """Return dx by the faster of two ways.

        Adding up windows takes about as long as a matrix product with 30 kernels,
        copying windows a tenth of that; but the turned kernels make thinner products.
        """
        narrow = all(p < k for p, k in zip(self.padding, self.kernel_size, strict=True))
        if self.stride == (1, 1) and narrow and self.out_channels // self.groups <= 64:
            return self._dx_by_turned_kernels(dy)
        return self._dx_by_col2im(dy)

    def _dx_by_col2im(self, dy: Array) -> Array:
        """Return dx as the sum, over the windows, of what each holds for a pixel."""
        xp = get_array_module(dy)
        window = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        W = self._kernels_as_rows(self.params["W"])  # (F, KH*KW*C/groups)
        dx = empty_like(self._x, xp.result_type(dy, W))
        pixels = dx.transpose(0, 2, 3, 1)  # (N, H, W, C), which CuPy copies as it lies
        for part in self._parts(dx, dy[0, 0].size * W.shape[1]):
            for channels, kernels in self._groups(self.in_channels, len(W)):
                dcol = self._as_rows(dy[part, kernels]) @ W[kernels]
                found = col2im(dcol, dx[part, channels].shape, *window)
                pixels[part, ..., channels] = found.transpose(0, 2, 3, 1)
        return dx

    def _dx_by_turned_kernels(self, dy: Array) -> Array:
        """Return dx as the convolution that it is where the stride is 1.

        Pixel i collects dy[i + padding - k] W[k] over k, which is a convolution of dy
        with the kernels turned half round. It copies windows where col2im adds them up.
        """
        W = self.params["W"]
        (KH, KW), (PH, PW) = self.kernel_size, self.padding
        # (groups, F/groups, C/groups, KH, KW) to (groups, C/groups, F/groups, KH, KW)
        split = W.reshape(self.groups, -1, *W.shape[1:])
        turned = split.swapaxes(1, 2)[..., ::-1, ::-1]
        turned = turned.reshape(self.in_channels, -1, KH, KW)  # (C, F/groups, KH, KW)
        zeros = get_array_module(W).zeros(self.in_channels, W.dtype)
        dx = self._convolve(dy, turned, zeros, (KH - 1 - PH, KW - 1 - PW))
        # With ceil_mode a picture may be smaller than the kernel that hangs over it.
        return dx[:, :, : self._x.shape[2], : self._x.shape[3]]

    def _kernels_as_rows(self, W: Array) -> Array:
        return W.transpose(0, 2, 3, 1).reshape(len(W), -1)  # (F, KH*KW*C/groups)

    def _as_rows(self, dy: Array) -> Array:
        return dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])  # (N*OH*OW, F)

    def _groups(self, channels: int, kernels: int) -> list[tuple[slice, slice]]:
        C, F = channels // self.groups, kernels // self.groups
        return [
            (slice(g * C, (g + 1) * C), slice(g * F, (g + 1) * F))
            for g in range(self.groups)
        ]

    def _parts(self, x: Array, numbers: int) -> list[slice]:
        size, kernels = x.dtype.itemsize, int(self.params["W"].nbytes)
        return list(batches(len(x), numbers * size, get_array_module(x), kernels))
