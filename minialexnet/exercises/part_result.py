"""What came of one part of an exercise, as it is told."""

import re
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .exercise import Case, Part


@dataclass(frozen=True)
class PartResult:
    """What came of one part.

    Attributes
    ----------
    part : str
    passed : bool
    what : str
        What is wrong: array, index, expected, got; or the error that was raised.
    array : str
    index : tuple of int or None
    line : int or None
        Of the student's file, where an error was raised.
    settings : str
        The call that went wrong.
    kind, hint : str
        Of the mistake that gives the same numbers, or a guess from the numbers.
    section : str
        Of the lesson, to read.
    called : sequence of str
        The student's functions that were called, each by its name and its class's.
    """

    part: str
    passed: bool
    what: str = ""
    array: str = ""
    index: tuple[int, ...] | None = None
    line: int | None = None
    settings: str = ""
    kind: str = ""
    hint: str = ""
    section: str = ""
    called: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


def raised(part: Part, case: Case, error: BaseException, file: str) -> PartResult:
    """Return which error was raised, and at which line of the student's file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    line = own[-1].lineno if own else None
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if line is not None and own[-1].line:
        what += f", at line {line}: {own[-1].line}"
    return wrong(part, case, what=what, line=line, kind="error")


def wrong(part: Part, case: Case, section: str = "", **found: Any) -> PartResult:
    """Return that a part is wrong in one case, and what was `found` out about it."""
    forward = found.get("array") and not found["array"].startswith("d")
    shown = {k: v for k, v in case.items() if not (forward and k[:2] == "dy")}
    section = section or part.section
    settings = _shown(shown)
    return PartResult(part.name, False, settings=settings, section=section, **found)


def _shown(case: Case) -> str:
    """Return a call's settings as one would type them, long arrays by their shapes."""
    numbers, arrays = [], []
    for name, value in case.items():
        if not isinstance(value, np.ndarray):
            numbers.append(f"{name} = {value!r}")
        elif value.size > 27:
            arrays.append(f"{name} = an array of shape {value.shape}")
        else:
            head = f"{name} = np.array("
            text = np.array2string(value, separator=", ", prefix=head)
            arrays.append(re.sub("\n\n+", "\n", f"{head}{text})"))
    return "\n".join(([", ".join(numbers)] if numbers else []) + arrays)
