"""Pictures that lie in several files, indexed as if they were one array."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..files.npy import read_npy
from ..files.opening import open_file

DONE = ".done"  # ending of what is known of a finished shard, while the set is not
HEADER_BYTES = 128  # of a .npy file
OPEN_SHARDS = 64  # mapped at a time: each holds a file open


class Shards:
    """Pictures that lie in several ``.npy`` files, indexed as if they were one array.

    Each file is mapped into memory when it is first needed, so that only the pictures
    asked for are read, and what the system has cached is not read again. Threads may
    read at the same time.

    Parameters
    ----------
    paths : sequence of Path
    counts : sequence of int
        How many pictures each file holds.
    side : int
        Of a picture, in pixels.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "grey.npy"
    >>> np.save(path, np.full((2, 3, 8, 8), 128, np.uint8))
    >>> images = Shards([path], [2], side=8)
    >>> images.shape, images[[1, 0, 1]].mean()
    ((2, 3, 8, 8), np.float64(128.0))
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, paths: Sequence[Path], counts: Sequence[int], side: int) -> None:
        self.shape = (sum(counts), 3, side, side)
        self._paths = tuple(paths)
        self._counts = tuple(counts)
        self._starts = np.cumsum([0, *counts])
        self._rows = np.arange(len(self))
        self._pixels = lru_cache(maxsize=OPEN_SHARDS)(self._map)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> NDArray[np.uint8]:
        """Return copies of pictures; an index means what it means to NumPy.

        Parameters
        ----------
        index : int, slice, or ndarray of int or bool, shape (n,) or (N,)

        Returns
        -------
        ndarray of uint8, shape (n, 3, side, side), or (3, side, side) for an int

        Raises
        ------
        IndexError
            If an index is out of range, or no such thing as above.
        ValueError
            If a file is not what it was when the set was written.
        """
        rows = np.asarray(self._rows[index])
        if rows.ndim > 1:
            raise IndexError(f"expected one row of indices, got shape {rows.shape}")
        pictures = np.empty((rows.size, *self.shape[1:]), np.uint8)
        flat = rows.reshape(-1)
        shards = np.searchsorted(self._starts, flat, side="right") - 1
        inside = flat - self._starts[shards]
        for i in np.argsort(flat, kind="stable"):  # as they lie on the disk
            pictures[i] = self._pixels(int(shards[i]))[inside[i]]
        return pictures.reshape(*rows.shape, *self.shape[1:])

    def _map(self, shard: int) -> NDArray[np.uint8]:
        path = self._paths[shard]
        shape = (self._counts[shard], *self.shape[1:])
        try:
            with open_file(path) as file:
                pixels = read_npy(np.memmap(file, np.uint8, "r"))
        except ValueError as error:
            raise ValueError(f"{path}: expected a shard, got {error}") from None
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"{path}: expected uint8 of shape {shape}, got {pixels.dtype} of "
                f"{pixels.shape}"
            )
        return np.asarray(pixels)


def shard_path(folder: Path, split: str, number: int) -> Path:
    """Return where a shard lies."""
    return folder / f"{split}-{number:05d}.npy"


def shard_bytes(pictures: int, side: int) -> int:
    """Return the size of a shard's file."""
    return HEADER_BYTES + pictures * 3 * side**2


def write_header(file: IO[bytes], pictures: int, side: int) -> None:
    """Write the header of a shard's file."""
    shape = (pictures, 3, side, side)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    assert file.tell() == HEADER_BYTES
