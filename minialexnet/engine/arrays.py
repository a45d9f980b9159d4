"""Which array module an array belongs to: NumPy's or CuPy's."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

# NumPy's ndarray or CuPy's: the layers take either.
Array = Any


def get_array_module(*arrays: Array) -> Any:
    """Return the module whose functions take these arrays: ``numpy`` or ``cupy``.

    The module is found from the type of the array, so a method that begins with
    ``xp = get_array_module(x)`` runs unchanged on both.

    Parameters
    ----------
    *arrays : ndarray
        One or more arrays, all of the same module.

    Returns
    -------
    module

    Raises
    ------
    TypeError
        If an argument is not an array, or if arrays of two modules are mixed.

    Examples
    --------
    >>> get_array_module(np.zeros(3)) is np
    True
    """
    modules = {_module_of(array) for array in arrays}
    if len(modules) != 1:
        names = ", ".join(sorted(module.__name__ for module in modules))
        raise TypeError(f"expected arrays of one module, got arrays of: {names}")
    return modules.pop()


def is_array(value: object) -> bool:
    """Say whether a value is an array, of whichever module."""
    return hasattr(value, "dtype") and hasattr(value, "ndim")


def _module_of(array: Array) -> ModuleType:
    if isinstance(array, np.ndarray | np.generic):
        return np
    module = sys.modules.get(type(array).__module__.partition(".")[0])
    if module is None or not hasattr(module, "ndarray") or not hasattr(array, "dtype"):
        raise TypeError(f"expected a NumPy or CuPy array, got {type(array).__name__}")
    return module
