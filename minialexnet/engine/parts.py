"""A batch cut into parts whose working memory suits the device."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["batches"]

# What a part of a batch takes, see `batches`. Four megabytes stay in a CPU's cache, and
# a NumPy call on them takes long enough that threads seldom wait for one another at
# Python's interpreter. A GPU wants few, large pieces.
CPU_BYTES, GPU_BYTES = 1 << 22, 1 << 28


def batches(
    N: int, bytes_each: int, xp: object, bytes_shared: int = 0
) -> Iterator[slice]:
    """Cut a batch of N images into slices whose working set suits the device.

    Parameters
    ----------
    N : int
    bytes_each : int
        Working memory that one image takes.
    xp : module
        The array module, from `get_array_module`.
    bytes_shared : int
        Memory that every part reads from the first to the last byte, as it does the
        kernels. A part takes as much itself, so that this reading does not prevail.
    """
    budget = CPU_BYTES if getattr(xp, "__name__", "") == "numpy" else GPU_BYTES
    budget = max(budget, bytes_shared)
    step = max(1, budget // max(1, bytes_each))
    for start in range(0, N, step):
        yield slice(start, min(N, start + step))
