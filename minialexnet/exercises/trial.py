"""Trying an exercise's parts on a student's code, and what is told of each."""

import copy
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

import numpy as np

from ..gradient_check import GradientError
from .compare import Difference, agree, compare
from .exercise import Case, Exercise, Mistake, Part
from .part_result import PartResult, raised, wrong

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
                f"{name} was changed. The caller may need it again: make a new array"
            )
    return found


@contextmanager
def _noting(called: set[str], file: str) -> Iterator[None]:
    """Note the functions of a file that are called, by the names that a blank has."""

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename == file:
            called.add(frame.f_code.co_qualname.replace(".<locals>", ""))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


def try_part(exercise: Exercise, part: Part, code: Any, file: str) -> PartResult:
    """Try one part on the code that the student's `file` holds."""
    called: set[str] = set()
    found = _try_cases(exercise, part, code, file, called)
    return replace(found, called=sorted(called))


def _try_cases(
    exercise: Exercise, part: Part, code: Any, file: str, called: set[str]
) -> PartResult:
    right = exercise.version()
    results: list[tuple[Case, Mapping[str, Any]]] = []
    first: tuple[Case, Difference] | None = None
    for case in part.cases():
        expected = call(part, right, case)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                with _noting(called, file):
                    got = call(part, code, case)
        except GradientError as error:
            return wrong(part, case, what=str(error), kind="gradient check")
        except ChangedError as error:
            return wrong(part, case, what=str(error), kind="changed argument")
        except (Exception, SystemExit) as error:
            if first is not None:
                break
            return raised(part, case, error, file)
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
    return wrong(part, case, section, **told)


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


Teller = Callable[[str, dict[str, Any]], None]


def try_parts(exercise: Exercise, code: Any, file: str, tell: Teller) -> None:
    """Try every part; tell before each that it begins, and after it what came of it."""
    for part in exercise.parts:
        tell("begin", {"part": part.name})
        tell("end", try_part(exercise, part, code, file).as_dict())
