"""Arrays copied from one device to another."""

import numpy as np

from .arrays import Array, get_array_module
from .devices import check_device, use_device, use_device_of
from .streams import current_stream, meet


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
