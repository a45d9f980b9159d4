"""What the layers compute on a GPU by kernels of our own, each in one pass.

On a GPU an array operation costs the time to read and write its arrays, so a body that
is twenty of them takes twenty times as long as it must. CuPy also gives every result in
the order (N, C, H, W), and goes back and forth between that and the channels-last order
in which the layers keep their pictures. The kernels, in ``kernels.cu``, do neither.

Each function here has the name and the arguments of a plain function that computes the
same; `minialexnet.engine.twin` chooses between the two. The plain ones are those to
read; they run on NumPy, on complex numbers, and inside `plain` on CuPy too:

    relu, relu_backward                         layers/activation.py
    response_normalization, ..._backward        layers/lrn.py
    max_pooling, max_pooling_backward           layers/max_pooling.py
    average_pooling, average_pooling_backward   layers/average_pooling.py
    dropout_mask                                layers/dropout.py, philox.py
    im2col, col2im                              im2col.py
    channel_sum                                 layers/convolution.py, db
    momentum_step                               optimizer.py
"""

from __future__ import annotations

from typing import Any

from ..windows import Pair, Windows
from .arrays import Array, get_array_module
from .launch import (
    by_channel,
    flat,
    grid,
    in_memory,
    launch,
    rows,
    window_sizes,
)

__all__ = [
    "average_pooling",
    "average_pooling_backward",
    "channel_sum",
    "col2im",
    "dropout_mask",
    "im2col",
    "max_pooling",
    "max_pooling_backward",
    "momentum_step",
    "relu",
    "relu_backward",
    "response_normalization",
    "response_normalization_backward",
]


ROWS_A_LANE = 64  # rows that one thread of the kernel add_rows adds up


def relu(x: Array) -> Array:
    """Return max(0, x)."""
    x = in_memory(x)
    y = get_array_module(x).empty_like(x)
    flat("relu", x, x, y, x.size)
    return by_channel(y)


def relu_backward(dy: Array, y: Array) -> Array:
    """Return dy where y is positive, else 0."""
    dy, y = in_memory(dy), in_memory(y)
    dx = get_array_module(dy).empty_like(dy)
    flat("relu_backward", dy, dy, y, dx, dy.size)
    return by_channel(dx)


def response_normalization(
    x: Array, over: Any, k: float, alpha: float, beta: float
) -> tuple[Array, Array]:
    """Return d and y, both (N, C, H, W); not made for neighbours across space."""
    if over.axes != (2,):
        return NotImplemented  # type: ignore[no-any-return]
    x = in_memory(x)
    xp = get_array_module(x)
    d, y = xp.empty_like(x), xp.empty_like(x)
    row, sizes = _maps(x, over.groups, over.before, over.after)
    numbers = float(k), float(alpha), float(beta)
    rows("response_normalization", x, row, x, d, y, *sizes, *numbers)
    return by_channel(d), by_channel(y)


def response_normalization_backward(
    x: Array, d: Array, y: Array, dy: Array, over: Any, alpha: float, beta: float
) -> Array:
    """Return dx, (N, C, H, W); not made for neighbours across space."""
    if over.axes != (2,):
        return NotImplemented
    x, d, y, dy = (in_memory(array) for array in (x, d, y, dy))
    dx = get_array_module(x).empty_like(x)
    row, sizes = _maps(x, over.groups, over.after, over.before)  # turned round
    arrays, numbers = (x, d, y, dy, dx), (float(alpha), float(beta))
    rows("response_normalization_backward", x, row, *arrays, *sizes, *numbers)
    return by_channel(dx)


def _maps(x: Array, groups: int, before: int, after: int) -> tuple[int, list[Any]]:
    """Return a row's length and the maps of a group with their window, as int32.

    x is (N, H, W, C).
    """
    _, _, W, C = x.shape
    int32 = get_array_module(x).int32
    return W * C, [int32(size) for size in (W * C, C // groups, before, after)]


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


def channel_sum(x: Array) -> Array:
    """Return the sum over all but the channels, (C,), for x, (N, C, H, W).

    Threads add up some rows each, and again, until one row is left.
    """
    x = in_memory(x)
    xp, C = get_array_module(x), x.shape[-1]
    rows = x.size // C
    x = x.reshape(rows, C)
    while rows > 1:
        lanes = -(-rows // ROWS_A_LANE)
        totals = xp.empty((lanes, C), x.dtype)
        flat("add_rows", totals, x, totals, x.size, totals.size)
        rows, x = lanes, totals
    return x.reshape(C)


def dropout_mask(
    x: Array, threshold: int, seed: int, step: int, first_sample: int, first_unit: int
) -> Array:
    """Return True where a unit is kept: where its random word reaches `threshold`."""
    xp, units = get_array_module(x), x.size // len(x)
    kept = xp.empty(x.shape, bool)
    numbers = first_sample, first_unit, step, seed % 2**32, seed >> 32, threshold
    counters = grid(len(x), units // 4 + 2)
    launch("dropout_mask", x, counters, kept, xp.int32(units), *numbers)
    return kept


def momentum_step(
    w: Array, v: Array, dw: Array, momentum: float, decay: float, rate: float
) -> None:
    """Change v to momentum v - decay w - rate dw, and w to w + v, in place.

    Parameters
    ----------
    w, v, dw : ndarray
    momentum, decay, rate : float
        The learning rate is in both of the last two.
    """
    if not w.flags.c_contiguous:
        return NotImplemented  # type: ignore[no-any-return]
    dw = get_array_module(w).ascontiguousarray(dw)
    numbers = float(momentum), float(decay), float(rate)
    flat("momentum_step", w, dw, w, v, w.size, *numbers)
