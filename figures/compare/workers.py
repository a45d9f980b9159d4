"""Processes that train runs side by side.

Each worker is a pool of one process: when that process dies, by kill -9 or for want of
memory, it is plain which run it had, and the other workers go on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

from minialexnet.engine.blas import limit_blas
from minialexnet.files.interrupts import children_do_not_hear

from .arms import Run
from .progress import Bars
from .results import Results
from .training import Settings, train

MOST_NAMED = 3  # failed runs in the message

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


def what_failed(failed: dict[str, BaseException]) -> str:
    """Say which runs failed, and why."""
    words = [
        f"{name} failed: its process was killed, or found no memory"
        if isinstance(error, BrokenProcessPool)
        else f"{name} failed: {type(error).__name__}: {error}"
        for name, error in sorted(failed.items())
    ]
    more = len(words) - MOST_NAMED
    words[MOST_NAMED:] = [f"{more} more failed"] if more > 0 else []
    return f"{'; '.join(words)}. All other runs are done; go on by --resume"


class Workers:
    """Workers, and the results that they fill.

    Parameters
    ----------
    settings : Settings
    results : Results
    jobs : int
        How many runs train at once.
    pictures : int
        How many go through the network in an epoch, training and measuring.
    """

    def __init__(
        self, settings: Settings, results: Results, jobs: int, pictures: int
    ) -> None:
        self.settings, self.results, self.pictures = settings, results, pictures
        one_blas_thread()
        self.idle = [Worker() for _ in range(jobs)]
        self.busy: dict[Any, tuple[Worker, Run]] = {}

    def train(self, title: str, runs: Sequence[Run], until: int) -> None:
        """Train `runs` up to epoch `until` or their target, a bar for each at work.

        Raises
        ------
        RuntimeError
            If runs failed or their processes died; the others are done then.
        """
        histories = self.results.histories
        waiting = [
            run
            for run in runs
            if not run.is_finished(histories.get(run.key, []), until)
        ]
        for run in waiting:
            histories.setdefault(run.key, [])  # recorded in this order
        failed: dict[str, BaseException] = {}
        bars = Bars(title, len(waiting), self.pictures)
        while waiting or self.busy:
            while waiting and self.idle:
                worker, run = self.idle.pop(), waiting.pop(0)
                worker.start(train, run, until, self.settings)
                self.busy[worker.messages] = worker, run
            for messages in wait(list(self.busy)):
                worker, run = self.busy[messages]
                what, value = worker.receive()
                if what == "pictures":
                    bars.pictures(run, value)
                elif what == "epoch":
                    histories[run.key] = value
                    self.results.write()
                    bars.epoch(run, value)
                else:
                    del self.busy[messages]
                    bars.done(run)
                    if error := worker.error():
                        failed[str(run)] = error
                    if isinstance(error, BrokenProcessPool):
                        worker.close()
                        worker = Worker()
                    self.idle.append(worker)
        bars.close()
        if failed:
            raise RuntimeError(what_failed(failed)) from next(iter(failed.values()))

    def close(self) -> None:
        """End the worker processes; their checkpoints stay."""
        for worker in [*self.idle, *(worker for worker, _ in self.busy.values())]:
            worker.close()
