"""Trying an exercise's parts on a student's code, and what is told of each."""

import copy
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..gradient_check import GradientError
from .compare import Difference, agree, compare
from .exercise import Case, Exercise, Mistake, Part


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

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


SLOPE_ALONE = (
    "That is the slope alone. The loss changes with y by dy: where is it in your dx?"
)


class ChangedError(Exception):
    """An argument was changed by the function that it was given to."""


def call(part: Part, code: Any, case: Case) -> Mapping[str, Any]:
    """Return what a part gives for one case; the case itself stays as it is.

    Raises
    ------
    ChangedError
        If the code changes an array that it was given.
    """
    given = copy.deepcopy(case)
    found = part.run(code, **given)
    for name, value in case.items():
        if isinstance(value, np.ndarray) and not np.array_equal(value, given[name]):
            raise ChangedError(
                f"{name} was changed. Who calls may need it again: make a new array"
            )
    return found


def try_part(exercise: Exercise, part: Part, code: Any, file: str) -> PartResult:
    """Try one part on the code that the student's `file` holds."""
    right = exercise.version()
    results: list[tuple[Case, Mapping[str, Any]]] = []
    first: tuple[Case, Difference] | None = None
    for case in part.cases():
        expected = call(part, right, case)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                got = call(part, code, case)
        except GradientError as error:
            return _wrong(part, case, what=str(error), kind="gradient check")
        except ChangedError as error:
            return _wrong(part, case, what=str(error), kind="changed argument")
        except (Exception, SystemExit) as error:
            if first is not None:
                break
            return _raised(part, case, error, file)
        results.append((case, got))
        difference = compare(expected, got)
        if difference is not None and first is None:
            first = case, difference
    if first is not None:
        return _differs(exercise, part, results, *first)
    return PartResult(part.name, True)


def _differs(
    exercise: Exercise,
    part: Part,
    results: list[tuple[Case, Mapping[str, Any]]],
    case: Case,
    difference: Difference,
) -> PartResult:
    """Return where it is wrong, with the hint for the mistake that it looks like."""
    mistake = _mistake(exercise, part, results)
    told: dict[str, Any] = {
        "what": str(difference),
        "array": difference.array,
        "index": difference.index,
    }
    if mistake is None and _lacks_dy(exercise, part, results):
        told |= {"kind": "dy is left out", "hint": SLOPE_ALONE}
    elif mistake is None:
        told["hint"] = difference.guess
    else:
        told |= {"kind": mistake.kind, "hint": mistake.hint}
    section = "" if mistake is None else mistake.section
    return _wrong(part, case, section, **told)


def _lacks_dy(
    exercise: Exercise, part: Part, results: list[tuple[Case, Mapping[str, Any]]]
) -> bool:
    """Say whether dx would be right if it were multiplied with dy."""
    right = exercise.version()
    for case, got in results:
        if "dy" not in case or set(got) != {"dx"}:
            return False
        if np.shape(got["dx"]) != case["dy"].shape:
            return False
        if not agree(call(part, right, case), {"dx": got["dx"] * case["dy"]}):
            return False
    return True


def _mistake(
    exercise: Exercise, part: Part, results: list[tuple[Case, Mapping[str, Any]]]
) -> Mistake | None:
    """Return the known mistake that gives the same numbers in every case."""
    for mistake in exercise.mistakes:
        version = exercise.version(mistake)
        try:
            if all(agree(call(part, version, case), got) for case, got in results):
                return mistake
        except Exception:  # broken versions may break in any way
            continue
    return None


def _raised(part: Part, case: Case, error: BaseException, file: str) -> PartResult:
    """Return which error was raised, and at which line of the student's file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    line = own[-1].lineno if own else None
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if line is not None and own[-1].line:
        what += f", at line {line}: {own[-1].line}"
    hint = ""
    if "llipsis" in str(error):
        hint = "The ... of the stub is not a number yet: fill it in."
    return _wrong(part, case, what=what, line=line, kind="error", hint=hint)


def _wrong(part: Part, case: Case, section: str = "", **found: Any) -> PartResult:
    settings = ", ".join(f"{name} = {_shown(value)}" for name, value in case.items())
    section = section or part.section
    return PartResult(part.name, False, settings=settings, section=section, **found)


def _shown(value: Any) -> str:
    """Return a setting as a student would type it, a long array by its shape."""
    if isinstance(value, np.ndarray) and value.size > 27:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return f"np.array({value.round(6).tolist()})"
    return repr(value)


Teller = Callable[[str, dict[str, Any]], None]


def try_parts(exercise: Exercise, code: Any, file: str, tell: Teller) -> None:
    """Try every part; tell before each that it begins, and after it what came of it."""
    for part in exercise.parts:
        tell("begin", {"part": part.name})
        tell("end", try_part(exercise, part, code, file).as_dict())
