"""What started this process is told by its environment, without MPI."""

import sys
from types import SimpleNamespace

import pytest

from minialexnet.parallel.launcher import Launched, launched
from minialexnet.parallel.ranks import RanksError, connect

SRUN = {"SLURM_NTASKS": "8", "SLURM_PROCID": "3"}


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, None),
        ({"PMI_SIZE": "1", "PMI_RANK": "0"}, Launched("mpiexec", 1, 0)),
        (
            {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"},
            Launched("Open MPI's mpirun", 2, 1),
        ),
        (
            {"WORLD_SIZE": "2", "RANK": "1", "TORCHELASTIC_RUN_ID": "a"},
            Launched("torchrun", 2, 1),
        ),
        ({"WORLD_SIZE": "2", "RANK": "1"}, None),  # anybody's variables
        (SRUN | {"SLURM_STEP_NUM_TASKS": "4"}, Launched("srun", 4, 3)),
        (SRUN, Launched("Slurm", 8, 3)),
        ({"SLURM_NTASKS": "8"}, None),  # salloc has begun no process of its own
        ({"SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, None),  # a batch script
        # mpiexec begins its own helpers by srun, one a machine.
        (SRUN | {"PMI_SIZE": "6", "PMI_RANK": "5"}, Launched("mpiexec", 6, 5)),
    ],
)
def test_the_launcher_is_known_by_its_variables(environment, found):
    assert launched(environment) == found


@pytest.mark.parametrize(
    ("launcher", "size", "level", "message"),
    [
        ("PMI", 1, 3, "mpiexec started 2 processes, each of which would work alone"),
        ("OMPI_COMM_WORLD", 2, 3, "mpirun started 2 processes, each of which would"),
        ("PMI", 2, 2, "expected an MPI that takes calls from several threads"),
    ],
)
def test_an_mpi_that_does_not_fit_is_refused(
    monkeypatch, launcher, size, level, message
):
    begun = []
    mpi = SimpleNamespace(
        COMM_WORLD=SimpleNamespace(size=size),
        get_vendor=lambda: ("MPICH", (5, 0, 1)),
        Is_initialized=lambda: False,
        Init_thread=begun.append,
        Get_library_version=lambda: "a stand-in",
        Query_thread=lambda: level,
        THREAD_MULTIPLE=3,
    )
    mpi4py = SimpleNamespace(MPI=mpi, rc=lambda **_: None)
    monkeypatch.setitem(sys.modules, "mpi4py", mpi4py)
    monkeypatch.setenv(f"{launcher}_SIZE", "2")
    monkeypatch.setenv(f"{launcher}_RANK", "0")
    with pytest.raises(RanksError, match=message):
        connect()
    # Under Open MPI's launcher MPICH would end the process here.
    assert begun == ([] if launcher == "OMPI_COMM_WORLD" else [3])
