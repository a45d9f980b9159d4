"""The ``minialexnet`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from . import __doc__ as about
from . import __version__
from .commands import bench, convert, describe, evaluate, plot, predict, prepare, train

__all__ = ["main"]

COMMANDS = (prepare, train, evaluate, predict, convert, plot, describe, bench)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; the program's own when not given.

    Returns
    -------
    int
        The exit code, see `minialexnet.commands`.
    """
    options = vars(_parser().parse_args(argv))
    try:
        return int(options.pop("run")(**options))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="minialexnet", description=about)
    parser.add_argument(
        "--version", action="version", version=f"minialexnet {__version__}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
