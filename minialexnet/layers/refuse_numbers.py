"""What a layer's constructor refuses: sizes that are no whole numbers, and the like."""

from __future__ import annotations

from math import isfinite
from numbers import Integral

__all__ = ["finite", "whole"]


def whole(value: int, name: str, least: int = 1) -> int:
    """Return a whole number, of Python's own kind or NumPy's, as Python's own.

    Raises
    ------
    ValueError
        If it is none, or less than `least`.

    Examples
    --------
    >>> whole(0, "groups")
    Traceback (most recent call last):
    ValueError: expected groups >= 1, got 0
    """
    if not isinstance(value, Integral):
        raise ValueError(
            f"expected {name} to be a whole number >= {least}, got {value!r}"
        )
    if value < least:
        raise ValueError(f"expected {name} >= {least}, got {value}")
    return int(value)


def finite(**numbers: float) -> None:
    """Refuse numbers that are infinite or no numbers, by their names.

    Raises
    ------
    ValueError
        If one is.

    Examples
    --------
    >>> finite(k=2, alpha=float("inf"))
    Traceback (most recent call last):
    ValueError: expected alpha to be a finite number, got inf
    """
    for name, number in numbers.items():
        if not isfinite(number):
            raise ValueError(f"expected {name} to be a finite number, got {number}")
