"""The commands of the ``minialexnet`` program, one file each.

Each file has ``add(parser)``, which adds the command's arguments to its parser, and
``run``, which is given them and returns the exit code:

0    all was done
1    the work cannot go on, or not all of it was done: a full disk, too little memory, a
     loss that is no number, a photograph that is none, nobody who reads the output, an
     exercise that is not right yet
2    nothing was begun: arguments, data or files that do not fit
130  Ctrl-C

All but the first come with one line on standard error that says why; the check of an
exercise says it on standard output.
"""

import argparse
from math import isfinite
from pathlib import Path

from ..files import program


def fail(error: Exception | str, code: int, command: str) -> int:
    """Say in one line what went wrong, see `minialexnet.files.program.fail`."""
    return program.fail(error, code, f"minialexnet {command}")


def add_testing_options(parser: argparse.ArgumentParser) -> None:
    """Add what the commands share that run a trained network."""
    parser.add_argument(
        "--crops",
        type=int,
        choices=(1, 10),
        default=1,
        help="1: the centre; 10: corners, centre and their mirror images (default 1)",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="where data lies (default: $MINIALEXNET_DATA)"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0 (default cpu)")


def positive(text: str) -> int:
    """Read an argument that is a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text}")
    return number


def finite(text: str) -> float:
    """Read an argument that is a finite number."""
    number = float(text)
    if not isfinite(number):
        raise argparse.ArgumentTypeError(f"expected a finite number, got {text}")
    return number
