"""The commands of the ``minialexnet`` program, one file each.

Each file has ``add(commands)``, which adds the command's arguments to the program's
parser and imports nothing heavy, and what it runs, which returns the exit code:

0    all was done
1    the work cannot go on, or not all of it was done: a full disk, too little memory, a
     loss that is no number, a photograph that is none, nobody who reads the output
2    nothing was begun: arguments, data or files that do not fit
130  Ctrl-C

All but the first come with one line on standard error that says why.
"""

import argparse
from math import isfinite

from ..files.printable import printable
from ..files.standard import complain

LONGEST = 600  # characters of an error, which names files by their paths


def fail(error: Exception | str, code: int, command: str) -> int:
    """Say in one line on stderr what went wrong, and return the exit code."""
    message = printable(" ".join(str(error).split()), LONGEST)
    complain(f"minialexnet {command}: {message}")
    return code


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
