"""Ranks that take turns in one thread, and count what they send each other.

A rank is one of several programs that work on the same step and have no memory in
common. Here each is a generator: it computes until it has something to send, and waits
there until all the others have come so far. No machine but one is needed for it, and no
thread, so the whole of it can be looked at, and runs in a browser. By `take_part` the
same programs run in the processes of mpiexec.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.arrays import Array, get_array_module
from .ranks import Ranks

# It gives a name and an array for each rank, and is given one of each.
Program = Generator[tuple[str, list[Array]], Any, Any]


@dataclass(frozen=True)
class Rank:
    """What a program knows of its place among the others, and how it reaches them.

    The calls are generators too: ``y = yield from rank.gather("fc6", y)``.

    Attributes
    ----------
    rank : int
        From 0 to size - 1.
    size : int
        How many there are.
    """

    rank: int
    size: int

    def exchange(self, name: str, arrays: Sequence[Array]) -> Program:
        """Send one array to each rank; return what each sent here, in their order.

        MPI calls it alltoall. What is sent to itself crosses nothing.
        """
        return (yield name, list(arrays))

    def gather(self, name: str, array: Array) -> Program:
        """Send the same array to all; return all of theirs. MPI's allgather."""
        return (yield from self.exchange(name, [array] * self.size))

    def sum(self, name: str, array: Array) -> Program:
        """Return the sum of all ranks' arrays of one axis. MPI's allreduce.

        Each rank adds up one piece, of all ranks' arrays, and sends the sum to all: of
        B bytes every rank sends 2 (size - 1) / size B, as in a ring.
        """
        pieces = get_array_module(array).array_split(array, self.size)
        own = yield from self.exchange(name, pieces)
        sums = yield from self.gather(name, in_order(own))
        return get_array_module(array).concatenate(sums)


def in_order(arrays: Sequence[Array]) -> Array:
    """Return the sum of arrays, added in their order, in memory of its own."""
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    return total


def take_turns(programs: Sequence[Program]) -> tuple[list[Any], dict[str, int]]:
    """Run the programs of all ranks to their ends, one at a time.

    Parameters
    ----------
    programs : sequence of generator
        That of rank 0, of rank 1, and so on. All of them send the same things in the
        same order.

    Returns
    -------
    results : list
        What each program returned.
    sent : dict of str to int
        Bytes that went from one rank to another, by name, all ranks together.

    Raises
    ------
    RuntimeError
        If the programs do not send alike: with MPI they would wait for ever.

    Examples
    --------
    >>> import numpy as np
    >>> programs = [Rank(r, 2).sum("sum", np.full(4, r + 1.0)) for r in range(2)]
    >>> take_turns(programs)
    ([array([3., 3., 3., 3.]), array([3., 3., 3., 3.])], {'sum': 64})
    """
    size, sent = len(programs), dict[str, int]()
    results: list[Any] = [None] * size
    received: list[list[Array] | None] = [None] * size
    while True:
        given: dict[int, tuple[str, list[Array]]] = {}
        for rank, program in enumerate(programs):
            try:
                given[rank] = program.send(received[rank])
            except StopIteration as end:
                results[rank] = end.value
        if not given:
            return results, sent
        names = {name for name, _ in given.values()}
        if len(given) < size or len(names) > 1:
            raise RuntimeError(
                f"expected all {size} ranks to send the same, got "
                + ", ".join(
                    f"{name} of rank {rank}" for rank, (name, _) in given.items()
                )
            )
        (name,) = names
        for rank, (_, arrays) in given.items():
            others = arrays[:rank] + arrays[rank + 1 :]
            sent[name] = sent.get(name, 0) + sum(array.nbytes for array in others)
            received[rank] = [given[other][1][rank] for other in range(size)]


def take_part(program: Program, ranks: Ranks) -> Any:
    """Run this rank's program in a job that mpiexec has started; return its result.

    Parameters
    ----------
    program : generator
        Of ``Rank(ranks.rank, ranks.size)``, the same code as in turns.
    ranks : Ranks
    """
    received = None
    while True:
        try:
            _, arrays = program.send(received)
        except StopIteration as end:
            return end.value
        received = ranks.world.alltoall(arrays)
