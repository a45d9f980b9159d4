"""Photographs decoded once, into shards that are read as fast as the disk.

A JPEG takes milliseconds to decode and scale, and training sees each picture about
ninety times. So they are decoded once, by all cores, into a folder of uint8 squares
(Krizhevsky et al. 2012, section 2) with the mean image that is subtracted (section 2)
and the covariance of R, G and B that the colour noise follows (section 4.1).

What all of ImageNet (ILSVRC-2012) takes: 1,281,167 training and 50,000 validation
pictures of 3 x 256 x 256 = 196,608 bytes are 262 GB (244 GiB) on the disk. The guide on
data says how long it takes.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import PIL

from ..engine.blas import cores
from ..files.alone import alone
from ..files.progress import progress_bar
from . import unfinished
from . import workers as processes
from .decoding import Job
from .held_out import hold_out
from .layout import ImageFolder, find_images
from .picture import ImageError
from .record import FORMAT, SPLITS, UNFINISHED, VERSION, read_record
from .shards import DONE
from .workers import PrepareError

__all__ = ["PrepareError", "prepare"]

# A split is divided into about so many shards: many, so that little is redone after a
# kill and all workers have some, but not too many files.
SHARDS = 64
SHARD_IMAGES = 16  # at least, but for the last shard of a split
SHARD_BYTES = 1 << 29  # at most


def prepare(
    src: str | os.PathLike[str],
    dst: str | os.PathLike[str],
    side: int = 256,
    workers: int | None = None,
    strict: bool = False,
    held_out: float = 0.0,
    progress: bool = False,
    classes_file: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Decode the photographs of a folder into a data set on the disk.

    It may be stopped at any moment, by kill -9 too, and goes on when it is called
    again; shards that are finished are not redone. The finished folder is the same,
    bit for bit, however often that happened and whatever the number of workers: the
    statistics are sums of whole numbers, and divided once.

    Parameters
    ----------
    src : str or path
        The photographs, see `minialexnet.data.layout.find_images`.
    dst : str or path
        A new or empty folder, or one in which this was begun.
    side : int
        Of the squares, in pixels.
    workers : int, optional
        Processes that decode; as many as there are cores if not given; 0 decodes in
        the calling one.
    strict : bool
        Whether a file that is no whole picture is an error, instead of being skipped.
    held_out : float
        Share of the training pictures that become the test set, where there are no
        validation pictures; the same ones every time, evenly from the classes.
    progress : bool
        Whether a bar with pictures a second and the time left is drawn on stderr, if
        that is a terminal.
    classes_file : str or path, optional
        A list of all classes, see `minialexnet.data.layout.find_images`.

    Returns
    -------
    dict
        What `minialexnet.data.prepared.read_record` returns. ``skipped`` names the
        files that were no whole pictures.

    Raises
    ------
    ImageError
        If `strict`, and a file is no whole picture; the message names it.
    ValueError
        If the arguments are out of range, `src` holds no pictures, or `dst` holds
        something else, or was begun with other pictures or options.
    OSError
        If `src` cannot be read, or `dst` cannot be made.
    PrepareError
        If the work cannot go on: the disk is full, or a worker died.
    """
    src, dst = Path(src), Path(dst)
    workers = cores() if workers is None else workers
    for name, number, fits in (
        ("side >= 1", side, side >= 1),
        ("workers >= 0", workers, workers >= 0),
        ("held_out from 0 to below 1", held_out, 0 <= held_out < 1),
    ):
        if not fits:
            raise ValueError(f"expected {name}, got {number}")
    if dst.resolve().is_relative_to(src.resolve()):
        raise ValueError(f"expected {dst} to lie outside of {src}, which is read")
    source = find_images(src, classes_file)
    if strict and source.skipped:
        raise source.skipped[0]
    plan = {
        "format": FORMAT,
        "version": VERSION,
        "side": side,
        "held_out": held_out,
        "pillow": PIL.__version__,
        "source": unfinished.fingerprint(source),
    }
    if held_out:
        source = hold_out(source, held_out)
    jobs = list(_jobs(source, dst, side))
    with alone(dst, "prepare"):
        if not unfinished.begin(dst, plan, src, classes_file):
            _write(jobs, workers, strict, progress)
            unfinished.finish(dst, jobs, plan, source)
        for path in (*dst.glob(f"*{DONE}"), dst / UNFINISHED):
            path.unlink(missing_ok=True)
        record = read_record(dst)
    if strict and record["skipped"]:
        raise ImageError(*record["skipped"][0].values())
    return record


def _jobs(source: ImageFolder, dst: Path, side: int) -> Iterator[Job]:
    """Yield the shards, which depend on nothing but the pictures and their side."""
    for split in SPLITS:
        items = getattr(source, split)
        count = max(SHARD_IMAGES, -(-len(items) // SHARDS))
        count = min(count, max(1, SHARD_BYTES // (3 * side**2)))
        for number, start in enumerate(range(0, len(items), count)):
            part = items[start : start + count]
            yield Job(source.root, dst, split, number, side, part)


def _write(jobs: Sequence[Job], workers: int, strict: bool, progress: bool) -> None:
    """Write the shards that are not finished yet."""
    found = [unfinished.kept(job) for job in jobs]
    todo = [job for job, skipped in zip(jobs, found, strict=True) if skipped is None]
    already = [item for skipped in found for item in skipped or ()]
    if strict and already:
        raise ImageError(*already[0])
    total, left = (sum(len(job.items) for job in some) for some in (jobs, todo))
    dst, finished = jobs[0].dst, len(jobs) - len(todo)
    free, needed = shutil.disk_usage(dst).free, left * 3 * jobs[0].side ** 2
    if free < needed:
        raise PrepareError(
            f"{dst}: expected {needed:,} bytes of free disk for {left:,} pictures, got "
            f"{free:,}"
        )
    bar = progress_bar(
        total=total,
        initial=total - left,
        unit=" images",
        disable=None if progress else True,
    )
    bar.set_postfix(skipped=len(already), refresh=False)

    def show(decoded: int) -> None:
        bar.update(total - left + decoded - bar.n)

    shards = processes.decode_all(todo, workers, strict, show)
    try:
        with bar, closing(shards):
            for job, shard in shards:
                unfinished.keep(job, shard)
                finished += 1
                already += shard.skipped
                bar.set_postfix(skipped=len(already), refresh=False)
    except (OSError, MemoryError, PrepareError) as error:
        why = str(error) or "out of memory"
        raise PrepareError(
            f"{dst}: {why}; {finished} of {len(jobs)} shards are finished and kept, "
            "the same command goes on from there"
        ) from error
    finally:
        unfinished.sweep(dst)
