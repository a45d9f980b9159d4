"""A folder in which one program works at a time."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]
try:
    import msvcrt
except ImportError:  # everywhere else
    msvcrt = None  # type: ignore[assignment]

__all__ = ["LOCK", "alone"]

LOCK = ".lock"  # on Windows, where a folder cannot be locked, a file in it is
BUSY = errno.EACCES, errno.EAGAIN, errno.EDEADLK


@contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Keep a second program from working in the folder, which is made if need be.

    The system lets go of the lock when this process ends, by kill -9 too. Where files
    cannot be locked, as on some disks of other machines, nothing is noticed. A folder
    that was made here and has stayed empty is removed again.

    Parameters
    ----------
    folder : Path
    command : str
        What works there, for the error: "train".

    Raises
    ------
    ValueError
        If another program is at work there.
    OSError
        If the folder cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    with ExitStack() as ending:
        for path in reversed(made):
            ending.callback(_remove_empty, path)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if fcntl is not None:
                descriptor = os.open(folder, os.O_RDONLY)
                ending.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            elif msvcrt is not None:
                descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
                ending.callback(_remove, folder / LOCK)
                ending.callback(os.close, descriptor)
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in BUSY:
                raise ValueError(
                    f"{folder}: expected to be alone in it, another {command} is at "
                    "work"
                ) from None
        yield


def _remove(path: Path) -> None:
    with suppress(OSError):  # another program may have it
        path.unlink()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
