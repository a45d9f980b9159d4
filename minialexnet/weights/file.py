"""The bytes of a file of weights, and the one error that says it is not fit for use."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

__all__ = ["MAX_BYTES", "WeightsError", "opened", "read_bytes"]

# An AlexNet has 233 MiB in float32 and 466 in float64. A file may be as large as that,
# and the network made from it, so both together stay below a GiB.
MAX_BYTES = 480 * 2**20


class WeightsError(ValueError):
    """A file of weights that is damaged, of another network, or not understood."""


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], int]]:
    """Open a file of weights and yield it with its size; name it in what goes wrong.

    Raises
    ------
    WeightsError
        If it is no ordinary file (a pipe would wait for ever, a device never end) or
        larger than `MAX_BYTES`; and whatever `WeightsError` is raised inside.
    OSError
        If it cannot be opened or read.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise WeightsError("expected a file, got something else")
            if found.st_size > MAX_BYTES:
                raise WeightsError(
                    f"expected at most {MAX_BYTES:,} bytes, got {found.st_size:,}"
                )
            yield file, found.st_size
    except WeightsError as error:
        raise WeightsError(f"{os.fspath(path)}: {error}") from error.__cause__


def _at_once(path: str, flags: int) -> int:
    """Open without waiting, if it is a pipe, for somebody who writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(file: IO[bytes], size: int) -> memoryview:
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
