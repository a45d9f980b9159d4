"""Convolution by cuDNN, NVIDIA's own kernels, on CuPy's arrays.

As in kernels.py the functions have the names and the arguments of plain ones, those of
layers/convolution.py around their groups and parts. They compute inside `by_cudnn`, in
float32, where cuDNN is installed; everywhere else im2col does. cuDNN finds the number
of groups by itself, from the channels of the images and of the kernels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..windows import Windows
from .arrays import Array, get_array_module
from .cudnn_graph import cudnn_is_there, run
from .kernels import add_bias
from .launch import by_channel, in_memory
from .rectified import noted

_asked = ContextVar("asked", default=False)


@contextmanager
def by_cudnn() -> Iterator[None]:
    """Return a context, of this thread, in which cuDNN convolves if it can."""
    token = _asked.set(True)
    try:
        yield
    finally:
        _asked.reset(token)


def convolve(x: Array, W: Array, b: Array, windows: Windows, groups: int) -> Array:
    """Return y, (N, F, OH, OW); the columns of W are the kernels."""
    if not _can(x):
        return NotImplemented
    images, seen = _framed(x, windows)
    arrays = {"image": images, "weight": _kernels(W.T, x, windows, groups)}
    shape = len(x), len(b), *windows.output_size(*x.shape[2:])
    y = run("conv_fprop", arrays, shape, seen)
    product = y.transpose(0, 2, 3, 1)  # (N, OH, OW, F), the order in memory
    in_order = get_array_module(x).empty_like(product)
    add_bias(product, b, in_order)
    return noted(by_channel(in_order))


def kernel_gradient(x: Array, dy: Array, windows: Windows, groups: int) -> list[Array]:
    """Return [dW], all groups' kernels as the rows of one matrix, (F, KH*KW*C)."""
    if not _can(x):
        return NotImplemented  # type: ignore[no-any-return]
    images, seen = _framed(x, windows)
    arrays = {"image": images, "loss": by_channel(in_memory(dy))}
    shape = dy.shape[1], x.shape[1] // groups, *windows.kernel_size
    dW = run("conv_wgrad", arrays, shape, seen)
    return [dW.transpose(0, 2, 3, 1).reshape(len(dW), -1)]


def image_gradient(
    dy: Array, W: Array, x: Array, windows: Windows, groups: int
) -> Array:
    """Return dx, (N, C, H, W); the rows of W are the kernels."""
    if not _can(x):
        return NotImplemented
    image, seen = _frame(x, windows)
    kernels = _kernels(W, x, windows, groups)
    arrays = {"loss": by_channel(in_memory(dy)), "filter": kernels}
    dx = run("conv_dgrad", arrays, (*x.shape[:2], *image), seen)
    if image == x.shape[2:]:
        return dx
    (H, W_in), (PH, PW) = x.shape[2:], windows.padding
    return dx[:, :, PH : PH + H, PW : PW + W_in]


def _frame(x: Array, windows: Windows) -> tuple[tuple[int, int], Windows]:
    """Return H and W of the images that cuDNN is to see, and its windows on them.

    They are x's, unless the last windows hang over the edge. For padding that differs
    between two sides cuDNN has few kernels, so then it becomes part of the images.
    """
    (H, W), (KH, KW), (SH, SW), (PH, PW) = x.shape[2:], *windows[:3]
    OH, OW = windows.output_size(H, W)
    rows, columns = (OH - 1) * SH + KH, (OW - 1) * SW + KW  # that the windows reach
    if rows <= H + 2 * PH and columns <= W + 2 * PW:
        return (H, W), windows._replace(ceil_mode=False)
    whole = max(rows, H + 2 * PH), max(columns, W + 2 * PW)
    return whole, windows._replace(padding=(0, 0), ceil_mode=False)


def _framed(x: Array, windows: Windows) -> tuple[Array, Windows]:
    """Return the images that cuDNN is to see, and its windows on them."""
    (N, C, H, W), (PH, PW) = x.shape, windows.padding
    image, seen = _frame(x, windows)
    if image == (H, W):
        return by_channel(in_memory(x)), seen
    images = get_array_module(x).zeros((N, *image, C), x.dtype)
    images[:, PH : PH + H, PW : PW + W] = x.transpose(0, 2, 3, 1)
    return by_channel(images), seen


def _can(x: Array) -> bool:
    """Say whether cuDNN was asked for, is there, and takes the type."""
    return _asked.get() and x.dtype.name == "float32" and cudnn_is_there()


def _kernels(rows: Array, x: Array, windows: Windows, groups: int) -> Array:
    """Return kernels, given as rows, (F, KH*KW*C), as (F, C, KH, KW)."""
    rows = get_array_module(rows).ascontiguousarray(rows)
    shape = len(rows), *windows.kernel_size, x.shape[1] // groups
    return by_channel(rows.reshape(shape))
