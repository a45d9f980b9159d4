"""Processes that train the runs of the claims, and how long that takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.connection import wait
from typing import Any

from tqdm import tqdm

from compare.workers import Worker, one_blas_thread, what_failed
from minialexnet.config import Config
from minialexnet.model import build

from .claim import Claim, Goal
from .planned import Planned, plan, run_of
from .store import Store
from .training import Place, train

# Of a class's training pictures, and of the classes where the config does not say them.
PICTURES = {"shapes": (256, 10), "cifar10": (5000, 10), "tiny-imagenet": (500, 200)}
# Seconds of one core for a picture's training: of any, and for a million multiply-adds.
EVERY, A_MILLION = 0.0003, {"alexnet": 0.000145, "cifar": 0.00006}
MEASURING = 1.1  # all that is measured besides
SLOW_TERMINAL = 60.0  # seconds between two lines where none looks on


def pictures_of(run: Planned) -> int:
    """Return about how many pictures a run trains on."""
    config = run.config
    each, classes = PICTURES[config.data]
    a_epoch = (each - config.held_out) * (config.classes or classes)
    most = a_epoch * config.epochs
    if run.goal.steps:
        most = min(most, run.goal.steps * config.batch_size)
    # Of runs that end at a goal nobody knows when: about half-way.
    return most if run.goal == Goal() else most // 2


def seconds_of(run: Planned) -> float:
    """Return about how long a run takes on one core."""
    return pictures_of(run) * a_picture(run.config) * MEASURING


def a_picture(config: Config) -> float:
    """Return about how long a picture's training takes on one core, in seconds."""
    about = config.network() | {"seed": None, "classes": config.classes or 10}
    side = 32 if config.data != "tiny-imagenet" else 56
    if config.model == "alexnet":
        about["input_size"] = side
    millions = multiply_adds(json.dumps(about), side) / 1e6
    return EVERY + A_MILLION[config.model] * millions


@cache
def multiply_adds(network: str, side: int) -> int:
    """Return those of a network, described in JSON, for one picture."""
    return build(json.loads(network)).multiply_adds((3, side, side))


def open_runs(
    claims: Sequence[Claim], store: Store, only: Sequence[str]
) -> list[Planned]:
    """Return the runs that are to be trained yet, in their order."""
    return [run for run in plan(claims, store.chosen, only) if not store.is_done(run)]


def hours(
    claims: Sequence[Claim], store: Store, runs: Sequence[Planned], jobs: int
) -> str:
    """Say how many runs there are yet, and about how long they take.

    Parameters
    ----------
    claims : sequence of Claim
        Those whose sweeps may choose rates that ask for more runs.
    store : Store
    runs : sequence of Planned
        See `open_runs`.
    jobs : int
    """
    least = sum(map(seconds_of, runs)) / jobs / 3600
    more = {}
    for claim in claims:
        for variant in claim.variants if claim.is_measured else ():
            if claim.rates_of(variant) and store.chosen(claim, variant) is None:
                for seed in claim.seeds_of(variant):
                    run = run_of(claim, variant, seed)
                    more[run.file] = seconds_of(run)
    most = least + sum(more.values()) / jobs / 3600
    return (
        f"{len(runs)} runs to train by {jobs} at once: about {least:.1f} hours, and up "
        f"to {most:.1f} where the sweeps choose other rates"
    )


class Clock:
    """One bar over all runs, in seconds of their work, with the time left."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.bar: Any = tqdm(
            total=0.0,
            unit="s",
            bar_format="{desc}{percentage:3.0f}% |{bar}| {elapsed}<{remaining}",
        )
        if not self.bar.fp.isatty():
            self.bar.mininterval = SLOW_TERMINAL
        self.done: dict[str, float] = {}

    def plan(self, waiting: Sequence[Planned], busy: Sequence[Planned]) -> None:
        """Take in what is still to be done."""
        left = sum(map(seconds_of, waiting)) + sum(
            max(0.0, seconds_of(run) - self.done.get(run.file, 0.0)) for run in busy
        )
        self.bar.total = self.bar.n + left
        self.bar.set_description(f"{len(waiting) + len(busy)} runs to go")

    def pictures(self, run: Planned, count: int, a_picture: float) -> None:
        """Count pictures of a run."""
        seconds = count * a_picture * MEASURING
        self.done[run.file] = self.done.get(run.file, 0.0) + seconds
        self.bar.update(min(seconds, self.bar.total - self.bar.n))


def train_all(
    claims: Sequence[Claim], place: Place, jobs: int, only: Sequence[str] = ()
) -> None:
    """Train all runs of the claims that are not finished.

    Raises
    ------
    RuntimeError
        If runs failed or their processes died; the others are done then.
    """
    one_blas_thread()
    idle, clock = [Worker() for _ in range(jobs)], Clock(jobs)
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
            ready = [r for r in waiting if not r.first or place.store.is_done(r.first)]
            for run in ready[: len(idle)]:
                worker = idle.pop()
                worker.start(train, run, place)
                busy[worker.messages] = worker, run, a_picture(run.config)
                running.append(run)
                waiting.remove(run)
            clock.plan(waiting, running)
            if not busy:
                break
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
