"""The commands of the ``minialexnet`` program, one file each.

Each file has ``add(commands)``, which adds the command's arguments to the program's
parser and imports nothing heavy, and what it runs, which returns the exit code: 0; 1
where work cannot go on; 2 for arguments, data or files that do not fit, said in one
line; 130 after Ctrl-C.
"""

import argparse
import sys

from ..files.printable import printable

LONGEST = 600  # characters of an error, which names files by their paths


def fail(error: Exception | str, code: int, command: str) -> int:
    """Say in one line on stderr what went wrong, and return the exit code."""
    message = printable(" ".join(str(error).split()), LONGEST)
    print(f"minialexnet {command}: {message}", file=sys.stderr)
    return code


def positive(text: str) -> int:
    """Read an argument that is a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text}")
    return number
