"""The bytes of a file of weights, and the one error that says it is not fit for use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np

from ..engine.arrays import Array
from ..files.headers import HeaderError
from ..files.opening import open_file
from ..files.stored_zip import ArchiveError

# An AlexNet has 233 MiB in float32 and 466 in float64. A file's weights may be as large
# as that, and the network made from them, so both together stay below a GiB.
MAX_BYTES = 480 * 2**20


class WeightsError(ValueError):
    """A file of weights that is damaged, of another network, or not understood."""


@contextmanager
def opened(
    path: str | os.PathLike[str], most: int = MAX_BYTES
) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file of weights and yield it with its size; name it in what goes wrong.

    Raises
    ------
    WeightsError
        If it is no ordinary file or larger than `most`, or a pointer that Git LFS left
        in its place; and whatever `WeightsError` is raised inside.
    OSError
        If it cannot be opened or read.
    """
    try:
        file = open_file(path, most)
    except ValueError as error:
        raise WeightsError(str(error)) from error
    with file:
        try:
            if file.read(40).startswith(b"version https://git-lfs"):
                raise WeightsError(
                    "expected weights, got a Git LFS pointer to them; git lfs pull, or "
                    "a download from the site, fetches the file itself"
                )
            file.seek(0)
            yield file, os.fstat(file.fileno()).st_size
        except (WeightsError, HeaderError, ArchiveError) as error:
            raise WeightsError(f"{os.fspath(path)}: {error}") from error.__cause__


def read_bytes(file: BinaryIO, size: int) -> memoryview:
    """Return the next `size` bytes, if there are as many.

    Raises
    ------
    WeightsError
        If there are fewer.
    """
    data = file.read(size)
    if len(data) != size:
        raise WeightsError(f"expected {size:,} bytes more, got {len(data):,}")
    return memoryview(data)


def from_bfloat16(halves: Array) -> Array:
    """Return float32 numbers of which `halves` has the upper 16 bits.

    Examples
    --------
    >>> from_bfloat16(np.array([0x3F80, 0xC020], np.uint16))
    array([ 1. , -2.5], dtype=float32)
    """
    return (halves.astype(np.uint32) << 16).view(np.float32)
