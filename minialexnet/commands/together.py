"""A command that a launcher has started several times, as the ranks of one job."""

from __future__ import annotations

import hashlib
import os
import platform
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import asdict
from typing import Any

import numpy as np

from .. import __version__
from ..engine.blas import cores
from ..engine.transfer import to_numpy
from ..parallel.launcher import launched
from ..parallel.ranks import Ranks, RanksError, connect
from ..train import Training


@contextmanager
def together(
    command: str,
    timeout: float | None = None,
    refused: tuple[type[BaseException], ...] = (),
    kept: str = "",
) -> Iterator[Ranks | None]:
    """Yield the ranks of this job, None where no launcher has started it.

    Only rank 0 prints. What one rank raises ends the job, with the rank's name.

    Parameters
    ----------
    command : str
        What an error begins with: "minialexnet train".
    timeout : float, optional
        Seconds after which a rank that does not move is named, and the job ended.
    refused : tuple of exceptions
        Those that say why nothing was begun; the exit code is 2. All others but
        OSError and MemoryError come with their traceback.
    kept : str
        What Ctrl-C leaves, where the KeyboardInterrupt does not say it.

    Raises
    ------
    RanksError
        If processes that were started together cannot work together.
    """
    ranks = connect()
    if ranks is None:
        yield None
        return
    from ..parallel.watched import TIMEOUT, Watched  # of sockets, not there everywhere

    watched = Watched(ranks, command, timeout or TIMEOUT)
    try:
        with ExitStack() as ending:
            if ranks.rank > 0:
                nowhere = ending.enter_context(open(os.devnull, "w"))
                ending.enter_context(redirect_stdout(nowhere))
            yield ranks
    except KeyboardInterrupt as stop:
        watched.fail(f"stopped by Ctrl-C. {stop if stop.args else kept}", 130)
    except BaseException as error:
        if type(error).__module__ == "mpi4py.MPI":
            watched.let_others_speak()  # mostly it is another rank that has died
        why = "out of memory" if isinstance(error, MemoryError) else str(error)
        why = " ".join(why.split())
        if isinstance(error, refused):
            watched.fail(why, 2)
        if not isinstance(error, OSError | MemoryError):
            traceback.print_exc()
        watched.fail(f"{type(error).__name__}: {why}", 1)
    watched.close()


def is_first(ranks: Ranks | None) -> bool:
    """Say whether this process is the one that writes and prints."""
    found = launched() if ranks is None else ranks
    return found is None or found.rank == 0


def cores_of(ranks: Ranks | None) -> int:
    """Return how many cores of this machine a process has to itself."""
    return cores() if ranks is None else ranks.cores()


def meet(ranks: Ranks | None) -> None:
    """Go on only after all ranks have come here."""
    if ranks is not None:
        ranks.gather(None)


def refusal(
    ranks: Ranks | None, error: Exception | None, facts: Mapping[str, Any]
) -> Exception | None:
    """Return why the ranks cannot begin the same training together, or None.

    Parameters
    ----------
    ranks : Ranks, optional
    error : Exception, optional
        Why this rank cannot begin.
    facts : dict of str to text
        What must be the same on all ranks.

    Returns
    -------
    Exception or None
        The same on every rank, with the names of the ranks where they differ.
    """
    if ranks is None:
        return error
    found = ranks.gather((str(error) if error else None, dict(facts)))
    errors = [why for why, _ in found]
    named = list(zip(ranks.names, found, strict=True))
    if any(errors):
        if len({*errors}) == 1:
            return RanksError(errors[0])
        return RanksError("; ".join(f"{name}: {e}" for name, (e, _) in named if e))
    for name, (_, other) in named:
        for key, value in found[0][1].items():
            if other[key] != value:
                return RanksError(
                    f"expected the same {key} on all ranks, got {other[key]} on {name} "
                    f"and {value} on {ranks.names[0]}"
                )
    ranks.is_ready = True
    return None


def facts_of(training: Training, config: Any) -> dict[str, Any]:
    """Return what must be the same on all ranks that train together."""
    weights = hashlib.sha256()
    for array in training.network.parameters().values():
        weights.update(np.ascontiguousarray(to_numpy(array)).data)
    versions = f"minialexnet {__version__}, NumPy {np.__version__}"
    fields = asdict(config)
    for own in ("device", "threads"):  # a machine's own matter
        del fields[own]
    return {
        "versions": f"{versions}, Python {platform.python_version()}",
        **{f"config {name}": value for name, value in fields.items()},
        "digest of the pictures": training.pictures,
        "epochs done": len(training.history),
        "batches done": training.begun["batches"],
        "digest of the weights": weights.hexdigest(),
    }
