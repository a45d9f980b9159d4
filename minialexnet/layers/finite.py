"""Faster operations for arrays that hold no infinite number and no NaN."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..engine.arrays import Array, get_array_module

R = TypeVar("R")


def faster_if_finite(
    bounds: Callable[..., list[Array]], **faster: str
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let a function use NumPy's faster operations, where they give the same.

    Parameters
    ----------
    bounds : callable
        Takes the function's arguments; returns numbers that are all finite where the
        faster operations give the same.
    **faster : str
        For an argument of the function that is an operation, the name of NumPy's.

    Returns
    -------
    callable
        A decorator; ``inspect.getsource`` shows the plain function.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        @wraps(function)
        def choose(*arguments: Any, **options: Any) -> R:
            xp = get_array_module(arguments[0])
            if all(xp.isfinite(bound) for bound in bounds(*arguments)):
                options |= {name: getattr(xp, own) for name, own in faster.items()}
            return function(*arguments, **options)

        return choose

    return decorate


def or_zero(dy: Array, won: Array) -> Array:
    """Return dy where `won`, else 0, whatever numbers dy holds."""
    return get_array_module(dy).where(won, dy, 0)


def only_where(dy: Array, won: Array, out: Array | None = None) -> Array:
    """Return dy where `won`, else 0.

    That is the product of the two, which is faster, unless a number in dy is infinite
    or NaN: 0 times such a number is NaN.
    """
    xp = get_array_module(dy)
    if xp.isfinite(dy.max()) and xp.isfinite(dy.min()):
        return xp.multiply(dy, won, out=out)
    dx = or_zero(dy, won)
    if out is None:
        return dx
    out[...] = dx
    return out


def same_or_both_nan(a: Array, b: Array) -> Array:
    """Return where a equals b, taking NaN for equal to NaN, which == does not."""
    return (a == b) | ((a != a) & (b != b))
