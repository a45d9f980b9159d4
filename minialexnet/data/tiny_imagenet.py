"""Tiny ImageNet: 200 of ImageNet's classes in pictures of 64 x 64 pixels.

It was made for the course CS231n at Stanford: 500 training and 50 validation pictures
of each class; the labels of its test pictures are not public, so the validation
pictures are the test set here.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .dataset import Dataset
from .dataset import data_dir as choose_dir
from .download import DownloadError
from .download import download as fetch
from .image_folder import decode_image

__all__ = ["load"]

URL = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
SIZE = 248_100_043  # bytes
SHA256 = "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821"

FOLDER = "tiny-imagenet-200"
ARCHIVE = f"{FOLDER}.zip"
SIDE = 64
MEMBER_BYTES = 1 << 25  # of a file in the archive: words.txt has 2.6 MB


def load(
    data_dir: str | os.PathLike[str] | None = None,
    classes: int | None = None,
    download: bool = True,
) -> Dataset:
    """Read Tiny ImageNet into memory, and download it first where it is not there.

    All of it are 1.35 GB of pixels, decoded each time; ``minialexnet prepare`` with
    ``--side 64`` does so once, and takes the folder. Where only some of the class
    folders are there, the data set has these classes.

    Parameters
    ----------
    data_dir : str or path, optional
        The folder ``tiny-imagenet-200``, the folder that holds it or
        ``tiny-imagenet-200.zip``, or such an archive itself, which is read as it is.
        When not given, see `minialexnet.data.data_dir`. A download (248 MB) is kept
        here.
    classes : int, optional
        Take the first so many classes of ``wnids.txt`` out of those that are there.
    download : bool
        Whether a download is allowed.

    Returns
    -------
    Dataset
        Of each class 500 training and 50 test pictures, uint8 of shape (3, 64, 64), in
        the order of the classes in ``wnids.txt``, then of names.

    Raises
    ------
    FileNotFoundError
        If a file is missing, and if nothing is there and `download` is False.
    ValueError
        If a file is damaged or is something else, which the message names, or if
        there are fewer than `classes` classes.
    DownloadError
        If the download fails, see `minialexnet.data.download.download`.
    """
    with _open(choose_dir(data_dir), download) as source:
        train, words = _training(source), _words(source)
        wanted = 1 if classes is None else classes
        if not 1 <= wanted <= len(train):
            raise ValueError(
                f"{source.where}: expected --classes from 1 to the {len(train)} that "
                f"have training pictures there, got {wanted}"
            )
        wnids = list(train)[:classes]
        test = _validation(source, wnids)
        count = sum(len(train[wnid]) + len(test[wnid]) for wnid in wnids)
        with tqdm(
            total=count, desc="tiny-imagenet", unit=" images", leave=False, disable=None
        ) as bar:
            train_images, train_labels = _decode(source, train, wnids, bar)
            test_images, test_labels = _decode(source, test, wnids, bar)
    return Dataset(
        "tiny-imagenet",
        train_images,
        train_labels,
        test_images,
        test_labels,
        tuple(words.get(wnid, wnid) for wnid in wnids),
    )


class _Unpacked:
    """The unpacked archive."""

    def __init__(self, root: Path) -> None:
        self.where = str(root)
        self._root = root

    def names(self, folder: str) -> list[str]:
        """Return the sorted pictures of a folder; none where there is no folder."""
        try:
            names = os.listdir(self._root / folder)
        except FileNotFoundError:
            return []
        return [f"{folder}/{name}" for name in sorted(names) if _is_picture(name)]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return (self._root / name).read_bytes()


class _Packed:
    """The archive as it is; its members are read by name, no path is followed."""

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self.where = where
        self._archive = archive
        self._folders: dict[str, list[str]] = {}
        for name in sorted(archive.namelist()):
            first, _, path = name.partition("/")
            if first == FOLDER and _is_picture(path):
                self._folders.setdefault(path.rpartition("/")[0], []).append(path)

    def names(self, folder: str) -> list[str]:
        """Return the sorted pictures of a folder; none where there is no folder."""
        return self._folders.get(folder, [])

    def read(self, name: str) -> bytes:
        """Return the bytes of a member, whose checksum is verified."""
        try:
            info = self._archive.getinfo(f"{FOLDER}/{name}")
            if info.file_size > MEMBER_BYTES:
                raise ValueError(f"{info.file_size:,} bytes of {name}")
            return self._archive.read(info)
        # What zipfile raises over damaged bytes is of many types.
        except Exception as error:
            raise ValueError(
                f"{self.where}: expected a whole {ARCHIVE} (the official one has "
                f"{SIZE:,} bytes), got {error}"
            ) from error


_Source: TypeAlias = _Unpacked | _Packed


def _is_picture(name: str) -> bool:
    return name.endswith(".JPEG")


@contextmanager
def _open(place: Path, download: bool) -> Iterator[_Source]:
    """Open the pictures, wherever they are at `place`."""
    for folder in (place, place / FOLDER):
        if (folder / "wnids.txt").exists():
            yield _Unpacked(folder)
            return
    path = place if place.suffix == ".zip" else place / ARCHIVE
    if place.suffix == ".zip" and not place.exists():
        raise FileNotFoundError(f"expected the archive {place}, found no such file")
    if not path.exists():
        advice = (
            f"You can also fetch {URL} by other means and put it into {place} "
            "(or into the folder that MINIALEXNET_DATA or --data-dir names)."
        )
        if not download:
            raise FileNotFoundError(
                f"expected {FOLDER} or {ARCHIVE} in {place}, found neither, and a "
                f"download is not allowed. {advice}"
            )
        try:
            fetch(URL, path, SIZE, SHA256)
        except DownloadError as error:
            raise DownloadError(f"{error} {advice}") from error
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError) as error:
        raise ValueError(
            f"{path}: expected a whole {ARCHIVE} of {SIZE:,} bytes, got "
            f"{path.stat().st_size:,} bytes that cannot be read: {error}"
        ) from error
    with archive:
        yield _Packed(archive, str(path))


def _training(source: _Source) -> dict[str, list[str]]:
    """Return the training pictures of the classes that are there, in their order."""
    wnids = source.read("wnids.txt").decode().split()
    found = {wnid: source.names(f"train/{wnid}/images") for wnid in wnids}
    return {wnid: names for wnid, names in found.items() if names}


def _validation(source: _Source, wnids: list[str]) -> dict[str, list[str]]:
    """Return the validation pictures of each class."""
    pictures: dict[str, list[str]] = {wnid: [] for wnid in wnids}
    names = source.names("val/images")
    text = source.read("val/val_annotations.txt").decode() if names else ""
    truth = dict(line.split("\t")[:2] for line in text.splitlines())
    for name in names:
        wnid = truth.get(name.rpartition("/")[2])
        if wnid is None:
            raise ValueError(
                f"{source.where}: expected {name} in val_annotations.txt, it is not"
            )
        if wnid in pictures:
            pictures[wnid].append(name)
    return pictures


def _words(source: _Source) -> dict[str, str]:
    text = source.read("words.txt").decode()
    return dict(line.split("\t")[:2] for line in text.splitlines())


def _decode(
    source: _Source, pictures: dict[str, list[str]], wnids: list[str], bar: tqdm
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pictures, (N, 3, 64, 64), and the labels, (N,), of a split."""
    names = [name for wnid in wnids for name in pictures[wnid]]
    images = np.empty((len(names), 3, SIDE, SIDE), np.uint8)
    for image, name in zip(images, names, strict=True):
        image[:] = decode_image(source.read(name), f"{source.where}/{name}", SIDE)
        bar.update()
    counts = [len(pictures[wnid]) for wnid in wnids]
    return images, np.repeat(np.arange(len(wnids)), counts)
