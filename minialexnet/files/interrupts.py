"""Ctrl-C, which a program hears at every moment and its processes leave to it."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["CtrlC", "children_do_not_hear", "held_back"]

SOON = 0.02  # seconds, after which Ctrl-C is raised anew


def _is_raised_here() -> bool:
    """Say whether Ctrl-C becomes KeyboardInterrupt, and in this thread.

    A program that a shell has begun with & in the background ignores it.
    """
    here = threading.current_thread() is threading.main_thread()
    return here and callable(signal.getsignal(signal.SIGINT))


class CtrlC:
    """Notes that Ctrl-C came, whatever becomes of the KeyboardInterrupt.

    Python raises that wherever the program is, and there it may be lost: in the midst
    of an import it may come out as an ImportError, which many a library passes over,
    and in a destructor it is thrown away, with a traceback on standard error. So it is
    raised once no import is under way, and anew where it was thrown away.

    Attributes
    ----------
    heard : bool
    """

    def __init__(self) -> None:
        self.heard, self._listens = False, False

    def listen(self) -> None:
        """Begin to listen, where Ctrl-C is raised at all."""
        if _is_raised_here():
            self._before = signal.getsignal(signal.SIGINT), sys.unraisablehook
            self._listens = True
            sys.unraisablehook = self._thrown_away
            signal.signal(signal.SIGINT, self._hear)

    def ignore(self) -> None:
        """Hear nothing from now on."""
        if self._listens:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end(self) -> None:
        """Leave Ctrl-C to whoever had it before."""
        if self._listens:
            handler, sys.unraisablehook = self._before
            signal.signal(signal.SIGINT, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        if _is_importing(frame):
            self._hear_later()
        else:
            signal.default_int_handler(number, frame)

    def _thrown_away(self, lost: Any) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            self._hear_later()
        else:
            self._before[1](lost)

    def _hear_later(self) -> None:
        # Not as a threading.Thread, whose locks may be held where Ctrl-C came.
        _thread.start_new_thread(_raise_after, (SOON,))


def _raise_after(seconds: float) -> None:
    time.sleep(seconds)
    if hasattr(signal, "pthread_kill"):  # which wakes it where it waits, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextmanager
def held_back() -> Iterator[None]:
    """Have Ctrl-C wait for the end of the block."""
    if not _is_raised_here():
        yield
        return
    came: list[tuple[int, Any]] = []
    before: Any = signal.signal(signal.SIGINT, lambda *how: came.append(how))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(*came[0])


@contextmanager
def children_do_not_hear() -> Iterator[None]:
    """Have processes begin in the block that never hear Ctrl-C.

    It reaches every process of a terminal. These are born with it blocked, so only the
    caller hears it, after the block, and ends them. A birth is not broken off, which
    would leave a process that finds half of what it is to be told.
    """
    with held_back():
        if not hasattr(signal, "pthread_sigmask"):  # on Windows
            yield
            return
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
