"""What the layers with windows compute on a GPU by kernels of our own.

As in kernels.py each function has the name and the arguments of a plain function:

    max_pooling, max_pooling_backward           layers/max_pooling.py
    average_pooling, average_pooling_backward   layers/average_pooling.py
    im2col, col2im                              im2col.py
"""

from typing import Any

from ..windows import Windows
from .arrays import Array, get_array_module
from .launch import by_channel, each_window, in_memory, rows, window_sizes

PACK = 16  # bytes that a thread reads at once


def max_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
    return _to_windows("max_pooling", x, windows)


def max_pooling_backward(x: Array, y: Array, dy: Array, windows: Windows) -> Array:
    """Return dx, (N, C, H, W)."""
    arrays = in_memory(x), in_memory(y), in_memory(dy)
    return _to_pixels("max_pooling_backward", arrays, x.shape, windows)


def average_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
    return _to_windows("average_pooling", x, windows)


def average_pooling_backward(
    dy: Array, image: tuple[int, int], windows: Windows
) -> Array:
    """Return dx, (N, C, H, W), H and W those of `image`."""
    x_shape = *dy.shape[:2], *image
    return _to_pixels("average_pooling_backward", (in_memory(dy),), x_shape, windows)


def im2col(x: Array, *sizes: Any, **more: Any) -> Array:
    """Return the windows of x as rows, (N*OH*OW, KH*KW*C).

    x may be some channels of a wider array, which are read where they lie.
    """
    windows = Windows.of(*sizes, **more)
    KH, KW = windows.kernel_size
    return rows_of_windows(x, windows, KH * KW * x.shape[1])


def rows_of_windows(x: Array, windows: Windows, width: int) -> Array:
    """Return what `im2col` does, each row filled up with zeros to `width` numbers."""
    N, C, H, W = x.shape
    if C > 1 and x.strides[1] != x.dtype.itemsize:  # the channels are not neighbours
        x = by_channel(in_memory(x))
    (_, KW), (OH, OW) = windows.kernel_size, windows.output_size(H, W)
    xp = get_array_module(x)
    col = xp.empty((N, OH, OW * width), x.dtype)
    strides = [x.strides[axis] // x.dtype.itemsize for axis in (0, 2, 3)]
    geometry = window_sizes(col, C, (H, W), windows)
    at_once = PACK // x.dtype.itemsize
    packed = all(step % at_once == 0 for step in (C, width, *strides))
    packed = packed and x.data.ptr % PACK == col.data.ptr % PACK == 0
    name, row = ("im2col_packed", KW * C // at_once) if packed else ("im2col", KW * C)
    arguments = x, col, *strides, xp.int32(width), *geometry
    each_window(name, col, N * OH, OW, row, *arguments)
    return col.reshape(N * OH * OW, width)


def col2im(
    col: Array, x_shape: tuple[int, int, int, int], *sizes: Any, **more: Any
) -> Array:
    """Return, for each pixel, the sum of what the windows hold for it, (N, C, H, W)."""
    col = get_array_module(col).ascontiguousarray(col)
    return _to_pixels("col2im", (col,), x_shape, Windows.of(*sizes, **more))


def _to_windows(name: str, x: Array, windows: Windows) -> Array:
    """Return what a kernel makes of each window of x, (N, C, OH, OW)."""
    N, C, H, W = x.shape
    OH, OW = windows.output_size(H, W)
    x = in_memory(x)
    y = get_array_module(x).empty((N, OH, OW, C), x.dtype)
    rows(name, y, OW * C, x, y, *window_sizes(y, C, (H, W), windows))
    return by_channel(y)


def _to_pixels(
    name: str, arrays: tuple[Array, ...], x_shape: tuple[int, ...], windows: Windows
) -> Array:
    """Return what a kernel collects for each pixel from its windows, (N, C, H, W)."""
    N, C, H, W = x_shape
    dx = get_array_module(*arrays).empty((N, H, W, C), arrays[0].dtype)
    rows(name, dx, W * C, *arrays, dx, *window_sizes(dx, C, (H, W), windows))
    return by_channel(dx)
