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

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import checkpoint
from ..files.opening import open_file
from .dataset import Dataset
from .record import ARRAYS, RECORD, SPLITS, read_record
from .shards import Shards, shard_bytes, shard_path


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
        _check_statistics(folder / ARRAYS, arrays)
        return Dataset(
            str(folder),
            images["train"],
            arrays["train_labels"],
            images["test"],
            arrays["test_labels"],
            tuple(record["class_names"]),
            arrays["mean_image"],
            arrays["color_covariance"],
            tuple(record["classes"]),
        )
    except KeyError as error:
        raise ValueError(f"{folder / ARRAYS}: expected {error} in it") from None


def _check_statistics(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a mean or a covariance that is none."""
    for name, dtype in (("mean_image", np.float32), ("color_covariance", np.float64)):
        array = arrays[name]
        if array.dtype != dtype or not np.isfinite(array).all():
            raise ValueError(
                f"{path}: expected {name} of finite {np.dtype(dtype)}, got others"
            )


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
        with open_file(path) as file:
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
