"""Opening files whose name came from outside: ordinary files, and nothing else."""

from __future__ import annotations

import os
import stat
from io import BufferedReader

__all__ = ["open_file"]


def open_file(path: str | os.PathLike[str], most: int | None = None) -> BufferedReader:
    """Open an ordinary file to read its bytes.

    A pipe would wait for ever for somebody who writes into it, and a device such as
    ``/dev/zero`` never ends; neither is opened, nor a link that leads to one.

    Parameters
    ----------
    path : str or path
    most : int, optional
        How many bytes the file may have.

    Returns
    -------
    binary file

    Raises
    ------
    ValueError
        If `path` is a pipe, a device or a socket, or if the file is larger than `most`.
    OSError
        If it cannot be opened; a folder cannot.

    Examples
    --------
    >>> with open_file(__file__) as file:
    ...     len(file.read(3))
    3
    >>> open_file(os.devnull)
    Traceback (most recent call last):
    ValueError: /dev/null: expected a file, got something else
    """
    # Where `open` alone would wait, this answers at once. Windows has no such flag.
    at_once = getattr(os, "O_NONBLOCK", 0)
    file = open(  # noqa: SIM115, it is the caller's to close
        path, "rb", opener=lambda name, flags: os.open(name, flags | at_once)
    )
    found = os.fstat(file.fileno())
    wrong = ""
    if not stat.S_ISREG(found.st_mode):
        wrong = "expected a file, got something else"
    elif most is not None and found.st_size > most:
        wrong = f"expected at most {most:,} bytes, got {found.st_size:,}"
    if wrong:
        file.close()
        raise ValueError(f"{os.fspath(path)}: {wrong}")
    return file
