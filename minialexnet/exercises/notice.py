"""Does your test notice? A student's own test runs against eight broken versions."""

import inspect
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .compare import compare
from .exercise import Exercise
from .student import load
from .trial import Teller, call


def try_tests(exercise: Exercise, path: Path, tell: Teller) -> None:
    """Run a file's tests against the right version, and then each broken one.

    A test is a function whose name begins with ``test`` and whose parameters are named
    as the exercise's classes and functions are. It notices what makes it raise.
    """
    error = _run_tests(exercise, path, exercise.version())
    tell("right", {"what": error or ""})
    if error is not None:
        return
    for mistake in exercise.mistakes:
        tell("begin", {"part": "a broken version"})
        noticed = _run_tests(exercise, path, exercise.version(mistake)) is not None
        where = "" if noticed else shows_in(exercise, mistake)
        tell("version", {"noticed": noticed, "where": where})


def shows_in(exercise: Exercise, mistake: Any) -> str:
    """Return where a broken version shows: the part, and the call that shows it."""
    right, broken = exercise.version(), exercise.version(mistake)
    for part in exercise.parts:
        for case in part.cases():
            try:
                found = compare(call(part, right, case), call(part, broken, case))
                name = "" if found is None else f"{found.array} differs"
            except Exception as error:
                name = f"{type(error).__name__} is raised"
            if name:
                settings = [
                    f"{k} of shape {v.shape}"
                    if isinstance(v, np.ndarray)
                    else f"{k} = {v}"
                    for k, v in case.items()
                ]
                return f"{part.name}: {name}, for example with {', '.join(settings)}"
    return "nowhere in this exercise's own parts"


def _run_tests(exercise: Exercise, path: Path, version: Any) -> str | None:
    """Return what the first test that fails says, or None if all pass."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        tests = {
            name: function
            for name, function in vars(load(path)).items()
            if name.startswith("test") and inspect.isfunction(function)
        }
        named = 0
        for name, function in tests.items():
            wanted = list(inspect.signature(function).parameters)
            odd = [one for one in wanted if one not in exercise.names]
            if odd:
                return (
                    f"expected the parameters of {name} to be among "
                    f"{', '.join(exercise.names)}, got {', '.join(odd)}"
                )
            named += len(wanted)
            try:
                function(**{one: getattr(version, one) for one in wanted})
            except (Exception, SystemExit) as error:
                return f"{name}: {type(error).__name__}: {error}".rstrip(": ")
    if not named:
        return (
            "expected functions whose names begin with test, with parameters among "
            f"{', '.join(exercise.names)}, got none"
        )
    return None
