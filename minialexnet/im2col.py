"""Windows of an image laid out as the rows of a matrix, and the way back.

Notation, here and in the layers: N images, C channels, H x W pixels, a kernel of
KH x KW, an output of OH x OW. Arrays are N, C, H, W by index. In memory the layers
keep C innermost ("channels last"), so that the C * KW numbers of one kernel row are
neighbours and a window is copied in KH runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import gpu
from .backend import Array, get_array_module

__all__ = ["Pair", "batches", "col2im", "im2col", "output_size", "pair", "taps"]

Pair = int | tuple[int, int]

# What a part of a batch takes, see `batches`. Four megabytes stay in a CPU's cache, and
# a NumPy call on them takes long enough that threads seldom wait for one another at
# Python's interpreter. A GPU wants few, large pieces.
CPU_BYTES, GPU_BYTES = 1 << 22, 1 << 28


def pair(value: Pair, name: str, minimum: int = 1) -> tuple[int, int]:
    """Return `value` as (height, width), whole numbers of at least `minimum`."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(v, int) and v >= minimum for v in both):
        raise ValueError(
            f"expected {name} to be a whole number >= {minimum} or two of them, "
            f"got {value!r}"
        )
    return both[0], both[1]


def output_size(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool = False
) -> int:
    """Return how many windows fit along one axis.

    Parameters
    ----------
    size, kernel, stride, padding : int
        In pixels; `padding` is added on both sides.
    ceil_mode : bool
        Count a last window that hangs over the far edge, as the 2012 code does
        (224 pixels, 11x11 kernel, stride 4: 55 windows, not 54). A window that would
        begin past the edge is never counted.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If not even one window fits.

    Examples
    --------
    >>> output_size(224, 11, 4, 0), output_size(224, 11, 4, 0, ceil_mode=True)
    (54, 55)
    """
    room = size + 2 * padding - kernel
    if room < 0 and not (ceil_mode and size > 0):
        raise ValueError(
            f"expected at least {kernel - 2 * padding} pixels for a kernel of {kernel} "
            f"with padding {padding}, got {size}"
        )
    if not ceil_mode:
        return 1 + room // stride
    count = 1 + max(0, -(-room // stride))
    begins_past_the_edge = (count - 1) * stride - padding >= size
    return count - begins_past_the_edge


def batches(
    N: int, bytes_each: int, xp: object, bytes_shared: int = 0
) -> Iterator[slice]:
    """Cut a batch of N images into slices whose working set suits the device.

    Parameters
    ----------
    N : int
    bytes_each : int
        Working memory that one image takes.
    xp : module
        The array module, from `get_array_module`.
    bytes_shared : int
        Memory that every part reads from the first to the last byte, as it does the
        kernels. A part takes as much itself, so that this reading does not prevail.
    """
    budget = CPU_BYTES if getattr(xp, "__name__", "") == "numpy" else GPU_BYTES
    budget = max(budget, bytes_shared)
    step = max(1, budget // max(1, bytes_each))
    for start in range(0, N, step):
        yield slice(start, min(N, start + step))


def taps(
    image: tuple[int, int],
    output: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
) -> Iterator[tuple[int, int, tuple[slice, slice], tuple[slice, slice]]]:
    """Yield, for each place (kh, kw) in the kernel, which pixels it sees.

    Output (oh, ow) sees at (kh, kw) the pixel (oh * stride + kh - padding, likewise
    for the width). Places where that pixel is padding are left out of the slices, so
    padding is never read and never written.

    Yields
    ------
    kh, kw : int
    out : (slice, slice)
        The rows and columns of the output whose pixel exists.
    pixels : (slice, slice)
        The rows and columns of those pixels, the same number of them.
    """
    for kh in range(kernel[0]):
        rows = _tap(image[0], output[0], kh - padding[0], stride[0])
        for kw in range(kernel[1]):
            columns = _tap(image[1], output[1], kw - padding[1], stride[1])
            yield kh, kw, (rows[0], columns[0]), (rows[1], columns[1])


def _tap(size: int, outputs: int, offset: int, stride: int) -> tuple[slice, slice]:
    first = max(0, -(offset // stride))  # the first o with o * stride + offset >= 0
    last = min(outputs - 1, (size - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return (
        slice(first, last + 1),
        slice(start, start + (last - first) * stride + 1, stride),
    )


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
