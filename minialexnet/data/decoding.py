"""A shard of a prepared data set: pictures decoded into one file of pixels."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .color import color_sums
from .picture import ImageError, read_image
from .shards import DONE, shard_path, write_header


@dataclass(frozen=True)
class Job:
    """A shard that is to be written.

    Parameters
    ----------
    src, dst : Path
        Where the pictures lie, and where the shard is to lie.
    split : {"train", "test"}
    number : int
        Of the shard in its split.
    side : int
        Of the squares, in pixels.
    items : tuple of (str, int)
        Each picture's path from `src`, and its label.
    """

    src: Path
    dst: Path
    split: str
    number: int
    side: int
    items: tuple[tuple[str, int], ...]

    @property
    def path(self) -> Path:
        """Of the shard's file."""
        return shard_path(self.dst, self.split, self.number)

    @property
    def done(self) -> Path:
        """Of the file that says that the shard is finished."""
        return self.path.with_suffix(DONE)


@dataclass(frozen=True)
class Shard:
    """A shard that was written, as yet under a name of its own.

    Parameters
    ----------
    temporary : Path
    sha256 : str
    labels : ndarray of int64, shape (n,)
        Of the pictures that could be read.
    total : ndarray of int64, shape (3, side, side)
        The sum of the pictures.
    products : ndarray of int64, shape (3, 3)
        See `minialexnet.data.color.color_sums`.
    skipped : list of (str, str)
        The pictures that could not be read, and why.
    """

    temporary: Path
    sha256: str
    labels: NDArray[np.int64]
    total: NDArray[np.int64]
    products: NDArray[np.int64]
    skipped: list[tuple[str, str]]


def decode(
    job: Job,
    strict: bool,
    unreadable: Mapping[int, str],
    begin: Callable[[int], object],
) -> Shard:
    """Decode a shard's pictures into a file.

    Parameters
    ----------
    job : Job
    strict : bool
        Whether a file that is no whole picture is an error, instead of being skipped.
    unreadable : dict of int to str
        Pictures that are not to be read, by their place in the shard, and why.
    begin : callable
        Called with the place of each picture before it is read, and at last with the
        number of pictures.

    Returns
    -------
    Shard

    Raises
    ------
    ImageError
        If `strict`, and a file is no whole picture.
    OSError
        If a picture is not there, or the shard cannot be written.
    """
    side = job.side
    for left in job.dst.glob(f".{job.path.name}.*.tmp"):
        left.unlink(missing_ok=True)  # of a process that died over this shard
    temporary = job.dst / f".{job.path.name}.{os.getpid()}.tmp"
    labels: list[int] = []
    skipped: list[tuple[str, str]] = []
    total = np.zeros((3, side, side), np.int64)
    products = np.zeros((3, 3), np.int64)
    try:
        with temporary.open("w+b") as file:
            write_header(file, len(job.items), side)
            for place, (name, label) in enumerate(job.items):
                begin(place)
                try:
                    if place in unreadable:
                        raise ImageError(name, unreadable[place])
                    image = read_image(job.src / name, side)
                except ImageError as error:
                    if strict:
                        raise ImageError(name, error.why) from None
                    skipped.append((name, error.why))
                    continue
                file.write(image.data)
                labels.append(label)
                total += image
                products += color_sums(image[None])[1]
            begin(len(job.items))
            file.seek(0)
            write_header(file, len(labels), side)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except BaseException:  # the caller's end among them
        temporary.unlink(missing_ok=True)
        raise
    return Shard(
        temporary, sha256, np.array(labels, np.int64), total, products, skipped
    )
