"""What the layers compute on a GPU by kernels of our own, each in one pass.

On a GPU an array operation costs the time to read and write its arrays, so a body that
is twenty of them pays that twenty times. CuPy also gives every result in the order
(N, C, H, W), and goes back and forth between that and the channels-last order in which
the layers keep their pictures. The kernels, in ``kernels.cu``, do neither.

Each function here has the name and the arguments of a plain function that computes the
same; `minialexnet.engine.twin` chooses between the two. The plain ones are those to
read; they run on NumPy, on complex numbers, and inside `plain` on CuPy too:

    relu, relu_backward                         layers/activation.py
    response_normalization, ..._backward        layers/lrn.py
    dropout_mask                                layers/dropout.py, philox.py
    channel_sum                                 layers/convolution.py, db
    momentum_step                               optimizer.py

`add_bias` is a part of such functions, in products.py and cudnn.py.
"""

from typing import Any

from .arrays import Array, get_array_module
from .launch import by_channel, each_row, flat, grid, in_memory, launch, rows
from .rectified import is_rectified, relu_follows

ROWS_A_LANE = 64  # rows that one thread of the kernel add_rows adds up


def relu(x: Array) -> Array:
    """Return max(0, x)."""
    if is_rectified(x):
        return x
    x = in_memory(x)
    y = get_array_module(x).empty_like(x)
    flat("relu", x, x, y, x.size)
    return by_channel(y)


def add_bias(x: Array, b: Array, out: Array) -> None:
    """Write x + b to `out`, or max(0, x + b) where a ReLU follows.

    Parameters
    ----------
    x : ndarray, shape (..., F)
        Of as many numbers as `out`.
    b : ndarray, shape (F,)
    out : ndarray, shape (..., F)
        May be some of the last axis of a wider array.
    """
    xp, F = get_array_module(x), len(b)
    x = xp.ascontiguousarray(x)
    step = out.strides[-2] // out.itemsize  # from one row to the next
    sizes = x.size // F, step, xp.int32(F), xp.int32(relu_follows())
    each_row("add_bias", x, x.size // F, F, x, b, out, *sizes)


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
