"""Tiny ImageNet: 200 of ImageNet's classes in pictures of 64 x 64 pixels.

It was made for the course CS231n at Stanford: 500 training and 50 validation pictures
of each class; the labels of its test pictures are not public, so the validation
pictures are the test set here.
"""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files.opening import open_file
from ..files.progress import Bar, progress_bar
from . import data_dir as choose_dir
from .dataset import Dataset
from .download import download_once
from .labels import SUFFIXES
from .layout import find_in
from .listing import Folder, Listing, Packed
from .picture import decode_image

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
    skip: int = 0,
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
    skip : int
        Leave out so many classes before those.

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
        there are fewer than `skip` and `classes` classes.
    DownloadError
        If the download fails, see `minialexnet.data.download.download`.
    """
    with _open(choose_dir(data_dir), download) as listing:
        found = find_in(listing, Path(listing.where))
        for error in found.skipped:
            if error.name.lower().endswith(SUFFIXES):
                raise error
        with_images = sorted({label for _, label in found.train})
        wanted = 1 if classes is None else classes
        if wanted < 1 or skip < 0 or skip + wanted > len(with_images):
            beyond = f" after {skip}" if skip else ""
            raise ValueError(
                f"{listing.where}: expected --classes from 1 to the {len(with_images)} "
                f"that have training pictures there, got {wanted}{beyond}"
            )
        names = found.class_names[skip:][:classes]
        train, test = (
            [(name, i - skip) for name, i in split if skip <= i < skip + len(names)]
            for split in (found.train, found.test)
        )
        with progress_bar(
            total=len(train) + len(test),
            desc="tiny-imagenet",
            unit=" images",
            leave=False,
        ) as bar:
            train_images, train_labels = _decode(listing, train, bar)
            test_images, test_labels = _decode(listing, test, bar)
    return Dataset(
        "tiny-imagenet",
        *(train_images, train_labels, test_images, test_labels),
        names,
        class_folders=found.classes[skip:][:classes],
    )


@contextmanager
def _open(place: Path, download: bool) -> Iterator[Listing]:
    """Open the pictures, wherever they are at `place`."""
    for folder in (place, place / FOLDER):
        if (folder / "wnids.txt").exists():
            yield Folder(folder)
            return
    path = place if place.suffix == ".zip" else place / ARCHIVE
    if place.suffix == ".zip" and not place.exists():
        raise FileNotFoundError(f"expected the archive {place}, found no such file")
    download_once(URL, path, SIZE, SHA256, FOLDER, download)
    with open_file(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError) as error:
            raise ValueError(
                f"{path}: expected a whole {ARCHIVE} of {SIZE:,} bytes, got "
                f"{path.stat().st_size:,} bytes that cannot be read: {error}"
            ) from error
        with archive:
            yield Packed(archive, FOLDER, str(path))


def _decode(
    listing: Listing, items: list[tuple[str, int]], bar: Bar
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pictures, (N, 3, 64, 64), and the labels, (N,), of a split."""
    images = np.empty((len(items), 3, SIDE, SIDE), np.uint8)
    for image, (name, _) in zip(images, items, strict=True):
        data = listing.read(name, MEMBER_BYTES)
        image[:] = decode_image(data, f"{listing.where}/{name}", SIDE)
        bar.update()
    return images, np.array([label for _, label in items], np.int64)
