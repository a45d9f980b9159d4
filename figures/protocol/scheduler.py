"""Processes that train the runs of the claims."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from io import StringIO
from multiprocessing.connection import wait
from typing import Any
from zlib import crc32

from tqdm import tqdm

from compare.worker import Worker, one_blas_thread
from compare.workers import what_failed
from minialexnet.commands.together import is_first
from minialexnet.files.progress import on_terminal
from minialexnet.files.standard import complain
from minialexnet.parallel.ranks import Ranks

from .claim import Claim
from .costs import MEASURING, a_picture, seconds_of
from .planned import Planned, plan
from .store import Store
from .training import Place, train

SLOW_TERMINAL = 60.0  # seconds between two lines where none looks on
LOOK = 1.0  # seconds between two looks at what other ranks have finished


def open_runs(
    claims: Sequence[Claim], store: Store, only: Sequence[str]
) -> list[Planned]:
    """Return the runs that are to be trained yet, in their order.

    A run is trained again where another is to begin with it and its checkpoint is lost.
    """
    runs = plan(claims, store.chosen, only)
    undone = [run for run in runs if not store.is_done(run)]
    lost = {
        run.first.file for run in undone if run.first and not store.is_kept(run.first)
    }
    open_files = {run.file for run in undone} | lost
    return [run for run in runs if run.file in open_files]


def is_own(run: Planned, ranks: Ranks | None) -> bool:
    """Say whether a run is this rank's to train."""
    return ranks is None or crc32(run.file.encode()) % ranks.size == ranks.rank


class _Lines(StringIO):
    """Standard error where it is no terminal: a bar written here is a line of it."""

    def write(self, text: str) -> int:
        if line := text.strip():
            complain(line)
        return len(text)


class Clock:
    """One bar over all runs, in seconds of their work, with the time left."""

    def __init__(self, jobs: int, ranks: Ranks | None) -> None:
        self.jobs = jobs
        looked_at = on_terminal()
        self.bar: Any = tqdm(
            total=0.0,
            unit="s",
            bar_format="{desc}{percentage:3.0f}% |{bar}| {elapsed}<{remaining}",
            file=(None if looked_at else _Lines()) if is_first(ranks) else StringIO(),
            mininterval=0.1 if looked_at else SLOW_TERMINAL,
            maxinterval=SLOW_TERMINAL,
        )
        self.done: dict[str, float] = {}

    def plan(self, waiting: Sequence[Planned], busy: Sequence[Planned]) -> None:
        """Take in what is still to be done."""
        left = sum(map(seconds_of, waiting)) + sum(
            max(0.0, seconds_of(run) - self.done.get(run.file, 0.0)) for run in busy
        )
        self.bar.total = self.bar.n + left
        to_go = f"{len(waiting) + len(busy)} runs to go"
        self.bar.set_description(to_go, refresh=False)

    def pictures(self, run: Planned, count: int, a_picture: float) -> None:
        """Count pictures of a run."""
        seconds = count * a_picture * MEASURING
        self.done[run.file] = self.done.get(run.file, 0.0) + seconds
        self.bar.update(min(seconds, self.bar.total - self.bar.n))


def train_all(
    claims: Sequence[Claim],
    place: Place,
    jobs: int,
    only: Sequence[str] = (),
    ranks: Ranks | None = None,
) -> None:
    """Train all runs of the claims that are not finished.

    Ranks share them, and see in the store which the others have finished.

    Raises
    ------
    RuntimeError
        If runs failed or their processes died; the others are done then.
    """
    one_blas_thread()
    idle, clock = [Worker() for _ in range(jobs)], Clock(jobs, ranks)
    busy: dict[Any, tuple[Worker, Planned, float]] = {}
    failed: dict[str, BaseException] = {}
    try:
        while True:
            running = [run for _, run, _ in busy.values()]
            taken = {run.file for run in running} | failed.keys()
            waiting = [
                run
                for run in open_runs(claims, place.store, only)
                if run.file not in taken
            ]
            ready = [r for r in waiting if not r.first or place.store.is_kept(r.first)]
            ready = [run for run in ready if is_own(run, ranks)]
            for run in ready[: len(idle)]:
                worker = idle.pop()
                worker.start(train, run, place)
                busy[worker.messages] = worker, run, a_picture(run.config)
                running.append(run)
                waiting.remove(run)
            clock.plan(waiting, running)
            if not busy:
                if ranks is None or not waiting:
                    break
                time.sleep(LOOK)  # others still train what comes first
                continue
            while not (ended := messages(busy, clock)):
                pass
            for worker, run in ended:
                if error := worker.error():
                    failed[run.file] = error
                if isinstance(error, BrokenProcessPool):
                    worker.close()
                    worker = Worker()
                idle.append(worker)
    finally:
        clock.bar.close()
        for worker in [*idle, *(worker for worker, *_ in busy.values())]:
            worker.close()
    if failed:
        raise RuntimeError(what_failed(failed)) from next(iter(failed.values()))


def messages(busy: dict[Any, Any], clock: Clock) -> list[tuple[Worker, Planned]]:
    """Take in what the busy workers say; return those that are done."""
    ended = []
    for channel in wait(list(busy)):
        worker, run, a_picture = busy[channel]
        what, value = worker.receive()
        if what == "pictures":
            clock.pictures(run, value, a_picture)
        else:
            del busy[channel]
            ended.append((worker, run))
    return ended
