"""The process that runs a student's code, and writes down what comes of it.

What it learns it writes line by line, so that of a process that ends in the middle it
is known which part was being tried. Where it hangs or crashes, faulthandler writes the
line of the student's file.
"""

import faulthandler
import json
import os
import sys
from pathlib import Path
from typing import Any

from .notice import try_tests
from .numbered import exercise as numbered
from .student import Code, load
from .trial import try_parts

MEMORY = 4 << 30  # bytes that the student's code may hold, where that can be limited


def main(what: str, number: str, path: str, folder: str, seconds: str) -> None:
    """Check a file, or try its tests.

    Parameters
    ----------
    what : {"check", "test"}
    number : str
        Of the exercise.
    path : str
        The student's file.
    folder : str
        Where ``events`` and ``trace`` are written.
    seconds : str
        After which the process ends itself.
    """
    with (
        open(Path(folder) / "events", "w", encoding="utf-8") as events,
        open(Path(folder) / "trace", "w", encoding="utf-8") as trace,
    ):

        def tell(event: str, told: dict[str, Any]) -> None:
            events.write(json.dumps([event, told]) + "\n")
            events.flush()

        _limit_memory()
        faulthandler.enable(trace)
        faulthandler.dump_traceback_later(float(seconds), exit=True, file=trace)
        exercise = numbered(int(number))
        try:
            module = load(Path(path))
        except BaseException as error:  # a file may raise what it likes, SystemExit too
            tell("unreadable", {"what": _in_words(error, path)})
            return
        if what == "check":
            code = Code(vars(module), Path(path).name)
            try_parts(exercise, code, str(Path(path)), tell)
        else:
            try_tests(exercise, Path(path), tell)
        tell("done", {})
    sys.stdout.flush()
    os._exit(0)  # whatever threads the student's code has started


def _in_words(error: BaseException, path: str) -> str:
    """Return an error with the line of the file that it comes from."""
    line = getattr(error, "lineno", None)
    step = error.__traceback__
    while step is not None and not isinstance(error, SyntaxError):
        if step.tb_frame.f_code.co_filename == path:
            line = step.tb_lineno
        step = step.tb_next
    place = f" at line {line}" if line else ""
    message = getattr(error, "msg", None) or error
    return f"{type(error).__name__}{place}: {message}".rstrip(": ")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


if __name__ == "__main__":
    main(*sys.argv[1:])
