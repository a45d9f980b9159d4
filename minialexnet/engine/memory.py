"""Memory that is used again, instead of being given back and asked for anew.

An operating system hands memory out page by page, filled with zeros, which takes longer
than many a layer does. CuPy keeps what was freed for the next array; NumPy does not.
"""

import ctypes
import sys
from math import prod
from threading import RLock
from typing import Any

import numpy as np

from .arrays import Array, get_array_module

# The C library gives a thread a heap of its own, of 64 MB at most, and asks the system
# for each array that does not fit. It could be told to have one heap for all; but there
# a thread is handed small arrays out of another's cache, which took up to twice the
# time. What is large is in no cache for long, whoever had it.
LARGE = 1 << 25  # bytes


class _Kept:
    """Large pieces of memory that no array uses, by their size in bytes."""

    def __init__(self) -> None:
        self.asked = False
        self.free: dict[int, list[Array]] = {}
        self.lent = self.most_lent = 0  # bytes
        self.lock = RLock()  # a collection of garbage in `take` may give something back

    def take(self, size: int) -> Array:
        """Return the smallest that is large enough but not twice as large, or a new."""
        with self.lock:
            for held in sorted(self.free):
                if size <= held < 2 * size and self.free[held]:
                    memory = self.free[held].pop()
                    break
            else:
                memory = np.empty(size, np.uint8)
            self.lent += len(memory)
            self.most_lent = max(self.most_lent, self.lent)
            self._drop()
            return memory

    def give(self, memory: Array) -> None:
        with self.lock:
            self.lent -= len(memory)
            self.free.setdefault(len(memory), []).append(memory)

    def _drop(self) -> None:
        """Let go of what makes all of it more than 1.5 times what was ever needed."""
        spare = sum(size * len(pieces) for size, pieces in list(self.free.items()))
        for size in sorted(self.free, reverse=True):
            while self.free[size] and self.lent + spare > 1.5 * self.most_lent:
                self.free[size].pop()
                spare -= size


_kept = _Kept()


class _Lent:
    """What an array refers to, and every view of it, and gives the memory back."""

    def __init__(self, memory: Array, kept: _Kept) -> None:
        self.memory, self.kept = memory, kept
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        self.kept.give(self.memory)


def keep_freed_memory() -> bool:
    """Keep memory that was freed for the next array, in this process from now on.

    The process then stays as large as it has ever been, or half as large again.

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
    array = np.asarray(_Lent(_kept.take(size), _kept))
    return array[:size].view(dtype).reshape(shape)


def empty_like(x: Array, dtype: Any = None, images: int | None = None) -> Array:
    """Return what ``xp.empty_like`` does, laid out as x is, in memory that was kept.

    Parameters
    ----------
    x : ndarray
    dtype : dtype, optional
        That of x if not given.
    images : int, optional
        The length of the first axis, that of x if not given.
    """
    xp, dtype = get_array_module(x), np.dtype(x.dtype if dtype is None else dtype)
    shape = x.shape if images is None else (images, *x.shape[1:])
    if not _keeps(xp, prod(shape) * dtype.itemsize):
        return xp.empty_like(x, dtype, shape=shape)
    outer_first = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
    y = empty(xp, tuple(shape[axis] for axis in outer_first), dtype)
    return y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))
