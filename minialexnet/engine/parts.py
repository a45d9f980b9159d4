"""A batch worked through in parts whose working memory suits the device.

``@in_parts(arrays_held)`` stands above a plain function whose images do not depend on
each other. The function is then called with some images at a time, few enough that what
it holds stays in the processor's cache, and its results are laid into memory that is
kept for the next step. ``inspect.getsource`` shows the plain function.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from .arrays import Array, get_array_module, is_array
from .memory import empty, empty_like

R = TypeVar("R")

# How many bytes a part works on. Four megabytes stay in a processor's cache, and a
# NumPy call on them takes long enough that threads seldom wait for one another at
# Python's interpreter. A GPU wants few, large pieces.
CPU_BYTES, GPU_BYTES = 1 << 22, 1 << 28


def batches(
    N: int, bytes_each: int, xp: object, bytes_shared: int = 0, cache: int | None = None
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
        Memory that every part reads from the first to the last byte, such as the
        kernels of a convolution. A part works on at least as many bytes of its own, so
        that this reading does not take most of the time.
    cache : int, optional
        How many bytes a part works on, on the processor, in place of `CPU_BYTES`.
    """
    on_processor = getattr(xp, "__name__", "") == "numpy"
    budget = (cache or CPU_BYTES) if on_processor else GPU_BYTES
    budget = max(budget, bytes_shared)
    step = max(1, budget // max(1, bytes_each))
    for start in range(0, N, step):
        yield slice(start, min(N, start + step))


def in_parts(
    arrays_held: int, cache: int | None = None
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let a function work through a batch some images at a time.

    Parameters
    ----------
    arrays_held : int
        How many arrays as large as its first argument the function holds at once,
        those that come and go inside it included.
    cache : int, optional
        How many bytes a part holds on the processor, in place of `CPU_BYTES`.

    Returns
    -------
    callable
        A decorator. All arrays among the function's arguments hold the N images of a
        batch along their first axis. A function with an argument named ``out`` writes
        its result there, where one is given, and its result is like its first argument;
        once decorated it takes none. One that changes its arrays in place returns None.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        writes_out = "out" in signature(function).parameters

        @wraps(function)
        def over_parts(*arguments: Any) -> R:
            x = arguments[0]
            N, xp = len(x), get_array_module(x)
            first, *others = batches(N, arrays_held * x[0].nbytes, xp, cache=cache)
            if not others:
                return function(*arguments)
            whole: Any
            if writes_out:
                whole = empty_like(x)
                for part in (first, *others):
                    function(*_cut(arguments, part), out=whole[part])
                return whole  # type: ignore[no-any-return]
            found = function(*_cut(arguments, first))
            whole = _write(found, _room(found, N), first)
            for part in others:
                _write(function(*_cut(arguments, part)), whole, part)
            return whole  # type: ignore[no-any-return]

        return over_parts

    return decorate


def in_kept_memory(
    shape: Callable[..., tuple[int, ...]],
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let a function write its result into memory that is kept for the next step.

    Parameters
    ----------
    shape : callable
        Takes the function's arrays, returns the shape of its result.

    Returns
    -------
    callable
        A decorator of ``function(*arrays, out)``.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        @wraps(function)
        def into_kept(*arrays: Array) -> R:
            xp = get_array_module(*arrays)
            out = empty(xp, shape(*arrays), xp.result_type(*arrays))
            return function(*arrays, out=out)

        return into_kept

    return decorate


def _cut(arguments: tuple[Any, ...], part: slice) -> list[Any]:
    # A rate may be a scalar of NumPy's, which is no batch.
    return [
        value[part] if is_array(value) and value.ndim else value for value in arguments
    ]


def _room(found: Any, N: int) -> Any:
    """Return room for N images, laid out in memory as what was found for some.

    What was found is an array, a tuple of arrays or None.
    """
    if isinstance(found, tuple):
        return tuple(_room(array, N) for array in found)
    return None if found is None else empty_like(found, images=N)


def _write(found: Any, whole: Any, part: slice) -> Any:
    """Lay what was found for a part into its place, and return the whole."""
    if isinstance(found, tuple):
        for one, its_whole in zip(found, whole, strict=True):
            its_whole[part] = one
    elif found is not None:
        whole[part] = found
    return whole
