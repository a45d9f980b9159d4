"""The processes of a bench, one after the other and in turn, and what came of them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .task import Task

__all__ = ["LAYOUTS", "Run", "measure", "plan"]

LAYOUTS = ("channels_first", "channels_last")
# PyTorch's, where not both are measured: the four-layer network has no normalisation to
# write anew, and a layer's time does not depend on how another one is written.
VARIANTS = {"cifar": ("stock",), "layers": ("custom",)}
PROGRAMS = {
    "minialexnet": "minialexnet.bench.work",
    "torch": "minialexnet.bench.against_torch",
}
# At its defaults the C library gives PyTorch's memory back at each step, and the step
# drifts by half in page faults. Ours is told the same from within.
TUNED_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "100000000000",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "1000000000",
}


@dataclass(frozen=True)
class Run:
    """A task for one of `PROGRAMS`."""

    program: str
    task: Task


def plan(
    threads: int, device: str, against_torch: bool, quick: bool, tf32: bool
) -> list[Run]:
    """Return what one round measures, in its order.

    Parameters
    ----------
    threads : int
        The most that are used; the cost by cores begins at 1.
    device : str
    against_torch : bool
    quick : bool
        Small batches, a few numbers of each thing; a look, not a record.
    tf32 : bool
    """
    large, small = (8, 4) if quick else (128, 32)
    common: dict[str, Any] = {
        "repeats": 1 if quick else 2 if device == "cpu" else 20,  # milliseconds
        "threads": threads,
        "device": device,
        "tf32": tf32,
    }
    side = 512 if quick else 2048 if device == "cpu" else 8192
    sides = common | {"batch": side}
    runs = [Run("minialexnet", Task("sgemm", **sides))]
    if threads > 1:
        runs.append(Run("minialexnet", Task("sgemm", **sides | {"threads": 1})))
    # The last is how many times as often on a CPU, where most take seconds.
    shapes = [
        ("step", large, 1),
        ("step", small, 1),
        ("layers", large, 1),
        ("layers", small, 1),
        ("inference", large, 2),
        ("inference", 1, 10),
        ("cifar", large, 10),
    ]
    for case, batch, times in shapes:
        often = common
        if device == "cpu" and not quick:
            often = common | {"repeats": times * common["repeats"]}
        for variant in ("im2col", "winograd"):
            runs.append(Run("minialexnet", Task(case, variant, batch, **often)))
        for variant in VARIANTS.get(case, ("stock", "custom")) if against_torch else ():
            for layout in LAYOUTS:
                options = often | {"layout": layout}
                runs.append(Run("torch", Task(case, variant, batch, **options)))
    if device == "cpu":
        pictures = 8 if quick else 64
        files = common | {"batch": pictures}
        runs.append(Run("minialexnet", Task("decode", **files | {"threads": 1})))
        runs.append(Run("minialexnet", Task("prepare", **files)))
    crops = common | {"batch": 2 if quick else 16}
    runs.append(Run("minialexnet", Task("ten crops", "winograd", **crops)))
    for batch in (1, 4) if quick else (1, 2, 4, 8, 16, 32, 64, 128):
        runs.append(Run("minialexnet", Task("step", "winograd", batch, **common)))
    for width in (0.25, 0.5, 1.0):
        options = common | {"width": width}
        runs.append(Run("minialexnet", Task("step", "winograd", small, **options)))
    for count in range(1, threads + 1):
        options = common | {"threads": count}
        runs.append(Run("minialexnet", Task("step", "winograd", large, **options)))
    return list(dict.fromkeys(runs))


def measure(
    runs: Sequence[Run], number: int, progress: Callable[[Run], None]
) -> list[dict[str, Any]]:
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
        If a process fails, with the last that it said, or if threads of ours and of
        BLAS's would have met.
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


def _process(run: Run) -> dict[str, Any]:
    """Return what one process has measured."""
    command = [sys.executable, "-m", PROGRAMS[run.program], run.task.text()]
    environment = os.environ | {"CUPY_TF32": str(int(run.task.tf32))}
    if run.program == "torch":
        environment |= TUNED_MALLOC
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise RuntimeError(
            f"{run.program}, {run.task.case}: ended with {done.returncode}"
            + (f": {said[-1]}" if said else "")
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if run.task.case != "sgemm" and found.get("blas_threads") not in (None, 1):
        raise RuntimeError(
            f"{run.task.case}: expected BLAS to compute on one thread, "
            f"got {found['blas_threads']}"
        )
    return found
