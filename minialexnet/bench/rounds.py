"""The processes of a bench, one after the other, and what came of them.

Each measurement has a process of its own, new each time: a pool of processes would keep
the memory and the threads of the measurement before, and the settings of the C library
are read only when a process starts.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from ..files.records import Record
from .plan import Run

PROGRAMS = {
    "minialexnet": "minialexnet.bench.work",
    "torch": "minialexnet.bench.against_torch",
}
# At its defaults the C library gives PyTorch's memory back at each step, and page
# faults make the step slower by up to half. Our processes tell it the same themselves.
TUNED_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "100000000000",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "1000000000",
}


def measure(
    runs: Sequence[Run], number: int, progress: Callable[[Run], None]
) -> list[Record]:
    """Run everything once: one round.

    Parameters
    ----------
    runs : sequence of Run
    number : int
        The round's.
    progress : callable (Run)
        Called before each process.

    Returns
    -------
    list of dict
        For each process "round", "program", "task", "seconds" (medians by name),
        "peak_gib" and what else it tells.

    Raises
    ------
    RuntimeError
        If a process fails, with the last line that it said, or if BLAS had threads of
        its own beside ours.
    """
    records = []
    for run in runs:
        progress(run)
        found = _process(run)
        found["seconds"] = {
            name: round(statistics.median(times), 6)
            for name, times in found["seconds"].items()
        }
        records.append(
            {"round": number, "program": run.program, "task": asdict(run.task)} | found
        )
    return records


def _process(run: Run) -> Record:
    """Return what one process has measured."""
    command = [sys.executable, "-m", PROGRAMS[run.program], run.task.text()]
    environment = os.environ | {"CUPY_TF32": str(int(run.task.tf32))}
    if run.program == "torch":
        environment |= TUNED_MALLOC
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        process_group=0,  # Ctrl-C is heard here alone, and ends it
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise RuntimeError(
            f"{run.program}, {run.task.case}: ended with {done.returncode}"
            + (f": {said[-1]}" if said else "")
        )
    found: Record = json.loads(done.stdout.splitlines()[-1])
    if run.task.case != "sgemm" and found.get("blas_threads") not in (None, 1):
        raise RuntimeError(
            f"{run.task.case}: expected BLAS to compute on one thread, "
            f"got {found['blas_threads']}"
        )
    return found
