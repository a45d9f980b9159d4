"""Windows of an image laid out as the rows of a matrix, and the way back.

Notation, here and in the layers: N images, C channels, H x W pixels, a kernel of
KH x KW, an output of OH x OW. Arrays are N, C, H, W by index. In memory the layers
keep C innermost ("channels last"), so that the C * KW numbers of one kernel row are
neighbours and a window is copied in KH runs.
"""

from __future__ import annotations

from .engine import kernels as gpu
from .engine.arrays import Array, get_array_module
from .windows import Pair, output_size, pair, taps

__all__ = ["col2im", "im2col"]


def im2col(
    x: Array,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    ceil_mode: bool = False,
) -> Array:
    """Lay the windows of images out as the rows of a matrix.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding : int or pair of int
        In pixels, height first.
    ceil_mode : bool
        See `output_size`. What lies outside the image reads 0.

    Returns
    -------
    ndarray, shape (N*OH*OW, KH*KW*C)
        One row for each window, the C channels of a pixel side by side.

    Examples
    --------
    >>> import numpy as np
    >>> im2col(np.arange(9.0).reshape(1, 1, 3, 3), 2)[0].tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    xp = get_array_module(x)
    N, C, H, W = x.shape
    KH, KW = pair(kernel_size, "kernel_size")
    SH, SW = pair(stride, "stride")
    PH, PW = pair(padding, "padding", 0)
    OH = output_size(H, KH, SH, PH, ceil_mode)
    OW = output_size(W, KW, SW, PW, ceil_mode)
    if gpu.fit(x):
        return gpu.im2col(x, (OH, OW), ((KH, KW), (SH, SW), (PH, PW)))
    # All that the windows can see, zeros where they look past the image.
    HP = max((OH - 1) * SH + KH, PH + H)
    WP = max((OW - 1) * SW + KW, PW + W)
    image = xp.zeros((N, HP, WP, C), x.dtype)
    image[:, PH : PH + H, PW : PW + W] = x.transpose(0, 2, 3, 1)
    n, h, w, c = image.strides
    windows = xp.lib.stride_tricks.as_strided(
        image, (N, OH, OW, KH, KW, C), (n, h * SH, w * SW, h, w, c)
    )
    return windows.reshape(N * OH * OW, KH * KW * C)


def col2im(
    col: Array,
    x_shape: tuple[int, int, int, int],
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    ceil_mode: bool = False,
) -> Array:
    """Add the rows of a matrix back into the windows that they came from.

    The adjoint of `im2col`: <im2col(x), col> = <x, col2im(col)>. A pixel that several
    windows see collects the sum of what each holds for it.

    Parameters
    ----------
    col : ndarray, shape (N*OH*OW, KH*KW*C)
    x_shape : (N, C, H, W)
    kernel_size, stride, padding, ceil_mode
        As for `im2col`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
    """
    xp = get_array_module(col)
    N, C, H, W = x_shape
    KH, KW = pair(kernel_size, "kernel_size")
    SH, SW = pair(stride, "stride")
    PH, PW = pair(padding, "padding", 0)
    OH = output_size(H, KH, SH, PH, ceil_mode)
    OW = output_size(W, KW, SW, PW, ceil_mode)
    if gpu.fit(col):
        windows = (KH, KW), (SH, SW), (PH, PW)
        return gpu.col2im(col, x_shape, (OH, OW), windows)
    windows = col.reshape(N, OH, OW, KH, KW, C)
    dx = xp.zeros((N, H, W, C), col.dtype)
    for kh, kw, out, pixels in taps((H, W), (OH, OW), (KH, KW), (SH, SW), (PH, PW)):
        dx[:, *pixels] += windows[:, *out, kh, kw]
    return dx.transpose(0, 3, 1, 2)
