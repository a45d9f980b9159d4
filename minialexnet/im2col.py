"""Convolution's windows laid out as the rows of a matrix, and its adjoint.

Notation, here and in the layers: N images, C channels, H x W pixels, a kernel of
KH x KW, an output of OH x OW. Arrays are N, C, H, W by index. In memory the layers
keep C innermost ("channels last"), so that the C * KW numbers of one kernel row are
neighbours and a window is copied in KH runs.
"""

from .engine.arrays import Array, get_array_module
from .engine.twin import twin
from .windows import Pair, Windows


@twin
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
        See `minialexnet.windows.output_size`. What lies outside the image reads 0.

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
    windows = Windows.of(kernel_size, stride, padding, ceil_mode)
    (KH, KW), (SH, SW), (PH, PW), _ = windows
    N, C, H, W = x.shape
    OH, OW = windows.output_size(H, W)
    # All that the windows can see, zeros where they look past the image.
    HP = max((OH - 1) * SH + KH, PH + H)
    WP = max((OW - 1) * SW + KW, PW + W)
    image = xp.zeros((N, HP, WP, C), x.dtype)
    image[:, PH : PH + H, PW : PW + W] = x.transpose(0, 2, 3, 1)
    # Window (oh, ow) begins at pixel (oh * SH, ow * SW); no number is copied yet.
    n, h, w, c = image.strides
    view = xp.lib.stride_tricks.as_strided(
        image, (N, OH, OW, KH, KW, C), (n, h * SH, w * SW, h, w, c)
    )
    return view.reshape(N * OH * OW, KH * KW * C)


@twin
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
    windows = Windows.of(kernel_size, stride, padding, ceil_mode)
    N, C, H, W = x_shape
    (KH, KW), (OH, OW) = windows.kernel_size, windows.output_size(H, W)
    col = col.reshape(N, OH, OW, KH, KW, C)
    dx = xp.zeros((N, H, W, C), col.dtype)
    for kh, kw, out, pixels in windows.taps((H, W), (OH, OW)):
        dx[:, *pixels] += col[:, *out, kh, kw]
    return dx.transpose(0, 3, 1, 2)  # (N, C, H, W)
