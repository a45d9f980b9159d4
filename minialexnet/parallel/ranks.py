"""The processes of a job, which are its ranks, and how they talk to one another."""

from __future__ import annotations

import os
import pickle
import time
import warnings
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from ..engine.blas import cores
from .launcher import OPEN_MPI, launched

T = TypeVar("T")

# While it waits, a rank asks again after so many seconds, at first and at most. MPI's
# own waiting would keep a core busy, which another rank's threads may need.
FIRST, LONGEST = 2e-5, 1e-3


class RanksError(ValueError):
    """Processes that were started together cannot work together."""


def connect() -> Ranks | None:
    """Return the ranks of this job, None where no launcher has started it.

    Raises
    ------
    RanksError
        If MPI is not installed, or is another one than the launcher's.
    """
    found = launched()
    if found is None:
        return None
    started = f"{found.launcher} started {found.size} process" + "es" * (found.size > 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that of another launcher is said below
            import mpi4py

            mpi4py.rc(initialize=False, finalize=True)
            from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise RanksError(
            f"{started}; to work together they need MPI, pip install mpi4py mpich: "
            f"{error}"
        ) from error
    # Under Open MPI's launcher another MPI may end the process when it is initialised.
    stranger = found.launcher == OPEN_MPI and MPI.get_vendor()[0] != "Open MPI"
    if not (stranger or MPI.Is_initialized()):
        MPI.Init_thread(MPI.THREAD_MULTIPLE)
    world = MPI.COMM_WORLD
    if stranger or world.size != found.size:
        library = MPI.Get_library_version().replace("\n", " ").rstrip("\0")[:40]
        raise RanksError(
            f"{started}, each of which would work alone: it is not the launcher of "
            f"the MPI that mpi4py has loaded ({library}); use that one's mpiexec"
        )
    if MPI.Query_thread() != MPI.THREAD_MULTIPLE:
        raise RanksError("expected an MPI that takes calls from several threads")
    return Ranks(world)


class Ranks:
    """The ranks of a job.

    Parameters
    ----------
    world : mpi4py.MPI.Comm
        Of all of them.

    Attributes
    ----------
    rank, size : int
        Which this is, from 0, and how many there are.
    names : list of str
        Of every rank and its machine: "rank 2 of 4 on node7".
    local_rank, local_size : int
        The same among those of this machine.
    apart : mpi4py.MPI.Comm
        Of all of them, for messages that are not to be mixed up with others.
    waiting : bool
        Whether this rank waits for another one now.
    moves : int
        Counts what this rank has got from others.
    is_ready : bool
        Whether all have begun their work, so that one that does not move has stalled.
    """

    def __init__(self, world: Any) -> None:
        self.world, self.rank, self.size = world, int(world.rank), int(world.size)
        self.apart = world.Dup()
        self.waiting, self.moves, self.is_ready = False, 0, False
        host = os.uname().nodename if hasattr(os, "uname") else "this machine"
        self.hosts = self.gather(host)
        self.names = [
            f"rank {rank} of {self.size} on {host}"
            for rank, host in enumerate(self.hosts)
        ]
        local = [r for r, other in enumerate(self.hosts) if other == host]
        self.local_rank, self.local_size = local.index(self.rank), len(local)

    @property
    def name(self) -> str:
        """Which rank this is, and where."""
        return self.names[self.rank]

    def cores(self) -> int:
        """Return how many cores there are for each rank of this machine."""
        return max(1, cores() // self.local_size)

    def gather(self, value: T) -> list[T]:
        """Return what every rank has given, in the order of the ranks.

        All ranks call it at the same point of their work.
        """
        own = np.frombuffer(pickle.dumps(value, protocol=5), np.uint8)
        sizes = np.zeros(self.size, np.int64)
        self.wait([self.world.Iallgather(np.array([own.size]), sizes)])
        found = np.empty(sizes.sum(), np.uint8)
        self.wait([self.world.Iallgatherv(own, [found, sizes])])
        pieces = np.split(found, np.cumsum(sizes)[:-1])
        return [pickle.loads(piece.tobytes()) for piece in pieces]

    def from_first(self, value: T) -> T:
        """Return what rank 0 has given."""
        return self.gather(value if self.rank == 0 else None)[0]  # type: ignore[return-value]

    def wait(self, requests: Sequence[Any]) -> None:
        """Wait until messages have gone out and come in, and leave the core to others.

        Parameters
        ----------
        requests : sequence of mpi4py.MPI.Request
        """
        pause = FIRST
        self.waiting = True
        while not all(request.Test() for request in requests):
            time.sleep(pause)
            pause = min(2 * pause, LONGEST)
        self.waiting = False
        self.moves += 1
