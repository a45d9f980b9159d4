"""A convolution's groups and the parts of a batch, around one group of one part.

Three decorators for three plain functions: the output, the gradient by the kernels and
that by the images. Each function sees the images of one part and, of them, the channels
of one group, and knows neither of parts nor of groups; called with ``groups`` as its
last argument, it does all of them.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from ..windows import Windows
from .arrays import Array, get_array_module
from .launch import by_channel, in_memory
from .memory import empty, empty_like
from .parts import batches

# What is held for one group of C channels and F kernels over an image of H x W pixels:
# (C, F, (H, W), windows) to (numbers an image, numbers that all the images share).
Held = Callable[[int, int, tuple[int, int], Windows], tuple[int, int]]
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def columns_held(
    C: int, F: int, image: tuple[int, int], windows: Windows
) -> tuple[int, int]:
    """Return how many numbers im2col's rows of an image are, and how many W has."""
    (KH, KW), (OH, OW) = windows.kernel_size, windows.output_size(*image)
    return OH * OW * KH * KW * C, KH * KW * C * F


def outputs_by_group(held: Held = columns_held, multiple_of: int = 1) -> Decorator:
    """Let a function write y into memory that is kept, a group of a part at a time.

    Parameters
    ----------
    held : callable
        See `Held`; by default im2col's rows are held.
    multiple_of : int
        The function writes so many rows and columns at once, the last past the edge.

    Returns
    -------
    callable
        A decorator of ``function(x, kernels, b, windows, out)``, which lies channels
        last: out is (n, OH, OW, F), and the last axis of kernels and of b is F.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def over_groups(
            x: Array, kernels: Array, b: Array, windows: Windows, groups: int
        ) -> Array:
            xp, F = get_array_module(x, kernels), len(b)
            OH, OW = windows.output_size(*x.shape[2:])
            rows, columns = (-(-n // multiple_of) * multiple_of for n in (OH, OW))
            dtype = xp.result_type(x, kernels, b)
            y = empty(xp, (len(x), rows, columns, F), dtype)
            for part, own_c, own_f in _each(x, F, windows, groups, held):
                function(
                    x[part, own_c],
                    kernels[..., own_f],
                    b[own_f],
                    windows,
                    out=y[part][..., own_f],
                )
            return y[:, :OH, :OW].transpose(0, 3, 1, 2)  # (N, F, OH, OW)

        return over_groups

    return decorate


def kernels_by_group(held: Held = columns_held) -> Decorator:
    """Let a function's results, gradients by the kernels, be summed over the parts.

    Parameters
    ----------
    held : callable
        See `Held`; by default im2col's rows are held.

    Returns
    -------
    callable
        A decorator of ``function(x, dy, windows)``; decorated it returns a list of the
        groups' sums.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def over_groups(
            x: Array, dy: Array, windows: Windows, groups: int
        ) -> list[Array]:
            sums: dict[int, Array] = {}
            for part, own_c, own_f in _each(x, dy.shape[1], windows, groups, held):
                own_dy = _in_one_piece(dy[part, own_f])
                found = function(x[part, own_c], own_dy, windows)
                if own_f.start not in sums:
                    sums[own_f.start] = get_array_module(x).zeros_like(found)
                sums[own_f.start] += found
            return list(sums.values())

        return over_groups

    return decorate


def images_by_group(held: Held = columns_held) -> Decorator:
    """Let a function's results, gradients by the images, be laid side by side.

    Parameters
    ----------
    held : callable
        See `Held`; by default im2col's rows are held.

    Returns
    -------
    callable
        A decorator of ``function(dy, kernels, x, windows)``, of whose kernels the first
        axis is F.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def over_groups(
            dy: Array, kernels: Array, x: Array, windows: Windows, groups: int
        ) -> Array:
            xp = get_array_module(dy, kernels)
            dx = empty_like(x, xp.result_type(dy, kernels))
            images = dx.transpose(0, 2, 3, 1)  # (N, H, W, C), which CuPy copies as is
            for part, own_c, own_f in _each(x, len(kernels), windows, groups, held):
                found = function(
                    dy[part, own_f], kernels[own_f], x[part, own_c], windows
                )
                images[part, ..., own_c] = found.transpose(0, 2, 3, 1)
            return dx

        return over_groups

    return decorate


def _in_one_piece(x: Array) -> Array:
    """Return x; on a GPU copied, channels last, if it is only some of the channels.

    CuPy takes a matrix or its transpose without a copy, but copies some columns of one,
    and those of a transpose in an order in which neighbouring threads read far apart.
    """
    on_processor = get_array_module(x).__name__ == "numpy"
    return x if on_processor else by_channel(in_memory(x))


def _each(
    x: Array, F: int, windows: Windows, groups: int, held: Held
) -> Iterator[tuple[slice, slice, slice]]:
    """Yield the images of each part with the channels and the kernels of each group."""
    C, F = x.shape[1] // groups, F // groups
    each, shared = held(C, F, x.shape[2:], windows)
    size, xp = x.dtype.itemsize, get_array_module(x)
    for part in batches(len(x), each * size, xp, shared * groups * size):
        for g in range(groups):
            yield part, slice(g * C, (g + 1) * C), slice(g * F, (g + 1) * F)
