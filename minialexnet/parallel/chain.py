"""The gradients' sum on its way through the ranks, while backward still computes.

A sum goes from rank 0 upwards, and every rank adds its own parts to it, so that they
are added in the order of the parts, as on one machine. The last rank has the whole sum
and sends it back down. A large gradient is cut in buckets, so that all ranks are at
work at once: rank 0 sends the second bucket while rank 1 adds to the first. Every rank
but the first and the last sends all gradients once up and once down, as many bytes as
in the ring that other programs send them through, whose order of adding changes with
the number of ranks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import numpy as np

from ..engine.arrays import Array
from ..engine.memory import empty
from .ranks import FIRST, LONGEST, Ranks
from .sums import Gradients

BUCKET = 1 << 20  # numbers: 4 MB of float32


@dataclass
class Travelled:
    """What the sums of all steps so far took.

    Attributes
    ----------
    steps : int
    sent : int
        Bytes that this rank has sent.
    seconds : float
        From the first layer's gradients to the last one's sum.
    waited : float
        The part of them after backward had ended, which it could not hide.
    """

    steps: int = 0
    sent: int = 0
    seconds: float = 0.0
    waited: float = 0.0


class Chain:
    """Adds up the gradients of a step over the ranks, on a thread of its own.

    Parameters
    ----------
    ranks : Ranks
    layers : sequence of str
        Those with gradients, in the order in which backward comes to them.

    Attributes
    ----------
    travelled : Travelled
    """

    def __init__(self, ranks: Ranks, layers: Sequence[str]) -> None:
        self.ranks, self.layers = ranks, layers
        self.travelled = Travelled()
        self._world = ranks.apart

    def begin(self, like: dict[str, Gradients]) -> None:
        """Begin a step; the gradients have the shapes of the arrays in `like`."""
        self._like = like
        self._found: SimpleQueue[tuple[str, list[Gradients]]] = SimpleQueue()
        self._totals: dict[str, Gradients] = {}
        self._error: BaseException | None = None
        self._began = 0.0
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, name: str, found: list[Gradients]) -> None:
        """Give a layer's gradients: of each part computed here, or on rank 0 their sum.

        A rank without parts gives an empty list.
        """
        self._began = self._began or time.perf_counter()
        self._found.put((name, found))

    def finish(self) -> dict[str, Gradients]:
        """Return the sums over all parts of all ranks, as soon as they are there."""
        backward_ended = time.perf_counter()
        self.ranks.waiting = True
        self._thread.join()
        self.ranks.waiting = False
        self.ranks.moves += 1
        if self._error is not None:
            raise self._error
        ended = time.perf_counter()
        self.travelled.steps += 1
        self.travelled.seconds += ended - self._began
        self.travelled.waited += ended - backward_ended
        return self._totals

    def _run(self) -> None:
        try:
            self._send_all()
        except BaseException as error:
            self._error = error

    def _send_all(self) -> None:
        """Let every bucket travel as soon as its layer's gradients are here."""
        under_way: list[tuple[Iterator[Any], Any]] = []
        pause, left = FIRST, len(self.layers)
        while left or under_way:
            moved = False
            while left and (given := self._given(wait=not under_way)):
                left -= 1
                for journey in self._journeys(*given):
                    if (request := next(journey, None)) is not None:
                        under_way.append((journey, request))
                moved = True
            still = []
            for journey, request in under_way:
                while request is not None and request.Test():
                    request, moved = next(journey, None), True
                if request is not None:
                    still.append((journey, request))
            under_way = still
            pause = FIRST if moved else min(2 * pause, LONGEST)
            if under_way:
                time.sleep(pause)

    def _given(self, wait: bool) -> tuple[str, list[Gradients]] | None:
        try:
            return self._found.get(wait)
        except Empty:
            return None

    def _journeys(self, name: str, found: list[Gradients]) -> Iterator[Iterator[Any]]:
        """Yield the journey of each bucket of a layer's gradients."""
        first = self.ranks.rank == 0
        shapes = self._like[name]
        totals = {
            key: np.ascontiguousarray(found[0][key])
            if first
            else empty(np, w.shape, w.dtype)
            for key, w in shapes.items()
        }
        self._totals[name] = totals
        # A layer's buckets have the same numbers on all ranks, whenever it comes.
        number = self.layers.index(name) << 12
        for key, total in totals.items():
            flat = total.reshape(-1)
            others = [] if first else [np.ravel(g[key]) for g in found]
            for start in range(0, flat.size, BUCKET):
                piece = slice(start, start + BUCKET)
                parts = [other[piece] for other in others]
                yield self._journey(flat[piece], parts, number)
                number += 2

    def _journey(
        self, bucket: Array, parts: Sequence[Array], number: int
    ) -> Iterator[Any]:
        """Take a bucket up the ranks and down again; yield what is to be waited for."""
        world, rank, last = self._world, self.ranks.rank, self.ranks.size - 1
        up, down = number, number + 1
        if rank > 0:
            yield world.Irecv(bucket, rank - 1, up)
            for part in parts:  # in their order, as in `add_parts`
                bucket += part
        if rank < last:
            yield self._send(bucket, rank + 1, up)
            yield world.Irecv(bucket, rank + 1, down)
        if rank > 0:
            yield self._send(bucket, rank - 1, down)

    def _send(self, bucket: Array, to: int, number: int) -> Any:
        self.travelled.sent += bucket.nbytes
        return self._world.Isend(bucket, to, number)
