"""A function and its twin, the GPU's kernel of the same name.

``@twin`` stands above a plain function. Called with CuPy's arrays, it hands the same
arguments to the function of the same name in cudnn.py, kernels.py, window_kernels.py or
products.py, which computes the same in fewer passes. With NumPy's arrays, complex
numbers, or inside `plain` the plain function computes, which ``inspect.getsource``
shows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import takewhile
from typing import ParamSpec, TypeVar

from . import cudnn, kernels, products, window_kernels
from .arrays import Array, get_array_module, is_array
from .launch import OPTIONS

P = ParamSpec("P")
R = TypeVar("R")

_in_use = True


def twin(function: Callable[P, R]) -> Callable[P, R]:
    """Let a GPU compute `function` by the kernel of its name.

    Parameters
    ----------
    function : callable
        Its arrays come first among its arguments. A twin may return NotImplemented for
        arguments that it is not made for, and the next or the plain function computes.
    """
    name = function.__name__
    modules = cudnn, kernels, window_kernels, products
    twins = [vars(own)[name] for own in modules if name in vars(own)]

    @wraps(function)
    def choose(*arguments: P.args, **options: P.kwargs) -> R:
        arrays = list(takewhile(is_array, arguments))
        if arrays and runs_kernels(*arrays):
            for kernel in twins:
                result = kernel(*arguments, **options)
                if result is not NotImplemented:
                    return result  # type: ignore[no-any-return]
        return function(*arguments, **options)

    return choose


def runs_kernels(*arrays: Array) -> bool:
    """Say whether the kernels compute on these arrays, or else the plain bodies do.

    They do on CuPy's arrays that are all float32 or all float64.
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
