"""Arrays as the gradient check needs them: float64, on the host, and their indices."""

from typing import Any

import numpy as np

from ..engine.arrays import Array
from ..engine.transfer import to_numpy

Arrays = dict[str, Any]  # "x" and the parameters by their names


def is_array(value: Any) -> bool:
    """Say whether a value is an array, of NumPy or of CuPy."""
    return hasattr(value, "dtype") and hasattr(value, "shape")


def as_float64(array: Any, name: str) -> Array:
    """Return a float64 copy; refuse what is empty or holds no real numbers."""
    array = array if is_array(array) else np.asarray(array)
    if array.dtype.kind != "f":
        raise TypeError(
            f"expected {name} of real floating-point numbers, got {array.dtype}"
        )
    if array.size == 0:
        raise ValueError(f"expected {name} with elements, got shape {array.shape}")
    return array.astype("float64")


def to_host(value: Any) -> Array:
    """Return a NumPy array of an array or a Python number."""
    return np.asarray(to_numpy(value) if is_array(value) else value)


def only(v: Array, places: Any) -> Array:
    """Return v at the flat `places`, and 0 elsewhere."""
    part = np.zeros(v.shape)
    part.flat[places] = v.flat[places]
    return part


def worst(array: Array) -> tuple[int, ...]:
    """Return the index of the element furthest from 0."""
    return index_of(int(abs(array).argmax()), array.shape)


def index_of(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of the element at a flat place."""
    return tuple(int(i) for i in np.unravel_index(place, shape))
