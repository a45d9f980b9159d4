"""CIFAR-10 from its official binary archive: 60,000 pictures in ten classes.

The data is by Krizhevsky (2009), "Learning multiple layers of features from tiny
images"; Figure 1 of Krizhevsky et al. (2012) trains on it. Of the archive's three
forms this is the one without pickles, which could run code when they are read.
"""

import os
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from ..files.opening import open_file
from . import data_dir as choose_dir
from .dataset import Dataset
from .download import download_once
from .tar import TarError, read_members

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SIZE = 170_052_171  # bytes
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"

ARCHIVE = "cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST_FILES = ("test_batch.bin",)
RECORDS = 10_000  # in each file
MOST = 200_000_000  # bytes that may come out of the archive; they are 184,380,000
RECORD_BYTES = 1 + 3 * 32 * 32  # the label, then the red, green and blue planes

CLASS_NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


def load(
    data_dir: str | os.PathLike[str] | None = None, download: bool = True
) -> Dataset:
    """Read CIFAR-10, and download it first where it is not there.

    A copy that somebody packed anew is as good as the original: sizes and labels are
    checked, the archive's hash only when it is downloaded.

    Parameters
    ----------
    data_dir : str or path, optional
        The folder ``cifar-10-batches-bin``, the folder that holds it or
        ``cifar-10-binary.tar.gz``, or such an archive itself. When not given, see
        `minialexnet.data.data_dir`. A download (170 MB) is kept here.
    download : bool
        Whether a download is allowed.

    Returns
    -------
    Dataset
        50,000 training and 10,000 test pictures, uint8 of shape (3, 32, 32), as many
        of each class.

    Raises
    ------
    FileNotFoundError
        If a file is missing, and if nothing is there and `download` is False.
    ValueError
        If a file is truncated or is something else; the message names it.
    DownloadError
        If the download fails, see `minialexnet.data.download.download`.
    """
    place = choose_dir(data_dir)
    files = _find(place, download)
    train_images, train_labels = _split(files, TRAIN_FILES)
    test_images, test_labels = _split(files, TEST_FILES)
    return Dataset(
        "cifar10", train_images, train_labels, test_images, test_labels, CLASS_NAMES
    )


def _find(place: Path, download: bool) -> dict[str, NDArray[np.uint8]]:
    """Return the records of each file, from wherever they are at `place`."""
    if place.is_file() or place.name.endswith((".tar.gz", ".tgz")):
        return _read_archive(place)
    for folder in (place, place / FOLDER):
        if any((folder / name).exists() for name in TRAIN_FILES + TEST_FILES):
            return _read_folder(folder)
    archive = place / ARCHIVE
    other_way = ", or use the data set shapes, which needs no download"
    download_once(URL, archive, SIZE, SHA256, FOLDER, download, other_way)
    return _read_archive(archive)


def _read_folder(folder: Path) -> dict[str, NDArray[np.uint8]]:
    files = {}
    for name in TRAIN_FILES + TEST_FILES:
        path = folder / name
        if path.is_file():
            _check_size(str(path), path.stat().st_size)
            with open_file(path) as file:
                files[name] = _records(str(path), file.read())
    _check_complete(str(folder), files, os.listdir(folder))
    return files


def _read_archive(path: Path) -> dict[str, NDArray[np.uint8]]:
    """Read the six files by name alone: no path in the archive is ever followed."""
    files: dict[str, NDArray[np.uint8]] = {}
    found = []
    largest = RECORDS * RECORD_BYTES
    try:
        with open_file(path) as file:
            for member in read_members(file, TRAIN_FILES + TEST_FILES, largest, MOST):
                found.append(member.name)
                name = PurePosixPath(member.name).name
                if name not in TRAIN_FILES + TEST_FILES or not member.is_file:
                    continue
                if name in files:
                    raise ValueError(f"{path}: expected one {name}, found two")
                where = f"{path}: {name}"
                _check_size(where, member.size)
                files[name] = _records(where, member.content or b"")
    except TarError as error:
        raise ValueError(
            f"{path}: expected a whole {ARCHIVE} (the official one has {SIZE:,} "
            f"bytes), got {path.stat().st_size:,} bytes that cannot be read: {error}"
        ) from error
    _check_complete(str(path), files, found)
    return files


def _check_size(where: str, size: int) -> None:
    expected = RECORDS * RECORD_BYTES
    if size != expected:
        raise ValueError(
            f"{where}: expected {expected:,} bytes, {RECORDS:,} records of "
            f"{RECORD_BYTES:,}; got {size:,}, which are {size // RECORD_BYTES:,} "
            f"records and {size % RECORD_BYTES:,} bytes"
        )


def _records(where: str, content: bytes) -> NDArray[np.uint8]:
    """Return one file's records, uint8 of shape (RECORDS, RECORD_BYTES)."""
    records = np.frombuffer(content, np.uint8).reshape(RECORDS, RECORD_BYTES)
    wrong = np.flatnonzero(records[:, 0] >= len(CLASS_NAMES))
    if wrong.size:
        raise ValueError(
            f"{where}: expected labels from 0 to {len(CLASS_NAMES) - 1}, "
            f"got {records[wrong[0], 0]} in record {wrong[0]}"
        )
    return records


def _check_complete(
    where: str, files: dict[str, NDArray[np.uint8]], found: list[str]
) -> None:
    missing = [name for name in TRAIN_FILES + TEST_FILES if name not in files]
    if missing:
        some = ", ".join(map(repr, sorted(found)[:8])) or "nothing"
        raise FileNotFoundError(
            f"{where}: expected {', '.join(missing)} in it, found {some}"
        )


def _split(
    files: dict[str, NDArray[np.uint8]], names: tuple[str, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pictures, (N, 3, 32, 32), and the labels, (N,), of a split's files."""
    images = np.concatenate([files[name][:, 1:] for name in names])
    labels = np.concatenate([files[name][:, 0] for name in names])
    return images.reshape(-1, 3, 32, 32), labels.astype(np.int64)
