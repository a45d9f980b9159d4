"""What the layers compute on a GPU by kernels of our own, each in one pass.

On a GPU an array operation costs the time to read and write its arrays, so a body that
is twenty of them takes twenty times as long as it must. CuPy also gives every result in
the order (N, C, H, W), and goes back and forth between that and the channels-last order
in which the layers keep their pictures. The kernels, in ``kernels.cu``, do neither.

The plain bodies stay beside the calls, compute the same and are the ones to read; they
run on NumPy, on complex numbers, and inside `plain` on CuPy too:

    relu, relu_backward                         layers/activation.py
    response_normalization, ..._backward        layers/lrn.py, across channels
    max_pooling, average_pooling, ..._backward  layers/pooling.py
    dropout_mask                                layers/dropout.py, philox.py
    im2col, col2im                              im2col.py
    channel_sum                                 layers/convolution.py, db
    momentum_step                               optimizer.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from .arrays import Array, get_array_module

__all__ = [
    "average_pooling",
    "average_pooling_backward",
    "channel_sum",
    "col2im",
    "dropout_mask",
    "fit",
    "im2col",
    "max_pooling",
    "max_pooling_backward",
    "momentum_step",
    "plain",
    "relu",
    "relu_backward",
    "response_normalization",
    "response_normalization_backward",
]

SOURCE = Path(__file__).with_name("kernels.cu")
OPTIONS = {  # of the compiler, for arrays of each type
    "float32": ("-std=c++17", "-Dreal=float"),
    "float64": ("-std=c++17", "-Dreal=double"),
}
THREADS = 256  # of a block
MOST_BLOCKS = 65535  # along blockIdx.y
ROWS_A_LANE = 64  # that one thread of add_rows adds up

_in_use = True


def fit(*arrays: Array) -> bool:
    """Say whether the kernels compute on these arrays, or else the plain bodies do.

    This is the one place where that is decided: for CuPy's arrays, all float32 or all
    float64. What else a kernel is made for is said where it is called.
    """
    if not (hasattr(get_array_module(*arrays), "RawModule") and _in_use):
        return False  # at once: the small layers on NumPy ask at every step
    (dtype, *others) = {array.dtype.name for array in arrays}
    return dtype in OPTIONS and not others


@contextmanager
def plain() -> Iterator[None]:
    """Return a context, of all threads, in which the plain bodies compute."""
    global _in_use
    before, _in_use = _in_use, False
    try:
        yield
    finally:
        _in_use = before


def relu(x: Array) -> Array:
    """Return max(0, x)."""
    x = _in_memory(x)
    y = get_array_module(x).empty_like(x)
    _flat("relu", x, x, y, x.size)
    return _by_channel(y)


def relu_backward(y: Array, dy: Array) -> Array:
    """Return dy where y is positive, else 0."""
    y, dy = _in_memory(y), _in_memory(dy)
    dx = get_array_module(y).empty_like(dy)
    _flat("relu_backward", y, y, dy, dx, y.size)
    return _by_channel(dx)


def response_normalization(
    x: Array, maps: int, window: tuple[int, int], k: float, alpha: float, beta: float
) -> tuple[Array, Array]:
    """Return d and y, both (N, C, H, W), each `maps` channels by themselves.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    maps : int
    window : (before, after)
    k, alpha, beta : float
    """
    x = _in_memory(x)
    xp = get_array_module(x)
    d, y = xp.empty_like(x), xp.empty_like(x)
    row = x.shape[2] * x.shape[3]
    sizes = map(xp.int32, (row, maps, *window))
    numbers = float(k), float(alpha), float(beta)
    _rows("response_normalization", x, row, x, d, y, *sizes, *numbers)
    return _by_channel(d), _by_channel(y)


def response_normalization_backward(
    x: Array,
    d: Array,
    y: Array,
    dy: Array,
    maps: int,
    window: tuple[int, int],
    alpha: float,
    beta: float,
) -> Array:
    """Return dx = dy d^-beta - 2 alpha beta x (sum of dy y / d over the turned window).

    Parameters
    ----------
    x, d, y, dy : ndarray, shape (N, C, H, W)
    maps : int
    window : (before, after)
        Turned round: forward's is (after, before).
    alpha, beta : float
    """
    x, d, y, dy = (_in_memory(array) for array in (x, d, y, dy))
    xp = get_array_module(x)
    dx = xp.empty_like(x)
    row = x.shape[2] * x.shape[3]
    sizes = map(xp.int32, (row, maps, *window))
    arrays, numbers = (x, d, y, dy, dx), (float(alpha), float(beta))
    _rows("response_normalization_backward", x, row, *arrays, *sizes, *numbers)
    return _by_channel(dx)


Windows = tuple[tuple[int, int], ...]  # kernel_size, stride, padding


def max_pooling(x: Array, y_shape: Sequence[int], windows: Windows) -> tuple[Any, Any]:
    """Return y and, of each window, which place in it won, (N, C, OH, OW) both.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    y_shape : (N, C, OH, OW)
    windows : (kernel_size, stride, padding)
    """
    x = _in_memory(x)
    xp = get_array_module(x)
    N, C, OH, OW = y_shape
    y, winner = (xp.empty((N, OH, OW, C), t) for t in (x.dtype, xp.int32))
    sizes = _windows(xp, _by_channel(x).shape, y_shape, windows)
    _rows("max_pooling", y, OW * C, x, y, winner, *sizes)
    return _by_channel(y), _by_channel(winner)


def max_pooling_backward(
    winner: Array, dy: Array, x_shape: Sequence[int], windows: Windows
) -> Array:
    """Return dx, (N, C, H, W), where `winner` is what `max_pooling` returned."""
    winner, dy = _in_memory(winner), _in_memory(dy)
    return _to_pixels("max_pooling_backward", (winner, dy), dy, x_shape, windows)


def average_pooling(x: Array, y_shape: Sequence[int], windows: Windows) -> Array:
    """Return y, (N, C, OH, OW); the arguments are those of `max_pooling`."""
    x = _in_memory(x)
    xp = get_array_module(x)
    N, C, OH, OW = y_shape
    y = xp.empty((N, OH, OW, C), x.dtype)
    sizes = _windows(xp, _by_channel(x).shape, y_shape, windows)
    _rows("average_pooling", y, OW * C, x, y, *sizes)
    return _by_channel(y)


def average_pooling_backward(
    dy: Array, x_shape: Sequence[int], windows: Windows
) -> Array:
    """Return dx, (N, C, H, W)."""
    dy = _in_memory(dy)
    return _to_pixels("average_pooling_backward", (dy,), dy, x_shape, windows)


def _to_pixels(
    name: str,
    arrays: tuple[Array, ...],
    dy: Array,  # (N, OH, OW, C)
    x_shape: Sequence[int],
    windows: Windows,
) -> Array:
    xp = get_array_module(dy)
    N, C, H, W = x_shape
    dx = xp.empty((N, H, W, C), dy.dtype)
    sizes = _windows(xp, x_shape, _by_channel(dy).shape, windows)
    _rows(name, dx, W * C, *arrays, dx, *sizes)
    return _by_channel(dx)


def im2col(x: Array, output: tuple[int, int], windows: Windows) -> Array:
    """Return the windows of x as rows, (N*OH*OW, KH*KW*C).

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        May be some channels of a wider array, which are read where they lie.
    output : (OH, OW)
    windows : (kernel_size, stride, padding)
    """
    xp = get_array_module(x)
    N, C = x.shape[:2]
    if C > 1 and x.strides[1] != x.dtype.itemsize:  # the channels are not neighbours
        x = _by_channel(_in_memory(x))
    (OH, OW), ((KH, KW), *_) = output, windows
    columns = KH * KW * C
    col = xp.empty((N, OH, OW * columns), x.dtype)
    strides = (x.strides[axis] // x.dtype.itemsize for axis in (0, 2, 3))
    sizes = _windows(xp, x.shape, (N, C, OH, OW), windows)
    _rows("im2col", col, OW * columns, x, col, *strides, *sizes)
    return col.reshape(N * OH * OW, columns)


def col2im(
    col: Array, x_shape: Sequence[int], output: tuple[int, int], windows: Windows
) -> Array:
    """Return, for each pixel, the sum of what the windows hold for it, (N, C, H, W)."""
    xp = get_array_module(col)
    N, C, H, W = x_shape
    dx = xp.empty((N, H, W, C), col.dtype)
    sizes = _windows(xp, x_shape, (N, C, *output), windows)
    _rows("col2im", dx, W * C, xp.ascontiguousarray(col), dx, *sizes)
    return _by_channel(dx)


def channel_sum(x: Array) -> Array:
    """Return the sum over all but the channels, (C,), for x, (N, C, H, W).

    Threads add up some rows each, and again, until one row is left.
    """
    x = _in_memory(x)
    xp, C = get_array_module(x), x.shape[-1]
    rows = x.size // C
    x = x.reshape(rows, C)
    while rows > 1:
        lanes = -(-rows // ROWS_A_LANE)
        totals = xp.empty((lanes, C), x.dtype)
        _flat("add_rows", totals, x, totals, x.size, totals.size)
        rows, x = lanes, totals
    return x.reshape(C)


def dropout_mask(
    x: Array,
    first_sample: int,
    first_unit: int,
    step: int,
    seed: int,
    threshold: int,
) -> Array:
    """Return True where a unit is kept: where its random word reaches `threshold`.

    Parameters
    ----------
    x : ndarray, shape (N, ...)
        Only its shape and type count.
    first_sample, first_unit, step, seed : int
        As `minialexnet.Dropout` has them.
    threshold : int
        From 0 to 2**32.
    """
    xp = get_array_module(x)
    units = x.size // len(x)
    kept = xp.empty(x.shape, bool)
    numbers = first_sample, first_unit, step, seed % 2**32, seed >> 32, threshold
    counters = units // 4 + 2
    _launch("dropout_mask", x, _grid(len(x), counters), kept, xp.int32(units), *numbers)
    return kept


def momentum_step(
    w: Array, v: Array, dw: Array, momentum: float, decay: float, rate: float
) -> None:
    """Change v to momentum v - decay w - rate dw, and w to w + v, in place.

    Parameters
    ----------
    w, v : ndarray
        C-contiguous.
    dw : ndarray
    momentum, decay, rate : float
        The learning rate is in both of the last two.
    """
    dw = get_array_module(w).ascontiguousarray(dw)
    numbers = float(momentum), float(decay), float(rate)
    _flat("momentum_step", w, dw, w, v, w.size, *numbers)


def _in_memory(x: Array) -> Array:
    """Return x as the kernels take it: C-contiguous, pictures as (N, H, W, C)."""
    if x.ndim == 4:
        x = x.transpose(0, 2, 3, 1)
    return get_array_module(x).ascontiguousarray(x)


def _by_channel(x: Array) -> Array:
    """Return a view of pictures as (N, C, H, W), other arrays as they are."""
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


def _windows(
    xp: Any, x_shape: Sequence[int], y_shape: Sequence[int], windows: Windows
) -> list[Any]:
    """Return what ``WINDOWS`` in kernels.cu stands for."""
    _, C, *pixels = x_shape
    sizes = [C, *pixels, *y_shape[2:]]
    for axes in windows:
        sizes += axes
    return [xp.int32(size) for size in sizes]


def _flat(name: str, like: Array, *arguments: Any) -> None:
    """Launch one thread for each number of `like`."""
    _launch(name, like, (-(-like.size // THREADS),), *arguments)


def _rows(name: str, like: Array, row: int, *arguments: Any) -> None:
    """Launch blocks that share the rows of `like`, each of so many numbers."""
    if row >= 1 << 30:
        raise ValueError(f"{name}: expected rows below 2**30 numbers, got {row}")
    _launch(name, like, _grid(like.size // row, row), *arguments)


def _grid(rows: int, row: int) -> tuple[int, int]:
    return rows, min(MOST_BLOCKS, -(-row // THREADS))


def _launch(name: str, like: Array, grid: tuple[int, ...], *arguments: Any) -> None:
    """Run a kernel on the current device, in the type of `like`.

    Of Python's numbers int goes as long long and float as double.
    """
    kernel = _kernel(get_array_module(like), like.dtype.name, name)
    kernel(grid, (THREADS,), arguments)


@cache
def _kernel(xp: Any, dtype: str, name: str) -> Any:
    return _module(xp, dtype).get_function(name)


@cache
def _module(xp: Any, dtype: str) -> Any:
    return xp.RawModule(code=SOURCE.read_text(), options=OPTIONS[dtype])
