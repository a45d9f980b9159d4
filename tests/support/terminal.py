"""A terminal that a test reads, on which a program draws its bars."""

import fcntl
import os
import pty
import struct
import termios
from contextlib import contextmanager


@contextmanager
def terminal():
    """Yield the number of a terminal to write to, and its lines as they come."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 120, 0, 0))
    with open(ours, newline=None, errors="replace") as stream:
        yield theirs, _lines(stream, theirs)


def _lines(stream, theirs):
    os.close(theirs)  # so that the lines end with the programs that write them
    while True:
        try:
            line = stream.readline()
        except OSError:  # EIO, Linux's word for the end of a terminal
            return
        if not line:
            return
        yield line
