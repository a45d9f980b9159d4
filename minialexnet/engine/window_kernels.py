"""What the layers with windows compute on a GPU by kernels of our own.

As in kernels.py each function has the name and the arguments of a plain function:

    max_pooling, max_pooling_backward           layers/max_pooling.py
    average_pooling, average_pooling_backward   layers/average_pooling.py
    im2col, col2im                              im2col.py
"""

from ..windows import Pair, Windows
from .arrays import Array, get_array_module
from .launch import by_channel, in_memory, rows, window_sizes


def max_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
    return _to_windows("max_pooling", x, windows)


def max_pooling_backward(x: Array, y: Array, dy: Array, windows: Windows) -> Array:
    """Return dx, (N, C, H, W)."""
    arrays = in_memory(x), in_memory(y), in_memory(dy)
    return _to_pixels("max_pooling_backward", arrays, dy, x.shape[2:], windows)


def average_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
    return _to_windows("average_pooling", x, windows)


def average_pooling_backward(
    dy: Array, image: tuple[int, int], windows: Windows
) -> Array:
    """Return dx, (N, C, H, W), H and W those of `image`."""
    arrays = (in_memory(dy),)
    return _to_pixels("average_pooling_backward", arrays, dy, image, windows)


def _to_windows(name: str, x: Array, windows: Windows) -> Array:
    """Return what a kernel makes of each window of x, (N, C, OH, OW)."""
    N, C, H, W = x.shape
    OH, OW = windows.output_size(H, W)
    x = in_memory(x)
    xp = get_array_module(x)
    y = xp.empty((N, OH, OW, C), x.dtype)
    sizes = window_sizes(xp, C, (H, W), (OH, OW), windows)
    rows(name, y, OW * C, x, y, *sizes)
    return by_channel(y)


def _to_pixels(
    name: str,
    arrays: tuple[Array, ...],
    dy: Array,
    image: tuple[int, int],
    windows: Windows,
) -> Array:
    """Return what a kernel collects for each pixel from its windows, (N, C, H, W)."""
    xp = get_array_module(dy)
    N, C, OH, OW = dy.shape
    H, W = image
    dx = xp.empty((N, H, W, C), dy.dtype)
    sizes = window_sizes(xp, C, image, (OH, OW), windows)
    rows(name, dx, W * C, *arrays, dx, *sizes)
    return by_channel(dx)


def im2col(
    x: Array,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    ceil_mode: bool = False,
) -> Array:
    """Return the windows of x as rows, (N*OH*OW, KH*KW*C).

    x may be some channels of a wider array, which are read where they lie.
    """
    windows = Windows.of(kernel_size, stride, padding, ceil_mode)
    xp = get_array_module(x)
    N, C, H, W = x.shape
    if C > 1 and x.strides[1] != x.dtype.itemsize:  # the channels are not neighbours
        x = by_channel(in_memory(x))
    (KH, KW), (OH, OW) = windows.kernel_size, windows.output_size(H, W)
    columns = KH * KW * C
    col = xp.empty((N, OH, OW * columns), x.dtype)
    strides = (x.strides[axis] // x.dtype.itemsize for axis in (0, 2, 3))
    sizes = window_sizes(xp, C, (H, W), (OH, OW), windows)
    rows("im2col", col, OW * columns, x, col, *strides, *sizes)
    return col.reshape(N * OH * OW, columns)


def col2im(
    col: Array,
    x_shape: tuple[int, int, int, int],
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    ceil_mode: bool = False,
) -> Array:
    """Return, for each pixel, the sum of what the windows hold for it, (N, C, H, W)."""
    windows = Windows.of(kernel_size, stride, padding, ceil_mode)
    xp = get_array_module(col)
    N, C, H, W = x_shape
    dx = xp.empty((N, H, W, C), col.dtype)
    sizes = window_sizes(xp, C, (H, W), windows.output_size(H, W), windows)
    rows("col2im", dx, W * C, xp.ascontiguousarray(col), dx, *sizes)
    return by_channel(dx)
