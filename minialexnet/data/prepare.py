"""Photographs decoded once, into shards that are read as fast as the disk.

A JPEG takes milliseconds to decode and scale, and training sees each picture about
ninety times. So they are decoded once, by all cores, into a folder of uint8 squares
(Krizhevsky et al. 2012, section 2) with the mean image that is subtracted (section 2)
and the covariance of R, G and B that the colour noise follows (section 4.1).

What all of ImageNet (ILSVRC-2012) takes: 1,281,167 training and 50,000 validation
pictures of 3 x 256 x 256 = 196,608 bytes are 262 GB (244 GiB) on the disk. One picture
took 4.5 ms of processor time, from its JPEG to the disk, so all of them take 1.7 hours
of one core. That was measured on 2026-11-24 with 100 photographs of ImageNet, each
twenty times, on two cores that other programs kept busy: there two processes finished
79 to 218 pictures a second in seven runs, 105 in the middle one, which for ImageNet
would be 1.7 to 4.7 hours, and 3.5 in the middle.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import PIL
from numpy.typing import NDArray
from tqdm import tqdm

from ..files import checkpoint
from ..files.replacing import replacing
from .image_folder import ImageError, ImageFolder, find_images, read_image
from .prepared import (
    ARRAYS,
    DONE,
    FORMAT,
    HEADER_BYTES,
    RECORD,
    SPLITS,
    UNFINISHED,
    VERSION,
    read_json,
    read_record,
    shard_bytes,
    shard_path,
)

__all__ = ["PrepareError", "prepare"]

# Many shards, so that little is redone after a kill and all workers have some; but not
# too many files.
SHARDS = 64  # of a split, about
SHARD_PICTURES = 16  # at least
SHARD_BYTES = 1 << 29  # at most

PROGRAM = f"import sys; from {__name__} import _work; _work(int(sys.argv[1]))"

ASKED = {"side": "--side", "held_out": "--held-out", "pillow": "Pillow"}


class PrepareError(RuntimeError):
    """The work cannot go on, as on a full disk; what is finished is kept."""


@dataclass(frozen=True)
class _Job:
    """A shard that is to be written: (path, label) of each picture."""

    src: Path
    dst: Path
    split: str
    number: int
    side: int
    items: tuple[tuple[str, int], ...]

    @property
    def path(self) -> Path:
        return shard_path(self.dst, self.split, self.number)

    @property
    def done(self) -> Path:
        return self.path.with_suffix(DONE)


@dataclass(frozen=True)
class _Shard:
    """A shard that was written, under a name of its own as yet."""

    temporary: Path
    sha256: str
    labels: NDArray[np.int64]
    total: NDArray[np.int64]
    squares: NDArray[np.int64]
    skipped: list[tuple[str, str]]


# For each picture why it was skipped, or None; for the shard, at last, the shard.
_Message: TypeAlias = ImageError | _Shard | None


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
        The photographs, see `minialexnet.data.image_folder.find_images`.
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
        A list of all classes, see `minialexnet.data.image_folder.find_images`.

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
    workers = os.cpu_count() or 1 if workers is None else workers
    if side < 1 or workers < 0 or not 0 <= held_out < 1:
        raise ValueError(
            "expected side >= 1, workers >= 0 and held_out from 0 to below 1, got "
            f"{side}, {workers} and {held_out}"
        )
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
        "source": _hash(source),
    }
    if held_out:
        source = _hold_out(source, held_out)
    jobs = list(_jobs(source, dst, side))
    with _alone(dst):
        if not _begin(dst, plan, src, classes_file):
            _write(jobs, workers, strict, progress)
            _finish(dst, jobs, plan, source)
        for path in (*dst.glob(f"*{DONE}"), dst / UNFINISHED):
            path.unlink(missing_ok=True)
        record = read_record(dst)
    if strict and record["skipped"]:
        raise ImageError(*record["skipped"][0].values())
    return record


# ----------------------------------------------------------------------- what is done


def _hash(source: ImageFolder) -> str:
    """Return a hash by which changed pictures are noticed without reading them."""
    digest = hashlib.sha256()
    digest.update(json.dumps([source.classes, source.class_names]).encode())
    for split in (source.train, source.test):
        for name, label in split:
            status = (source.root / name).stat()
            line = [name, label, status.st_size, status.st_mtime_ns]
            digest.update(json.dumps(line).encode())
        digest.update(b"\n")
    digest.update(json.dumps([error.args for error in source.skipped]).encode())
    return digest.hexdigest()


def _hold_out(source: ImageFolder, share: float) -> ImageFolder:
    """Make a share of the training pictures the test set.

    Each class is put into an order that has nothing to do with its pictures, by a
    hash of their names; then one in 1/share is taken along all classes.
    """
    if source.test:
        raise ValueError(
            f"{source.root}: expected no held-out share of the training pictures, as "
            f"there are {len(source.test):,} validation pictures, got {share}"
        )
    mixed = sorted(
        source.train,
        key=lambda item: (item[1], hashlib.sha256(os.fsencode(item[0])).digest()),
    )
    steps = np.floor(np.arange(len(mixed) + 1) * share)
    test = {item for item, taken in zip(mixed, np.diff(steps), strict=True) if taken}
    if not 0 < len(test) < len(mixed):
        raise ValueError(
            "expected a held-out share that leaves pictures on both sides, got "
            f"{share} of {len(mixed)}"
        )
    return replace(
        source,
        train=tuple(item for item in source.train if item not in test),
        test=tuple(item for item in source.train if item in test),
    )


def _jobs(source: ImageFolder, dst: Path, side: int) -> Iterator[_Job]:
    """Yield the shards, which depend on nothing but the pictures and their side."""
    for split in SPLITS:
        items = getattr(source, split)
        count = max(SHARD_PICTURES, -(-len(items) // SHARDS))
        count = min(count, max(1, SHARD_BYTES // (3 * side**2)))
        for number, start in enumerate(range(0, len(items), count)):
            part = items[start : start + count]
            yield _Job(source.root, dst, split, number, side, part)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second program from working in the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            # The lock goes when this process does, however it ends.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(
                f"{folder}: expected to be alone in it, another prepare is at work"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _begin(
    dst: Path,
    plan: dict[str, Any],
    src: Path,
    classes_file: str | os.PathLike[str] | None,
) -> bool:
    """See that a folder may be gone on with; return whether it is finished."""
    path = dst / UNFINISHED
    # What a kill at the very beginning leaves, and nothing else, begins so.
    names = {n for n in os.listdir(dst) if not n.startswith(f".{UNFINISHED}.")}
    finished = RECORD in names
    if names and not finished and UNFINISHED not in names:
        raise ValueError(
            f"{dst}: expected a new or empty folder, or one that minialexnet prepare "
            f"began, got one that holds {min(names)!r}"
        )
    if names:
        begun = read_record(dst) if finished else read_json(path)
        for name, value in plan.items():
            if begun.get(name) != value and name == "source":
                raise ValueError(
                    f"{dst}: expected the pictures that it was begun with, got others "
                    f"in {src}, or of other sizes or dates; name another folder"
                )
            if begun.get(name) != value:
                raise ValueError(
                    f"{dst}: expected {ASKED.get(name, name)} {begun.get(name)}, with "
                    f"which it was begun, got {value}; go on as it was begun, or name "
                    "another folder"
                )
    _sweep(dst)
    if not names:
        with replacing(path) as file:
            listed = None if classes_file is None else os.path.abspath(classes_file)
            begun = {"src": str(src.absolute()), "classes_file": listed}
            file.write(json.dumps(plan | begun).encode())
    return finished


def _sweep(dst: Path) -> None:
    """Remove what was being written when somebody stopped it."""
    for path in dst.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def _skipped(job: _Job) -> list[tuple[str, str]] | None:
    """Return what a finished shard has skipped; None where it is not finished."""
    try:
        _, state = checkpoint.load(job.done)
        size = job.path.stat().st_size
    except (OSError, ValueError):
        return None
    skipped: list[tuple[str, str]] = state["skipped"]
    pictures = len(job.items) - len(skipped)
    return skipped if size == shard_bytes(pictures, job.side) else None


# ------------------------------------------------------------------------- the shards


def _write(jobs: Sequence[_Job], workers: int, strict: bool, progress: bool) -> None:
    """Write the shards that are not finished yet."""
    found = [_skipped(job) for job in jobs]
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
    bar = tqdm(
        total=total,
        initial=total - left,
        unit=" images",
        disable=None if progress else True,
    )
    bar.set_postfix(skipped=len(already), refresh=False)
    try:
        with bar, closing(_messages(todo, workers)) as messages:
            for job, message in messages:
                if isinstance(message, _Shard):
                    _keep(job, message)
                    finished += 1
                    continue
                bar.update()
                if message is not None:
                    if strict:
                        raise message
                    already.append((message.name, message.why))
                    bar.set_postfix(skipped=len(already), refresh=False)
    except (OSError, MemoryError, PrepareError) as error:
        raise PrepareError(
            f"{dst}: {error or 'out of memory'}; {finished} of {len(jobs)} shards are "
            "finished and kept, the same command goes on from there"
        ) from error
    finally:
        _sweep(dst)


def _keep(job: _Job, shard: _Shard) -> None:
    """Give a shard its name, and write down that it is finished."""
    os.replace(shard.temporary, job.path)
    checkpoint.save(
        job.done,
        {"labels": shard.labels, "total": shard.total, "squares": shard.squares},
        {"sha256": shard.sha256, "skipped": shard.skipped},
    )


def _messages(
    jobs: Sequence[_Job], workers: int
) -> Generator[tuple[_Job, _Message], None, None]:
    """Decode shards, in this process or in others; yield what happens."""
    if workers == 0:
        for job in jobs:
            with closing(_decode(job)) as messages:
                for message in messages:
                    yield job, message
        return
    waiting = iter(jobs)
    crew: list[_Worker] = []
    try:
        for job in islice(waiting, workers):
            crew.append(_Worker(job))
        at_work: dict[Any, _Worker] = {worker.connection: worker for worker in crew}
        for worker in crew:
            worker.begin(worker.job)
        while at_work:
            for connection in wait(list(at_work)):
                worker = at_work[connection]
                message = worker.receive()
                yield worker.job, message
                if not isinstance(message, _Shard):
                    continue
                following = next(waiting, None)
                if following is None:
                    del at_work[connection]
                else:
                    worker.begin(following)
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A process that decodes one shard at a time.

    The two ends of a pipe tell each that the other is gone, however it ended: only
    they hold it open. It is a new Python, not a fork, so threads of the caller do it
    no harm, and it does not run the caller's main program.
    """

    def __init__(self, job: _Job) -> None:
        self.connection, other = Pipe()
        self.job = job
        self._pictures = 0  # of the job, that are done
        # Ctrl-C reaches every process of the terminal. The workers are born with it
        # blocked, so only this process hears it, and ends them.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                pass_fds=[other.fileno()],
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            other.close()

    def begin(self, job: _Job) -> None:
        self.job, self._pictures = job, 0
        try:
            self.connection.send(job)
        except OSError:
            raise self._died() from None

    def receive(self) -> _Message:
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            raise self._died() from None
        if isinstance(message, (OSError, MemoryError)):
            raise message
        self._pictures += 1
        result: _Message = message
        return result

    def stop(self) -> None:
        self._process.kill()  # nothing that it has in hand would be kept
        self._process.wait()
        self.connection.close()

    def _died(self) -> PrepareError:
        code = self._process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        items = self.job.items
        name = items[min(self._pictures, len(items) - 1)][0]
        return PrepareError(
            f"a worker process died ({how}) while it read {self.job.src / name}"
        )


def _work(descriptor: int) -> None:
    """Decode the shards that come through a pipe, until it is closed."""
    connection: Connection = Connection(descriptor)
    warnings.simplefilter("ignore")  # Pillow's, of damaged EXIF
    try:
        while True:
            try:
                # Closed at once, so that a worker whose parent is gone cleans up.
                with closing(_decode(connection.recv())) as messages:
                    for message in messages:
                        connection.send(message)
            except (BrokenPipeError, ConnectionResetError):
                raise
            except (OSError, MemoryError) as error:
                connection.send(error)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone


def _decode(job: _Job) -> Generator[_Message, None, None]:
    """Decode a shard's pictures into a file; yield a message for each, then it."""
    side = job.side
    temporary = job.dst / f".{job.path.name}.{os.getpid()}.tmp"
    labels: list[int] = []
    skipped: list[tuple[str, str]] = []
    total = np.zeros((3, side, side), np.int64)
    squares = np.zeros((3, 3))
    try:
        with temporary.open("w+b") as file:
            _write_header(file, len(job.items), side)
            for name, label in job.items:
                try:
                    pixels = read_image(job.src / name, side)
                except ImageError as error:
                    skipped.append((name, error.why))
                    yield ImageError(name, error.why)
                    continue
                file.write(pixels.data)
                labels.append(label)
                total += pixels
                # Whole numbers far below 2**53: exact in float64, as BLAS wants them.
                rgb = pixels.reshape(3, -1).astype(np.float64)
                squares += rgb @ rgb.T
                yield None
            file.seek(0)
            _write_header(file, len(labels), side)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        yield _Shard(
            temporary,
            sha256,
            np.array(labels, np.int64),
            total,
            squares.astype(np.int64),
            skipped,
        )
    except BaseException:  # the caller's end among them
        temporary.unlink(missing_ok=True)
        raise


def _write_header(file: IO[bytes], pictures: int, side: int) -> None:
    shape = (pictures, 3, side, side)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    assert file.tell() == HEADER_BYTES


# ------------------------------------------------------------------- the finished set


def _finish(
    dst: Path, jobs: Sequence[_Job], plan: dict[str, Any], source: ImageFolder
) -> None:
    """Write labels and statistics and, last of all, the record."""
    shards: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    labels = {split: [np.zeros(0, np.int64)] for split in SPLITS}
    skipped = [error.args for error in source.skipped]
    total, squares = np.zeros((), np.int64), np.zeros((3, 3), np.int64)
    for job in jobs:
        arrays, state = checkpoint.load(job.done)
        labels[job.split].append(arrays["labels"])
        shards[job.split].append(
            {"pictures": len(arrays["labels"]), "sha256": state["sha256"]}
        )
        skipped += state["skipped"]
        if job.split == "train":
            total, squares = total + arrays["total"], squares + arrays["squares"]
    count = sum(shard["pictures"] for shard in shards["train"])
    if count == 0:
        raise ValueError(f"{source.root}: expected a training picture that can be read")
    arrays = {f"{split}_labels": np.concatenate(labels[split]) for split in SPLITS}
    arrays["mean_image"] = (total / count).astype(np.float32)
    arrays["color_covariance"] = _covariance(total, squares, count)
    checkpoint.save(dst / ARRAYS, arrays, {})
    record = plan | {
        "classes": source.classes,
        "class_names": source.class_names,
        **shards,
        "arrays": hashlib.sha256((dst / ARRAYS).read_bytes()).hexdigest(),
        "skipped": [{"file": name, "why": why} for name, why in skipped],
        "left_out": source.left_out,
    }
    with replacing(dst / RECORD) as file:
        file.write(json.dumps(record, indent=1).encode())


def _covariance(
    total: NDArray[np.int64], squares: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return the covariance (3, 3) of R, G and B over all pixels of `count` pictures.

    E[xy] - E[x] E[y] = (n sum(xy) - sum(x) sum(y)) / n^2, in whole numbers of any size
    up to the one division.
    """
    n = count * total[0].size
    sums = [int(channel.sum()) for channel in total]
    return np.array(
        [
            [(n * int(squares[i, j]) - sums[i] * sums[j]) / n**2 for j in range(3)]
            for i in range(3)
        ]
    )
