"""Memory that is used again, instead of being given back and asked for anew.

An operating system hands memory out page by page, filled with zeros, which takes longer
than many a layer does. CuPy keeps what was freed for the next array; NumPy does not.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from math import prod
from typing import Any

import numpy as np

from .backend import Array, get_array_module

__all__ = ["empty", "empty_like", "keep_freed_memory"]

# The C library gives a thread a heap of its own, of 64 MB at most, and asks the system
# for each array that does not fit. It could be told to have one heap for all; but there
# a thread is handed what another has just written, which took up to twice the time.
LARGE = 1 << 25  # bytes


class _Kept:
    """Large pieces of memory that no array uses, by their size in bytes."""

    def __init__(self) -> None:
        self.asked = False
        self.free: dict[int, list[Array]] = {}

    def take(self, size: int) -> Array:
        """Return the smallest that is large enough but not twice as large, or a new."""
        for held in sorted(self.free):
            if size <= held < 2 * size:
                try:
                    return self.free[held].pop()
                except IndexError:  # all in use, or another thread was faster
                    continue
        return np.empty(size, np.uint8)

    def give(self, memory: Array) -> None:
        self.free.setdefault(len(memory), []).append(memory)


_kept = _Kept()


def keep_freed_memory() -> bool:
    """Keep memory that was freed for the next array, in this process from now on.

    The process then stays as large as it has ever been.

    Returns
    -------
    bool
        Whether small arrays' memory is kept too; only the GNU C library is asked.
    """
    _kept.asked = True
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    most = 2**31 - 1
    # Of malloc.h: no memory map for a single array, no giving back of what is freed.
    mmap_threshold, trim_threshold = -3, -1
    settings = (mmap_threshold, most), (trim_threshold, most)
    return all([mallopt(*setting) == 1 for setting in settings])


def _keeps(xp: Any, size: int) -> bool:
    return xp is np and _kept.asked and size >= LARGE


def empty(xp: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return what ``xp.empty`` does, an array of any content, in memory that was kept.

    The memory is kept again when nothing refers to the array, or to a view of it.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``cupy``, see `get_array_module`.
    shape : tuple of int
    dtype : dtype
    """
    dtype = np.dtype(dtype)
    size = prod(shape) * dtype.itemsize
    if not _keeps(xp, size):
        return xp.empty(shape, dtype)
    memory = _kept.take(size)
    # All views refer to this array, not past it, since its memory is not an array's.
    array = np.frombuffer(memoryview(memory), dtype, prod(shape))
    weakref.finalize(array, _kept.give, memory).atexit = False
    return array.reshape(shape)


def empty_like(x: Array, dtype: Any = None) -> Array:
    """Return what ``xp.empty_like`` does, laid out as x is, in memory that was kept.

    Parameters
    ----------
    x : ndarray
    dtype : dtype, optional
        That of x if not given.
    """
    xp, dtype = get_array_module(x), np.dtype(x.dtype if dtype is None else dtype)
    if not _keeps(xp, x.size * dtype.itemsize):
        return xp.empty_like(x, dtype)
    outer_first = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
    y = empty(xp, tuple(x.shape[axis] for axis in outer_first), dtype)
    return y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))
