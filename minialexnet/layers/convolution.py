"""Convolution as im2col and one matrix product a group."""

from ..engine.arrays import Array, get_array_module
from ..engine.groups import images_by_group, kernels_by_group, outputs_by_group
from ..engine.twin import twin
from ..im2col import col2im, im2col
from ..initializers import Constant, Initializer, Normal, Seed, draw
from ..windows import Pair, Windows, pair
from .base import Shape
from .kernels import columns_of, kernels_of, rows_of
from .refuse import takes, takes_gradient
from .refuse_numbers import whole
from .turned import or_by_turned_kernels
from .windowed import WindowedLayer

__all__ = ["Convolution2D", "channel_sum"]


@twin
@outputs_by_group()
def convolve(x: Array, W: Array, b: Array, windows: Windows, out: Array) -> None:
    """Write y = col W + b, (N, OH, OW, F); the columns of W are the kernels."""
    col = im2col(x, *windows)  # (N*OH*OW, KH*KW*C)
    y = out.reshape(len(col), -1)  # (N*OH*OW, F), the memory of out
    get_array_module(x).matmul(col, W, out=y)
    y += b


@twin
@kernels_by_group()
def kernel_gradient(x: Array, dy: Array, windows: Windows) -> Array:
    """Return dW = dy^T col, (F, KH*KW*C)."""
    rows = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])  # (N*OH*OW, F)
    return rows.T @ im2col(x, *windows)


@twin
@or_by_turned_kernels(convolve)
@images_by_group()
def image_gradient(dy: Array, W: Array, x: Array, windows: Windows) -> Array:
    """Return dx = col2im(dy W), (N, C, H, W); the rows of W are the kernels."""
    rows = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])  # (N*OH*OW, F)
    dcol = rows @ W  # (N*OH*OW, KH*KW*C)
    return col2im(dcol, x.shape, *windows)


@twin
def channel_sum(dy: Array) -> Array:
    """Return db, (F,): b is added at every place of y, so all of them are summed."""
    return dy.sum(axis=(0, 2, 3))


class Convolution2D(WindowedLayer):
    """Two-dimensional convolution (Krizhevsky et al. 2012, section 3.5).

    y[n, f, oh, ow] = b[f] + sum over c, kh, kw of
    W[f, c, kh, kw] * x[n, c, oh * stride + kh - padding, ow * stride + kw - padding],

    a correlation, as in every network code: the kernel is not turned. With `groups`
    of 2 each half of the kernels sees its half of the channels, as on the paper's two
    GPUs between two exchanges.

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
        Layers of one seed begin with the same numbers; give each its own.

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
        channels = pair((in_channels, out_channels), "in_channels and out_channels")
        in_channels, out_channels = self.in_channels, self.out_channels = channels
        self.groups = groups = whole(groups, "groups")
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"expected groups to divide {in_channels} input and {out_channels} "
                f"output channels, got {groups}"
            )
        self.windows = Windows.of(kernel_size, stride, padding, ceil_mode)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.params = draw({"W": (weight, shape), "b": (bias, (out_channels,))}, seed)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (F, OH, OW) for an input of (C, H, W)."""
        if len(shape) != 3 or shape[0] != self.in_channels:
            raise ValueError(
                f"Convolution2D expected {self.in_channels} input channels, got "
                f"{shape[0] if len(shape) == 3 else f'shape {shape}'}"
            )
        return (self.out_channels, *self.windows.output_size(*shape[1:]))

    def multiply_adds(self, shape: Shape) -> int:
        """Return OH * OW * F * C/groups * KH * KW."""
        _, OH, OW = self.output_shape(shape)
        return OH * OW * int(self.params["W"].size)

    @takes("(N, C, H, W)")
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, F, OH, OW), for x, (N, C, H, W)."""
        self._x = x
        W, b = columns_of(self.params["W"]), self.params["b"]
        return convolve(x, W, b, self.windows, self.groups)

    @takes_gradient
    def backward(self, dy: Array) -> Array | None:
        """Return dx, (N, C, H, W), and write dW and db.

        im2col's rows are built again, not kept: they take KH*KW / (SH*SW) times x.
        """
        x, W, windows, groups = self._x, self.params["W"], self.windows, self.groups
        # dW
        dW = get_array_module(dy).concatenate(kernel_gradient(x, dy, windows, groups))
        # db
        db = channel_sum(dy)
        self.grads = {"W": kernels_of(dW, W.shape), "b": db}
        # dx
        if not self.needs_dx:
            return None
        return image_gradient(dy, rows_of(W), x, windows, groups)
