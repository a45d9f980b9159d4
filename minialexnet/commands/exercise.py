"""``minialexnet exercise``: start an exercise, check what was written, see how far."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..exercises.check import SECONDS, check, check_tests
from ..exercises.numbered import NUMBERS
from ..exercises.numbered import exercise as numbered
from ..exercises.progress import progress, start
from ..exercises.result import wrapped
from ..files.printable import printable
from ..files.replacing import replacing
from . import fail, positive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Exercises to the lessons: a file to fill in for each layer or idea, and a "
        "check that says where it is not right yet."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="list the exercises")
    begin = actions.add_parser("start", help="write an exercise's file to fill in")
    begin.add_argument("words", nargs="*", metavar="N [FOLDER]", help="(default: here)")
    begin.add_argument(
        "--all", action="store_true", help="write all of them: start --all [FOLDER]"
    )
    checked = actions.add_parser("check", help="check a file that was filled in")
    checked.add_argument(
        "--json", dest="as_json", action="store_true", help="print JSON, for programs"
    )
    checked.add_argument(
        "--gradescope",
        type=Path,
        metavar="RESULTS",
        help="write Gradescope's results.json, a score a part",
    )
    tested = actions.add_parser(
        "test", help="run tests of your own against eight broken versions"
    )
    for one in (checked, tested):
        one.add_argument("file", type=Path, metavar="FILE")
        one.add_argument(
            "--number", type=int, metavar="N", help="if FILE does not say its exercise"
        )
        one.add_argument(
            "--seconds", type=positive, help=f"that it may take (default: {SECONDS:g})"
        )
    done = actions.add_parser("progress", help="say what is solved")
    done.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="FOLDER")


def run(action: str, **options: Any) -> int:
    """Do what was asked for; return the exit code."""
    actions: dict[str, Callable[..., int]] = {
        "list": _list,
        "start": _start,
        "check": _check,
        "test": _test,
        "progress": _progress,
    }
    try:
        return actions[action](**options)
    except (OSError, ValueError) as error:
        return fail(error, 2, f"exercise {action}")


def _list() -> int:
    for number in NUMBERS:
        found = numbered(number)
        print(f"{number:3}  {found.title:26} {found.lesson}")
    print("\nminialexnet exercise start 4 writes the file of the fourth.")
    return 0


def _start(words: list[str], all: bool) -> int:
    if len(words) > 2 - all or (not words and not all):
        raise ValueError(
            f"expected N [FOLDER], or --all [FOLDER], got {' '.join(words) or 'none'}"
        )
    if not all and not words[0].isdecimal():
        raise ValueError(f"expected the number of an exercise, got {words[0]!r}")
    numbers = NUMBERS if all else [int(words[0])]
    folder = Path(*words[1 - all :])
    for number in numbers:
        try:
            path = start(number, folder)
        except FileExistsError as error:
            if not all:
                raise
            print(error)
            continue
        print(f"Written: {path}")
    if not all:
        name = f'"{path}"' if " " in str(path) else path
        print(f"Fill it in, and check: minialexnet exercise check {name}")
    return 0


def _check(
    file: Path,
    number: int | None,
    seconds: float | None,
    as_json: bool,
    gradescope: Path | None,
) -> int:
    result = check(file, number=number, seconds=seconds or SECONDS)
    if gradescope is not None:
        with replacing(gradescope) as written:
            written.write(json.dumps(result.gradescope(), indent=1).encode())
    if as_json:
        print(json.dumps(result.as_dict(), indent=1))
    else:
        print("\n".join(printable(line, 2000) for line in str(result).split("\n")))
    return 0 if result.passed else 1


def _test(file: Path, number: int | None, seconds: float | None) -> int:
    text, missed = check_tests(file, number, seconds or 4 * SECONDS)
    print("\n".join(wrapped(printable(line, 2000)) for line in text.split("\n")))
    return 1 if missed else 0


def _progress(folder: Path) -> int:
    print(progress(folder))
    return 0
