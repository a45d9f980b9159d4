"""Whether a launcher has started this process as one of several, by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

OPEN_MPI, OMPI = "Open MPI's mpirun", ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK")
# The name of a launcher; its variables for the number of processes and for this one's
# rank; and one that must be there too. The first that is found counts: mpiexec may have
# been begun by srun.
LAUNCHERS = (
    ("mpiexec", "PMI_SIZE", "PMI_RANK", "PMI_SIZE"),
    (OPEN_MPI, *OMPI, OMPI[0]),
    ("torchrun", "WORLD_SIZE", "RANK", "TORCHELASTIC_RUN_ID"),
    ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_PROCID"),
    ("Slurm", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_PROCID"),
)
PARTS = 8  # that a batch is cut in under a launcher, unless something else is asked for


@dataclass(frozen=True)
class Launched:
    """What a launcher says of the processes that it has started.

    Attributes
    ----------
    launcher : str
    size : int
        How many processes.
    rank : int
        Which of them this is, from 0.
    """

    launcher: str
    size: int
    rank: int


def launched(environment: Mapping[str, str] | None = None) -> Launched | None:
    """Return what the launcher of this process says, or None if it has none.

    MPI is not asked, and not imported: it does not know of another MPI's launcher, and
    believes then that every process is alone. A batch script of Slurm for one task, and
    an interactive allocation, start one process and count as no launcher.

    Parameters
    ----------
    environment : mapping, optional
        The process's own if not given.

    Examples
    --------
    >>> launched({"PMI_SIZE": "4", "PMI_RANK": "2"})
    Launched(launcher='mpiexec', size=4, rank=2)
    >>> launched({"SLURM_NTASKS": "4"})  # in an allocation, but not started by srun
    """
    found = os.environ if environment is None else environment
    for name, size, rank, needed in LAUNCHERS:
        if size in found and needed in found:
            launched = Launched(name, int(found[size]), int(found.get(rank, 0)))
            if launched.size == 1 and "SLURM" in size:
                return None
            return launched
    return None
