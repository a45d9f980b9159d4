"""Standard input, output and error, as whoever began the program has left them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["complain", "give_up_output", "make_usable"]


def make_usable() -> None:
    """Put the null device where a stream is closed, and "?" for what cannot be shown.

    A closed one would leave its number to the next file that is opened, a checkpoint
    say, into which another library's message would then be written. A terminal of an
    old encoding cannot show every class's name.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
            null = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, null)
        elif name == "stdout" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def complain(message: str) -> None:
    """Write a line on standard error, if anybody reads it."""
    with suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)


def give_up_output() -> None:
    """Let what is still to be written on standard output go nowhere."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
