"""A process that trains runs one after the other.

Each worker is a pool of one process: when that process dies, by kill -9 or for want of
memory, it is plain which run it had, and the other workers go on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from minialexnet.engine.blas import limit_blas
from minialexnet.files.interrupts import children_do_not_hear

# In a worker process: where it tells its parent how it goes.
to_parent: Connection


def begin(messages: Connection) -> None:
    """Prepare a worker process."""
    global to_parent
    to_parent = messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows they hear it
    threading.Thread(target=end_with_parent, args=(messages,), daemon=True).start()
    # Runs side by side use the cores; BLAS gets one thread a process, so a run has the
    # same bits whatever the jobs.
    limit_blas(1)
    np.seterr(over="ignore", invalid="ignore")  # a diverged run is recorded as such


def end_with_parent(messages: Connection) -> None:
    """End this process when the parent's end of the pipe is closed.

    The parent closes it when it stops, and the system does when it is gone, even by
    kill -9. Nothing else ever comes from there.
    """
    try:
        messages.recv()
    except (EOFError, OSError):
        os._exit(1)


def work(task: Callable[..., None], *arguments: Any) -> None:
    """Do a task in a worker process, and tell the parent how it goes."""
    try:
        task(*arguments, lambda what, value: to_parent.send((what, value)))
    finally:
        to_parent.send(("done", None))


def one_blas_thread() -> None:
    """Give BLAS one thread in each process started from now on.

    Runs side by side use the cores, and a run has the same bits whatever the jobs.
    """
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"


class Worker:
    """One process, started with the first task that it is given."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.messages, self._theirs = context.Pipe()
        self._pool = ProcessPoolExecutor(1, context, begin, (self._theirs,))
        self._future: Future[None] | None = None

    def start(self, task: Callable[..., None], *arguments: Any) -> None:
        """Begin with a task, which takes a function (what, value) after these."""
        with children_do_not_hear():  # the parent ends them on Ctrl-C
            self._future = self._pool.submit(work, task, *arguments)
        self._theirs.close()  # the process has its own copy, so its death is seen here

    def receive(self) -> tuple[str, Any]:
        """Return the next message, ("done", None) where the process died."""
        try:
            message: tuple[str, Any] = self.messages.recv()
        except (EOFError, OSError):
            return "done", None
        return message

    def error(self) -> BaseException | None:
        """Return how the task that is done failed, if it did."""
        return self._future.exception() if self._future else None

    def close(self) -> None:
        """End the process, in the midst of its work if need be."""
        self.messages.close()
        self._theirs.close()
        self._pool.shutdown()
