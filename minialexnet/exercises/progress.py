"""Stubs laid into a folder, and what has been solved in it."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..files.replacing import replacing
from .numbered import NUMBERS, exercise
from .result import Result

NOTES = "progress.json"


def start(number: int, folder: str | Path = ".") -> Path:
    """Write an exercise's stub into a folder, which is made, and return its path.

    Raises
    ------
    FileExistsError
        If there is such a file: what you have written is not overwritten.
    ValueError
        If there is no exercise of that number.
    """
    found = exercise(number)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.name}.py"
    if path.exists():
        raise FileExistsError(f"expected no file {path}, got one; it stays as it is")
    with replacing(path) as file:
        file.write(found.stub.encode())
    return path


def note(folder: Path, result: Result) -> None:
    """Write down beside a student's file how far it is; where that fails, do not."""
    with suppress(OSError, ValueError):
        notes = read_notes(folder)
        notes[str(result.exercise.number)] = {
            "file": result.file,
            "points": result.points,
            "of": len(result.exercise.parts),
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        with replacing(folder / NOTES) as file:
            file.write(json.dumps(notes, indent=1).encode())


def read_notes(folder: Path) -> dict[str, Any]:
    """Return what is noted in a folder, by the numbers of the exercises.

    Raises
    ------
    ValueError
        If the notes are no JSON object.
    """
    path = folder / NOTES
    if not path.exists():
        return {}
    notes = json.loads(path.read_bytes())
    if not isinstance(notes, dict):
        raise ValueError(
            f"expected a JSON object in {path}, got {type(notes).__name__}"
        )
    return notes


def progress(folder: str | Path = ".") -> str:
    """Return a line for each exercise: how much of it is right, as it was last checked.

    Raises
    ------
    ValueError
        If there is no such folder, or its notes cannot be read.
    """
    if not Path(folder).is_dir():
        raise ValueError(f"expected the folder of your exercises, got {folder}")
    notes = read_notes(Path(folder))
    lines, solved = [], 0
    for number in NUMBERS:
        found = exercise(number)
        noted = notes.get(str(number), {})
        points, of = noted.get("points"), len(found.parts)
        solved += points == of
        state = "not checked yet" if points is None else f"{points} of {of} parts"
        lines.append(f"{number:3}  {found.title:34} {state:16} {noted.get('date', '')}")
    lines.append(f"{solved} of {len(lines)} exercises are solved.")
    return "\n".join(line.rstrip() for line in lines)
