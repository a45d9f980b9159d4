"""A prepared data set: shards of pixels on the disk, read as they are needed.

``minialexnet prepare`` writes such a folder, see `minialexnet.data.prepare`:

=====================  ==============================================================
``prepared.json``      what the set is, its shards with their SHA256, the files that
                       were skipped and why; written last
``train-00000.npy`` …  training pictures, uint8 of shape (n, 3, side, side), that
                       ``numpy.load`` reads too
``test-00000.npy`` …   test pictures
``arrays.npz``         train_labels, test_labels, mean_image, color_covariance
=====================  ==============================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import checkpoint
from .dataset import Dataset

__all__ = ["Shards", "check", "load", "read_record", "resume_command", "shard_path"]

RECORD = "prepared.json"
ARRAYS = "arrays.npz"
UNFINISHED = "unfinished.json"  # there while the set is not finished
DONE = ".done"  # ending of what is known of a finished shard, while the set is not
FORMAT = "minialexnet prepared"
VERSION = 1
SPLITS = ("train", "test")
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
        pixels = np.load(path, mmap_mode="r", allow_pickle=False)
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"{path}: expected uint8 of shape {shape}, got {pixels.dtype} of "
                f"{pixels.shape}"
            )
        return np.asarray(pixels)


def load(folder: str | os.PathLike[str]) -> Dataset:
    """Open a data set that ``minialexnet prepare`` made.

    Opening reads the labels and statistics and sees that every shard has its size.
    `check` reads the shards too.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    Dataset
        Its pictures are `Shards`; its name is the folder.

    Raises
    ------
    FileNotFoundError
        If the folder is none that ``minialexnet prepare`` made, or a shard is missing.
    ValueError
        If the set is half-written, which says how to go on, or a file is damaged.
    """
    folder = Path(folder)
    record = read_record(folder)
    side = record["side"]
    images = {}
    for split in SPLITS:
        counts = [shard["pictures"] for shard in record[split]]
        paths = [shard_path(folder, split, number) for number in range(len(counts))]
        for path, count in zip(paths, counts, strict=True):
            size, expected = path.stat().st_size, shard_bytes(count, side)
            if size != expected:
                raise ValueError(
                    f"{path}: expected {expected:,} bytes, got {size:,}; the set is "
                    "damaged and must be prepared anew"
                )
        images[split] = Shards(paths, counts, side)
    arrays, _ = checkpoint.load(folder / ARRAYS)
    try:
        return Dataset(
            str(folder),
            images["train"],
            arrays["train_labels"],
            images["test"],
            arrays["test_labels"],
            tuple(record["class_names"]),
            arrays["mean_image"],
            arrays["color_covariance"],
        )
    except KeyError as error:
        raise ValueError(f"{folder / ARRAYS}: expected {error} in it") from None


def check(
    folder: str | os.PathLike[str], update: Callable[[int], object] | None = None
) -> int:
    """Read a prepared data set to the last byte, and compare it with its checksums.

    Parameters
    ----------
    folder : str or path
    update : callable, optional
        Called with the number of pictures that have just been read.

    Returns
    -------
    int
        How many files were compared.

    Raises
    ------
    FileNotFoundError
        If the folder is none that ``minialexnet prepare`` made, or a file is missing.
    ValueError
        If the set is half-written, or a file is not what was written.
    """
    folder = Path(folder)
    record = read_record(folder)
    files = [(folder / ARRAYS, record["arrays"], 0)]
    for split in SPLITS:
        for number, shard in enumerate(record[split]):
            path = shard_path(folder, split, number)
            files.append((path, shard["sha256"], shard["pictures"]))
    damaged = []
    for path, sha256, pictures in files:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                damaged.append(path.name)
        if update is not None:
            update(pictures)
    if damaged:
        raise ValueError(
            f"{folder}: expected the SHA256 that {RECORD} has for each file, got "
            f"others for {', '.join(damaged)}; the set must be prepared anew"
        )
    return len(files)


def read_record(folder: Path) -> dict[str, Any]:
    """Read what a prepared data set says of itself, ``prepared.json``.

    Returns
    -------
    dict
        "side", "held_out", "pillow" (its version), "source" (a hash of the pictures'
        names, sizes and dates), "classes", "class_names", "train" and "test" (a list
        of {"pictures", "sha256"}, one a shard), "arrays" (a SHA256), "skipped" (a list
        of {"file", "why"}), "left_out" (validation pictures of other classes).

    Raises
    ------
    FileNotFoundError
        If the folder is none that ``minialexnet prepare`` made.
    ValueError
        If the set is half-written, or the file is damaged or of a newer version.
    """
    path = folder / RECORD
    if not path.exists() and (folder / UNFINISHED).exists():
        done = len(list(folder.glob(f"*{DONE}")))
        raise ValueError(
            f"{folder}: expected a finished data set, got a half-written one, with "
            f"{done} shards; go on with: {resume_command(folder)}"
        )
    if not path.exists():
        raise FileNotFoundError(
            f"{folder}: expected a folder that minialexnet prepare made, got no "
            f"{RECORD}"
        )
    record = read_json(path)
    if record.get("version") != VERSION:
        raise ValueError(
            f"{path}: expected version {VERSION}, got {record.get('version')!r}; "
            "a newer minialexnet may read it"
        )
    try:
        whole = record["side"] > 0 and all(
            shard["pictures"] >= 0 and isinstance(shard["sha256"], str)
            for split in SPLITS
            for shard in record[split]
        )
        whole = whole and {"arrays", "class_names", "classes", "skipped"} <= set(record)
    except (KeyError, TypeError):
        whole = False
    if not whole:
        raise ValueError(f"{path}: expected a whole {RECORD}, got a damaged one")
    return record


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of `FORMAT`."""
    try:
        content = json.loads(path.read_bytes())
        known = content["format"] == FORMAT
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"{path}: expected a file that minialexnet prepare wrote")
    return dict(content)


def resume_command(folder: Path) -> str:
    """Return the command that goes on with a half-written data set."""
    begun = read_json(folder / UNFINISHED)
    words = ["minialexnet", "prepare", begun["src"], str(folder)]
    words += ["--side", str(begun["side"])]
    if begun.get("classes_file"):
        words += ["--classes", begun["classes_file"]]
    if begun["held_out"]:
        words += ["--held-out", str(begun["held_out"])]
    return shlex.join(words)


def shard_path(folder: Path, split: str, number: int) -> Path:
    """Return where a shard lies."""
    return folder / f"{split}-{number:05d}.npy"


def shard_bytes(pictures: int, side: int) -> int:
    """Return the size of a shard's file."""
    return HEADER_BYTES + pictures * 3 * side**2
