"""The ``minialexnet`` command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from . import __doc__ as about
from . import __version__
from .files.program import run_program

# The module of each command, which is imported if it is asked for, and its help.
COMMANDS = {
    "prepare": (
        ".commands.prepare",
        "decode photographs once, into a data set for train --data",
    ),
    "train": (".commands.train", "train a network, go on with one, or fine-tune one"),
    "evaluate": (".commands.evaluate", "measure top-1 and top-5 errors"),
    "predict": (
        ".commands.predict",
        "say what photographs show, and which training pictures are near",
    ),
    "convert": (
        ".commands.convert",
        "convert weights from Caffe, PyTorch, ONNX or safetensors",
    ),
    "plot": (".commands.plot", "draw the curves of one run or several"),
    "describe": (
        ".commands.describe",
        "print a network's table of shapes, and draw it",
    ),
    "exercise": (
        ".commands.exercise",
        "start an exercise of the lessons, and check what you wrote",
    ),
    "bench": (
        ".commands.bench",
        "measure how fast the layers are here, also against PyTorch",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; the program's own when not given.

    Returns
    -------
    int
        The exit code, see `minialexnet.commands`. Without arguments the help is printed
        and the code is 0.
    """
    words = sys.argv[1:] if argv is None else list(argv)

    def work() -> int:
        options = vars(parser(words).parse_args(words or ["--help"]))
        return int(options.pop("run")(**options))

    name = " ".join(["minialexnet", *words[:1]])
    return run_program(name, work, last=argv is None)


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser(words: list[str]) -> argparse.ArgumentParser:
    """Return the program's parser, with the arguments of the one command asked for."""
    program = _Parser(prog="minialexnet", description=(about or "").partition("\n")[0])
    program.add_argument(
        "--version", action="version", version=f"minialexnet {__version__}"
    )
    commands = program.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, text) in COMMANDS.items():
        if words[:1] == [name]:
            command = import_module(module, __package__)
            own = commands.add_parser(name, allow_abbrev=False)
            own.set_defaults(run=command.run)
            command.add(own)
        else:
            commands.add_parser(name, help=text)
    return program
