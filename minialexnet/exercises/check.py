"""Checking a student's file, or layers that are at hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import process
from .blanks import blanks, number_of
from .exercise import Exercise
from .numbered import exercise as numbered
from .part_result import PartResult
from .progress import note
from .result import Result
from .student import Code, load
from .trial import try_parts

SECONDS = 13.0  # that a check may take


def check(
    what: str | Path | int,
    *,
    number: int | None = None,
    seconds: float = SECONDS,
    **names: Callable[..., Any],
) -> Result:
    """Check an exercise, and say where it is wrong.

    Parameters
    ----------
    what : path or int
        The file that was filled in, which runs in a process of its own. Or the number
        of an exercise, with the classes and functions themselves as `names`: these run
        here, so that an endless loop in them is yours to stop.
    number : int, optional
        Of the exercise, for a file that says it neither in its first lines nor by its
        name.
    seconds : float
        That a file may take.
    **names : callable
        What the exercise asks for: ``check(4, MaxPooling2D=mine)``. They may come from
        another framework: a layer is any object with ``forward``, ``backward`` and, if
        it learns, the dicts ``params`` and ``grads``.

    Returns
    -------
    Result
        Print it.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If there is no exercise of that number, or a name is missing.

    Examples
    --------
    >>> from minialexnet import ReLU, Tanh
    >>> print(check(1, ReLU=ReLU, Tanh=Tanh))  # doctest: +ELLIPSIS
    Exercise 1, ReLU and tanh: 5 of 5 parts are right
    ...
    """
    if isinstance(what, int):
        exercise = numbered(what)
        odd = sorted(set(exercise.names) ^ set(names))
        if odd:
            raise ValueError(
                f"expected {', '.join(exercise.names)} by their names, got "
                f"{', '.join(names) or 'none'}"
            )
        return _check_here(exercise, Code(names, "what was given"), "")
    path = Path(what)
    source = path.read_bytes()
    result = _check_file(_exercise_of(path, number), path, source, seconds)
    note(path.parent, result)
    return result


def _exercise_of(path: Path, number: int | None) -> Exercise:
    """Return the exercise of that number, or the one that the file names."""
    found = number if number is not None else number_of(path)
    if found is None:
        raise ValueError(
            f"expected a file that names its exercise in its first lines, such as "
            f'"Exercise 4", got {path}'
        )
    return numbered(found)


def _check_file(
    exercise: Exercise, path: Path, source: bytes, seconds: float
) -> Result:
    try:
        empty = tuple(blanks(source))
    except (SyntaxError, ValueError):
        empty = ()  # the process tells where
    try:
        ran = process.run("check", exercise.number, path, seconds)
    except OSError:  # as in a browser, where there are no processes
        code = Code(vars(load(path)), path.name)
        return replace(_check_here(exercise, code, str(path)), blanks=empty)
    events, trouble, printed = ran
    unreadable = [told["what"] for event, told in events if event == "unreadable"]
    ended = [told for event, told in events if event == "end"]
    tried = [told["part"] for event, told in events if event == "begin"]
    if trouble and len(tried) > len(ended):
        trouble += f' (while "{tried[-1]}" was tried)'
    elif trouble:
        trouble += " (while the file was read)"
    done = [PartResult(**told) for told in ended]
    rest = [PartResult(part.name, False) for part in exercise.parts[len(done) :]]
    trouble = f"it cannot be read: {unreadable[0]}" if unreadable else trouble
    return Result(exercise, path.name, (*done, *rest), trouble, empty, printed)


def _check_here(exercise: Exercise, code: Code, file: str) -> Result:
    done: list[PartResult] = []

    def tell(event: str, told: dict[str, Any]) -> None:
        if event == "end":
            done.append(PartResult(**told))

    try_parts(exercise, code, file, tell)
    return Result(exercise, Path(file).name, tuple(done))


def check_tests(
    path: Path, number: int | None = None, seconds: float = 4 * SECONDS
) -> tuple[str, int]:
    """Run a student's own tests against eight broken versions.

    Returns
    -------
    text : str
        What came of it.
    missed : int
        How many of them no test noticed.

    Raises
    ------
    OSError
        If the file cannot be read, or no process started.
    ValueError
        If it does not say of which exercise it is, or its tests fail on the right
        version.
    """
    path.read_bytes()
    exercise = _exercise_of(path, number)
    events, trouble, _ = process.run("test", exercise.number, path, seconds)
    for event, told in events:
        if event in ("unreadable", "right") and told["what"]:
            words = (
                "can be read" if event == "unreadable" else "pass where all is right"
            )
            raise ValueError(f"expected tests that {words}; {told['what']}")
    versions = [told for event, told in events if event == "version"]
    missed = [told["where"] for told in versions if not told["noticed"]]
    count = len(exercise.mistakes)
    lines = [
        f"Your tests pass on the right version of exercise {exercise.number}. Of "
        f"{count} broken versions they noticed {len(versions) - len(missed)} and "
        f"missed {len(missed)}."
    ]
    if trouble:
        lines.append(f"The run was stopped after {len(versions)} of them: {trouble}.")
    lines += [f"  Missed: {where}." for where in missed]
    return "\n".join(lines), count - len(versions) + len(missed)
