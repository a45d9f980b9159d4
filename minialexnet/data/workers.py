"""Shards decoded by several processes, and what is done where one of them dies.

A picture that is built for it, or too large for the memory that is left, can end the
process that decodes it. The pool is broken then, and says neither which process it was
nor over what. So every process writes down which picture it has in hand, where all see
it, and the shards that were begun are begun anew, each by a process alone: the picture
over which one dies again is passed over, and nothing else is lost.
"""

import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType
from typing import Any, TypeAlias

from ..files.interrupts import children_do_not_hear
from .decoding import Job, Shard, decode

NOT_BEGUN = -1
EVERY = 0.2  # seconds after which the progress is looked at
DIED = "expected a picture that can be read, got the end of the process that read it"

# For each shard the place of the picture in hand, and after them whether to stop.
Board: TypeAlias = Any
_Shards: TypeAlias = Generator[tuple[Job, Shard], None, list[int]]


class PrepareError(RuntimeError):
    """The work cannot go on, as on a full disk; what is finished is kept."""


def decode_all(
    jobs: Sequence[Job], workers: int, strict: bool, progress: Callable[[int], object]
) -> Generator[tuple[Job, Shard], None, None]:
    """Decode shards, in this process or in others; yield each as it is finished.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        Processes; 0 decodes in the calling one.
    strict : bool
        See `minialexnet.data.decoding.decode`.
    progress : callable
        Called with how many pictures have been decoded so far.

    Yields
    ------
    Job, Shard

    Raises
    ------
    ImageError, OSError
        See `minialexnet.data.decoding.decode`.
    PrepareError
        If processes die that have no picture in hand.
    """
    if workers == 0:
        finished = 0
        for job in jobs:

            def begin(place: int, finished: int = finished) -> None:
                progress(finished + place)

            yield job, decode(job, strict, {}, begin)
            finished += len(job.items)
        return
    sizes = {number: len(job.items) for number, job in enumerate(jobs)}
    left = dict(enumerate(jobs))
    unreadable: dict[int, dict[int, str]] = {number: {} for number in left}
    board = multiprocessing.get_context("spawn").RawArray("q", len(jobs) + 1)

    def decode_some(numbers: Sequence[int], workers: int) -> _Shards:
        for number in numbers:
            board[number] = NOT_BEGUN
        tasks = {n: (n, left[n], strict, unreadable[n]) for n in numbers}
        for number, shard in _pool(board, tasks, workers, lambda: progress(so_far())):
            yield left.pop(number), shard
        return [n for n in numbers if n in left and board[n] != NOT_BEGUN]

    def so_far() -> int:
        return sum(
            max(0, board[number]) if number in left else size
            for number, size in sizes.items()
        )

    while left:
        before = len(left)
        begun = yield from decode_some(list(left), workers)
        for number in begun:
            while number in left:
                died = yield from decode_some([number], 1)
                place = board[number]
                if died and place < sizes[number]:
                    unreadable[number][place] = DIED
                elif number in left:
                    raise PrepareError(f"a process died that wrote {left[number].path}")
        if len(left) == before:
            raise PrepareError("processes that decode pictures die at their beginning")


def _pool(
    board: Board,
    tasks: Mapping[int, tuple[Any, ...]],
    workers: int,
    look: Callable[[], object],
) -> Iterator[tuple[int, Shard]]:
    """Yield the shards that a pool of processes makes, until it is done or broken."""
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)),
        multiprocessing.get_context("spawn"),
        _begin_process,
        (board,),
    )
    numbers: dict[Future[Shard], int] = {}
    try:
        try:
            with _born_quietly():
                for number, task in tasks.items():
                    numbers[pool.submit(_work, *task)] = number
        except BrokenProcessPool:
            pass  # so are those that were handed in before
        waiting = set(numbers)
        while waiting:
            done, waiting = wait(waiting, EVERY, FIRST_COMPLETED)
            for future in done:
                if not isinstance(future.exception(), BrokenProcessPool):
                    yield numbers.pop(future), future.result()
            look()
    finally:
        board[-1] = True
        pool.shutdown(cancel_futures=True)
        board[-1] = False


@contextmanager
def _born_quietly() -> Iterator[None]:
    """Have processes begin without the caller's main program, nor hearing Ctrl-C."""
    main = sys.modules["__main__"]
    with children_do_not_hear():
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


# ------------------------------------------------------------------ in such a process

_board: Board = None


def _begin_process(board: Board) -> None:
    global _board
    _board = board
    warnings.simplefilter("ignore")  # Pillow's, of damaged EXIF
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent(seconds: float | None = None) -> None:
    """Wait so long for the end of the process that began this one, and end too."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join(seconds)
    if not parent.is_alive():
        os._exit(1)


def _work(number: int, job: Job, strict: bool, unreadable: Mapping[int, str]) -> Shard:
    _end_with_the_parent(0)  # a shard must not be begun for nobody

    def begin(place: int) -> None:
        if _board[-1]:
            raise KeyboardInterrupt
        _board[number] = place

    return decode(job, strict, unreadable, begin)
