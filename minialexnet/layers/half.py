"""Numbers of 16 bits computed with 32, where what is in between would not fit 16.

float16 ends at 65,504, so the square of 300 is infinite in it. ``@in_float32`` stands
above a layer's forward and backward and casts what comes in and what goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from ..engine.arrays import Array
from .base import Layer

__all__ = ["in_float32"]


def in_float32(compute: Callable[..., Array]) -> Callable[..., Array]:
    """Let a layer's forward or backward see float32 in place of float16.

    Parameters
    ----------
    compute : callable (layer, array, ...) -> ndarray

    Returns
    -------
    callable
        Its result is of the type of the array it was given.
    """

    @wraps(compute)
    def in_wider(self: Layer, array: Array, *others: bool, **options: bool) -> Array:
        if array.dtype != "float16":
            return compute(self, array, *others, **options)
        wider = array.astype("float32")
        return compute(self, wider, *others, **options).astype("float16")

    return in_wider
