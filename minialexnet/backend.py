"""Which array module an array belongs to, and how arrays move between devices.

This is the only file that imports CuPy, and it does so only when a CUDA device is
asked for, so the package works, and imports quickly, where CuPy is not installed.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import numpy as np

# NumPy's ndarray or CuPy's: the layers take either.
Array = Any

__all__ = [
    "Array",
    "check_device",
    "get_array_module",
    "to_device",
    "to_numpy",
    "use_device",
    "use_device_of",
]


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


def _module_of(array: Array) -> ModuleType:
    if isinstance(array, np.ndarray | np.generic):
        return np
    module = sys.modules.get(type(array).__module__.partition(".")[0])
    if module is None or not hasattr(module, "ndarray") or not hasattr(array, "dtype"):
        raise TypeError(f"expected a NumPy or CuPy array, got {type(array).__name__}")
    return module


def check_device(device: str) -> str:
    """Return `device` if it exists on this machine.

    Parameters
    ----------
    device : str
        ``"cpu"`` or ``"cuda:0"``, ``"cuda:1"``, ...

    Raises
    ------
    ValueError
        If the name is of neither form.
    RuntimeError
        If CuPy is not installed, or if there is no such CUDA device.
    """
    if device == "cpu":
        return device
    kind, _, index = device.partition(":")
    if kind != "cuda" or not index.isdigit():
        raise ValueError(f"expected device 'cpu' or 'cuda:0', 'cuda:1', got {device!r}")
    try:
        import cupy
    except ImportError as error:
        raise RuntimeError(
            f"device {device!r} needs CuPy, which is not installed: "
            "pip install -e '.[gpu]' for CUDA 12, -e '.[gpu-cuda13]' for CUDA 13"
        ) from error
    found = cupy.cuda.runtime.getDeviceCount() if cupy.is_available() else 0
    if int(index) >= found:
        raise RuntimeError(
            f"device {device!r} was asked for, but CuPy finds {found} CUDA device(s)"
        )
    return device


def use_device(device: str) -> AbstractContextManager[Any]:
    """Return a context in which new arrays lie on `device`.

    CuPy computes on its current device only, so a network's calls stand inside it.

    Parameters
    ----------
    device : str
        ``"cpu"``, where it changes nothing, or ``"cuda:N"``, see `check_device`.
    """
    if check_device(device) == "cpu":
        return nullcontext()
    import cupy

    context: AbstractContextManager[Any] = cupy.cuda.Device(int(device[5:]))
    return context


def use_device_of(array: Array) -> AbstractContextManager[Any]:
    """Return a context in which new arrays lie where `array` does.

    Parameters
    ----------
    array : ndarray
        A NumPy array changes nothing.
    """
    if get_array_module(array) is np:
        return nullcontext()
    context: AbstractContextManager[Any] = array.device
    return context


def to_device(array: Array, device: str) -> Array:
    """Return `array` on `device`, copying only when it lies elsewhere.

    Parameters
    ----------
    array : ndarray
    device : str
        ``"cpu"`` or ``"cuda:N"``, see `check_device`.
    """
    if check_device(device) == "cpu":
        return to_numpy(array)
    import cupy

    with use_device(device):
        return cupy.asarray(array)


def to_numpy(array: Array) -> Array:
    """Return `array` as a NumPy array; a NumPy array is returned as it is."""
    return array if get_array_module(array) is np else array.get()
