"""A folder in which a data set is being prepared, and that may be stopped any time."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..files import checkpoint
from ..files.headers import record, row, text
from ..files.replacing import replacing
from .decoding import Job, Shard
from .layout import ImageFolder
from .record import RECORD, UNFINISHED, read_json, read_record
from .shards import shard_bytes

try:
    import fcntl
except ImportError:  # on Windows, where a second program is not noticed
    fcntl = None  # type: ignore[assignment]

# What is kept of a finished shard.
FINISHED = record({"sha256": text(64), "skipped": row(row(text(10_000), 2, 2))})
ASKED = {"side": "--side", "held_out": "--held-out", "pillow": "Pillow"}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second program from working in the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
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


def begin(
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
    sweep(dst)
    if not names:
        with replacing(path) as file:
            listed = None if classes_file is None else os.path.abspath(classes_file)
            begun = {"src": str(src.absolute()), "classes_file": listed}
            file.write(json.dumps(plan | begun).encode())
    return finished


def sweep(dst: Path) -> None:
    """Remove what was being written when somebody stopped it."""
    for path in dst.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def kept(job: Job) -> list[tuple[str, str]] | None:
    """Return what a finished shard has skipped; None where it is not finished."""
    try:
        _, state = checkpoint.load(job.done, FINISHED)
        size = job.path.stat().st_size
    except (OSError, ValueError):
        return None
    skipped: list[tuple[str, str]] = state["skipped"]
    pictures = len(job.items) - len(skipped)
    return skipped if size == shard_bytes(pictures, job.side) else None


def keep(job: Job, shard: Shard) -> None:
    """Give a shard its name, and write down that it is finished."""
    os.replace(shard.temporary, job.path)
    checkpoint.save(
        job.done,
        {"labels": shard.labels, "total": shard.total, "squares": shard.products},
        {"sha256": shard.sha256, "skipped": shard.skipped},
    )


def fingerprint(source: ImageFolder) -> str:
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
