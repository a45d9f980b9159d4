"""What a prepared data set says of itself, while it is written and afterwards."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from .shards import DONE

__all__ = ["read_json", "read_record", "resume_command"]

RECORD = "prepared.json"
ARRAYS = "arrays.npz"
UNFINISHED = "unfinished.json"  # there while the set is not finished
FORMAT = "minialexnet prepared"
VERSION = 1
SPLITS = ("train", "test")


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
