"""The processor and the CUDA devices: which there are, and computing on one.

Only the files of this folder import CuPy, and only when a CUDA device is asked for, so
the package works, and imports quickly, where CuPy is not installed.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Array, get_array_module


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


def tf32_allowed() -> bool:
    """Say whether CuPy's products may round their factors to TF32: CUPY_TF32=1."""
    return int(os.environ.get("CUPY_TF32", "0")) > 0


def seconds_of(work: Callable[[], Any], device: str) -> tuple[Any, float]:
    """Return what work returns, and how long it took on `device`.

    Parameters
    ----------
    work : callable ()
    device : str
        On a GPU the time is that between two events on its current stream, since a
        call returns before its work is done.
    """
    if check_device(device) == "cpu":
        start = time.perf_counter()
        result = work()
        return result, time.perf_counter() - start
    import cupy

    with use_device(device):
        first, last = cupy.cuda.Event(), cupy.cuda.Event()
        first.record()
        result = work()
        last.record()
        last.synchronize()
        return result, cupy.cuda.get_elapsed_time(first, last) / 1e3


def describe_gpus() -> dict[str, Any]:
    """Return what a record says of the GPUs, nothing where CuPy was not loaded.

    Returns
    -------
    dict
        "gpus", the names of all; "driver", of NVIDIA's kernel module where Linux tells;
        "cuda_driver" and "cuda_runtime" as CUDA counts, 12090 for 12.9; "cupy"; and
        "tf32", whether CuPy's products of two matrices round their factors.
    """
    cupy = sys.modules.get("cupy")
    if cupy is None or not cupy.is_available():
        return {}
    runtime = cupy.cuda.runtime
    try:
        first = Path("/proc/driver/nvidia/version").read_text().splitlines()[0]
        driver = first.partition("Module")[2].split()[0]
    except (OSError, IndexError):
        driver = None
    return {
        "gpus": [
            runtime.getDeviceProperties(i)["name"].decode()
            for i in range(runtime.getDeviceCount())
        ],
        "driver": driver,
        "cuda_driver": runtime.driverGetVersion(),
        "cuda_runtime": runtime.runtimeGetVersion(),
        "cupy": cupy.__version__,
        "tf32": tf32_allowed(),
    }


def held_gib(device: str) -> float:
    """Return the memory that CuPy's pool has taken on a GPU so far, in GiB.

    The pool gives nothing back, so this is the most that was in use at once, rounded up
    to the pieces that the pool is made of.

    Parameters
    ----------
    device : str
        ``"cuda:N"``, see `check_device`.
    """
    check_device(device)
    import cupy

    with use_device(device):
        held = int(cupy.get_default_memory_pool().total_bytes())
    return round(held / 2**30, 3)
