"""Runs that are trained side by side, in processes of this machine and on ranks."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from minialexnet.commands.together import is_first
from minialexnet.parallel.ranks import Ranks

from .arms import Key, Run
from .progress import Bars
from .results import Results
from .training import Settings, train
from .worker import Worker, one_blas_thread

MOST_NAMED = 3  # failed runs in the message


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
    ranks : Ranks, optional
        Those that share the runs; each has workers of its own.
    """

    def __init__(
        self,
        settings: Settings,
        results: Results,
        jobs: int,
        pictures: int,
        ranks: Ranks | None = None,
    ) -> None:
        self.settings, self.results, self.pictures = settings, results, pictures
        self.ranks = ranks
        one_blas_thread()
        self.idle = [Worker() for _ in range(jobs)]
        self.busy: dict[Any, tuple[Worker, Run]] = {}

    def write(self) -> None:
        """Write what is known; of several ranks the first does."""
        if is_first(self.ranks):
            self.results.write()

    def _share(self, keys: list[Key]) -> None:
        """Take in the histories of the runs that other ranks have trained."""
        assert self.ranks is not None
        histories, size = self.results.histories, self.ranks.size
        mine = {key: histories[key] for key in keys[self.ranks.rank :: size]}
        for found in self.ranks.gather(mine):
            histories.update(found)
        self.write()

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
        every = [run.key for run in waiting]
        if self.ranks is not None:
            waiting = waiting[self.ranks.rank :: self.ranks.size]
        failed: dict[str, BaseException] = {}
        bars = Bars(title, len(waiting), self.pictures, is_first(self.ranks))
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
                    self.write()
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
        if self.ranks is not None:
            self._share(every)
        if failed:
            raise RuntimeError(what_failed(failed)) from next(iter(failed.values()))

    def close(self) -> None:
        """End the worker processes; their checkpoints stay."""
        for worker in [*self.idle, *(worker for worker, _ in self.busy.values())]:
            worker.close()
