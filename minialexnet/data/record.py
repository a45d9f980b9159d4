"""What a prepared data set says of itself, while it is written and afterwards."""

import shlex
from pathlib import Path
from typing import Any

from ..files.headers import (
    HeaderError,
    choice,
    optional,
    read_object,
    real,
    record,
    row,
    text,
    whole,
)
from ..files.opening import open_file
from .shards import DONE

RECORD = "prepared.json"
ARRAYS = "arrays.npz"
UNFINISHED = "unfinished.json"  # there while the set is not finished
FORMAT = "minialexnet prepared"
VERSION = 1
SPLITS = ("train", "test")
JSON_BYTES = 1 << 28

BEGUN = record(
    {"format": choice(FORMAT), "version": whole()},
    {
        "side": whole(1, 1 << 16),
        "held_out": real(0, 1),
        "pillow": text(),
        "source": text(),
        "src": text(10_000),
        "classes_file": optional(text(10_000)),
    },
)
SHARD = record({"pictures": whole(0, 1 << 40), "sha256": text(64)})
WHOLE = record(
    {
        "side": whole(1, 1 << 16),
        "held_out": real(0, 1),
        "classes": row(text(), 1),
        "class_names": row(text(), 1),
        "train": row(SHARD, 1),
        "test": row(SHARD),
        "arrays": text(64),
        "skipped": row(record({"file": text(10_000), "why": text(10_000)})),
        "left_out": whole(),
    }
)


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
    found = read_json(path)
    if found["version"] != VERSION:
        raise ValueError(
            f"{path}: expected version {VERSION}, got {found['version']!r}; "
            "a newer minialexnet may read it"
        )
    try:
        WHOLE(found, "")
        alike = len(found["classes"]), len(found["class_names"])
        if alike[0] != alike[1]:
            raise HeaderError(f"expected as many classes as names, got {alike}")
    except HeaderError as error:
        raise ValueError(f"{path}: {error}") from None
    return found


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of `FORMAT`, as far as it is alike in finished and unfinished sets.

    Raises
    ------
    ValueError
        If it is none, or damaged.
    """
    try:
        with open_file(path, JSON_BYTES) as file:
            content = read_object(file.read(), BEGUN, JSON_BYTES)
    except HeaderError as error:
        raise ValueError(
            f"{path}: expected a file that minialexnet prepare wrote: {error}"
        ) from None
    return content


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
