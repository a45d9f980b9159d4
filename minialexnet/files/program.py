"""How a program begins and ends: usable streams, plain words, a code from one table."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from .interrupts import CtrlC
from .printable import printable
from .standard import complain, give_up_output, make_usable

__all__ = ["LONGEST", "fail", "run_program"]

LONGEST = 600  # characters of an error, which names files by their paths
# No room on the disk, none of one's own, or a file larger than it may be.
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}


def run_program(
    name: str,
    work: Callable[[], int],
    stopped: str = "Stopped.",
    last: bool = False,
) -> int:
    """Do a program's work; return its exit code, see `minialexnet.commands`.

    Parameters
    ----------
    name : str
        What an error begins with.
    work : callable () -> int
        Returns the code.
    stopped : str
        What is said after Ctrl-C.
    last : bool
        Whether nothing but the end of the process comes after this; Ctrl-C does not
        disturb it any more.
    """
    ctrl_c = CtrlC()
    try:
        ctrl_c.listen()
        make_usable()
        code = _done(name, work)
        if ctrl_c.heard and code not in (0, 130):
            raise KeyboardInterrupt  # what failed was broken off
    except BaseException as error:
        if not (ctrl_c.heard or isinstance(error, KeyboardInterrupt)):
            raise
        ctrl_c.ignore()
        complain(f"\n{stopped}")
        _flush()
        code = 130
    finally:
        if last:
            ctrl_c.ignore()
        else:
            ctrl_c.end()
    return code


def _done(name: str, work: Callable[[], int]) -> int:
    try:
        code = work()
        sys.stdout.flush()
        return code
    except MemoryError as error:
        complain(f"{name}: out of memory. {error}".rstrip(". "))
    except OSError as error:  # what was to be printed could not be
        if not isinstance(error, BrokenPipeError):
            complain(f"{name}: {printable(str(error), LONGEST)}")
        give_up_output()
    return 1


def _flush() -> None:
    """Write what is still to be written on standard output, if anybody reads it."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        give_up_output()


def fail(error: BaseException | str, code: int, name: str) -> int:
    """Say in one line on standard error what went wrong, and return the exit code.

    The code of a full disk is 1, as no other arguments would mend it.

    Raises
    ------
    OSError
        The error itself, where the system has it of no file by its name: it came from
        what was open already, such as standard output, and is not the fault of what
        was asked for.
    """
    if isinstance(error, OSError) and error.errno and error.filename is None:
        raise error
    if isinstance(error, OSError) and error.errno in FULL:
        code = 1
    complain(f"{name}: {printable(' '.join(str(error).split()), LONGEST)}")
    return code
