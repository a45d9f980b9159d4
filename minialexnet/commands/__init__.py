"""The commands of the ``minialexnet`` program, one file each.

Each file has ``add(parser)``, which adds the command's arguments to its parser, and
``run``, which is given them and returns the exit code: 0; 1 where work cannot go on; 2
for arguments, data or files that do not fit, said in one line; 130 after Ctrl-C.
"""

import argparse
import sys
from pathlib import Path

from ..files.printable import printable

LONGEST = 600  # characters of an error, which names files by their paths


def fail(error: Exception | str, code: int, command: str) -> int:
    """Say in one line on stderr what went wrong, and return the exit code."""
    message = printable(" ".join(str(error).split()), LONGEST)
    print(f"minialexnet {command}: {message}", file=sys.stderr)
    return code


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
