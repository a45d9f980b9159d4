"""Data sets that come packed into one file, as to a machine without a network."""

from __future__ import annotations

import tarfile
from pathlib import Path


def unpacked(data: Path | None, room: Path) -> Path | None:
    """Return the folder of the data sets: `data`, or what is packed in it.

    Parameters
    ----------
    data : Path or None
        A folder, or a file that ``tar`` made of one: ``tar -cJf data.tar.xz -C DATA .``
    room : Path
        An empty folder to unpack into.
    """
    if data is None or data.is_dir():
        return data and data.resolve()
    with tarfile.open(data) as archive:
        archive.extractall(room, filter="data")
    return room
