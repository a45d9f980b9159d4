"""Which array module an array belongs to, how arrays move, and streams of work.

This is the only file that imports CuPy, and it does so only when a CUDA device is
asked for, so the package works, and imports quickly, where CuPy is not installed.

A CUDA device does what it is given on one stream in order, and what it is given on
several streams at once. A thread gives its work to its current stream, which is the
device's default stream where nothing else was said. Two rules follow:

- What one stream made, another may use after the two met (`meet`).
- CuPy gives the memory of an array that is no longer referred to back to the stream
  that it was made on, whose next array may take it at once. So an array that another
  stream uses is held until the two streams have met again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

# NumPy's ndarray or CuPy's: the layers take either.
Array = Any

__all__ = [
    "Array",
    "check_device",
    "describe_gpus",
    "get_array_module",
    "held_gib",
    "seconds_of",
    "to_device",
    "to_numpy",
    "use_device",
    "use_device_of",
    "use_stream",
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
        "tf32": int(os.environ.get("CUPY_TF32", "0")) > 0,
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


def to_device(array: Array, device: str) -> Array:
    """Return `array` on `device`, copying only when it lies elsewhere.

    Between two CUDA devices the copy is made once the thread's current stream on each
    has done what it was given, and both go on after it.

    Parameters
    ----------
    array : ndarray
    device : str
        ``"cpu"`` or ``"cuda:N"``, see `check_device`.
    """
    if check_device(device) == "cpu":
        return to_numpy(array)
    import cupy

    on_cpu = get_array_module(array) is np
    source = "cpu" if on_cpu else f"cuda:{array.device.id}"
    if source in ("cpu", device):
        with use_device(device):
            return cupy.asarray(array)
    streams = current_stream(source), current_stream(device)
    if not array.flags.c_contiguous:  # CuPy copies no other between devices
        with use_device_of(array):
            array = cupy.ascontiguousarray(array)
    meet(*streams)
    with use_device(device):
        moved = cupy.asarray(array)
    meet(*streams)
    return moved


def to_numpy(array: Array) -> Array:
    """Return `array` as a NumPy array; a NumPy array is returned as it is."""
    if get_array_module(array) is np:
        return array
    with use_device_of(array):  # CuPy copies on the current device's stream
        return array.get()


@dataclass(frozen=True)
class Stream:
    """An order of work on a device.

    Attributes
    ----------
    device : str
    cuda : cupy.cuda.Stream or None
        None on the processor, where work is done before the call returns.
    """

    device: str
    cuda: Any


def new_stream(device: str) -> Stream:
    """Return a stream that works beside the other streams of `device`.

    It does not wait for the default stream either, unless told to.

    Parameters
    ----------
    device : str
        See `check_device`.
    """
    if check_device(device) == "cpu":
        return Stream(device, None)
    import cupy

    with use_device(device):
        return Stream(device, cupy.cuda.Stream(non_blocking=True))


def current_stream(device: str) -> Stream:
    """Return the stream that this thread's work on `device` goes to.

    Parameters
    ----------
    device : str
        See `check_device`.
    """
    if check_device(device) == "cpu":
        return Stream(device, None)
    import cupy

    return Stream(device, cupy.cuda.get_current_stream(int(device[5:])))


@contextmanager
def use_stream(stream: Stream) -> Iterator[None]:
    """Return a context in which this thread's work goes to `stream` and its device."""
    with use_device(stream.device), stream.cuda or nullcontext():
        yield


def meet(*streams: Stream) -> None:
    """Let every stream go on only after all have done what they were given so far.

    The calling thread does not wait.
    """
    events = []
    for stream in streams:
        if stream.cuda is not None:
            with use_device(stream.device):  # the default stream is of the current one
                events.append(stream.cuda.record())
    for stream in streams:
        if stream.cuda is not None:
            with use_device(stream.device):
                for event in events:
                    stream.cuda.wait_event(event)
