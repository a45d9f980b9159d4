"""Steps on several ranks of this machine, beside PyTorch's, and a table of them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ..files.records import Record
from .plan import LAYOUTS
from .report import columns
from .rounds import TUNED_MALLOC
from .task import Task

OURS, DDP = "minialexnet", "PyTorch DDP"
DDP_RANKS = 2
NETWORKS = {"cifar": "four layers", "step": "AlexNet"}  # by the task's case
HEADS = ["", "ranks", "seconds", "to 1 rank", "sum", "hidden", "MB sent", "formula"]
Job = tuple[str, int, Task]  # the program, the ranks and what they do
Key = tuple[str, int, str, int, str]  # case, ranks, program, batch and layout


def mpiexec() -> str:
    """Return MPI's launcher: that beside this Python, or on the path.

    Raises
    ------
    ValueError
        If there is none.
    """
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    if found is None:
        raise ValueError("expected mpiexec for --ranks: pip install mpi4py mpich")
    return found


def plan(counts: Sequence[int], torch: bool, quick: bool) -> list[Job]:
    """Return what one round measures.

    Strong scaling has the same batch on all ranks together, weak scaling the same on
    each of them. A rank computes on one thread.
    """
    runs = []
    for case, times in (("cifar", 5), ("step", 1)):
        both, each, repeats = (16, 4, 1) if quick else (128, 32, 2 * times)
        task = Task(case, "winograd", both, repeats, width=0.125 if quick else 1.0)
        for n in counts:
            runs.append((OURS, n, task))
            runs.append((OURS, n, replace(task, batch=each * n)))
        if torch:
            for layout in LAYOUTS:
                stock = replace(task, variant="custom", layout=layout)
                runs.append((DDP, DDP_RANKS, stock))
    return runs


def measure(
    runs: Sequence[Job], number: int, progress: Callable[[], object]
) -> list[Record]:
    """Run everything once: one round; return a record of each.

    Raises
    ------
    RuntimeError
        If a process fails, with the last line that it said.
    """
    records = []
    for program, n, task in runs:
        found = (_on_mpi if program == OURS else _on_ddp)(n, task)
        about = {"round": number, "program": program, "ranks": n, "task": asdict(task)}
        found["seconds"] = {
            name: round(statistics.median(times), 6)
            for name, times in found["seconds"].items()
        }
        records.append(about | found)
        progress()
    return records


def _on_mpi(n: int, task: Task) -> Record:
    module = [sys.executable, "-m", "minialexnet.bench.ranks", task.text()]
    return _found([_start([mpiexec(), "-n", str(n), *module])])


def _on_ddp(n: int, task: Task) -> Record:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    module = [sys.executable, "-m", "minialexnet.bench.against_ddp", task.text()]
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(n)}
    where |= TUNED_MALLOC
    return _found([_start(module, **where, RANK=str(rank)) for rank in range(n)])


def _start(command: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _found(processes: list[subprocess.Popen[str]]) -> Record:
    said = [process.communicate() for process in processes]
    for process, (_, errors) in zip(processes, said, strict=True):
        if process.returncode:
            words = [line for line in errors.splitlines() if line.strip()] or [""]
            raise RuntimeError(f"ranks: ended with {process.returncode}: {words[-1]}")
    found: Record = json.loads(said[0][0].splitlines()[-1])
    return found


def table(records: Sequence[Record]) -> str:
    """Return seconds a step, the sum's share and what is hidden of it, as text."""
    series = _series(records)
    medians = {
        key: {name: statistics.median(s[name] for s in rounds) for name in rounds[0]}
        for key, rounds in series.items()
    }
    rows = [HEADS]
    for (case, n, program, batch, layout), own in medians.items():
        one = medians.get((case, 1, OURS, batch, ""))
        weak = medians.get((case, 1, OURS, batch // n, ""))
        base = one or weak
        row = [f"{NETWORKS[case]}, batch {batch}, {program} {layout}".rstrip(), str(n)]
        row += [f"{own['step']:.4g}"]
        row += [f"{own['step'] / base['step']:.2f}" if base and program == OURS else ""]
        if own.get("sent"):
            hidden = 1 - own["waited"] / own["sum"]
            row += [f"{own['waited'] / own['step']:.0%}", f"{hidden:.0%}"]
            row += [f"{own[key] / 1e6:.2f}" for key in ("sent", "by formula")]
        rows.append(row + [""] * (len(HEADS) - len(row)))
    return "\n".join([*columns(rows), "", *beside_ddp(records)])


def _series(records: Sequence[Record]) -> dict[Key, list[dict[str, float]]]:
    """Return the rounds' seconds by what was measured."""
    series: dict[Key, list[dict[str, float]]] = {}
    for record in records:
        if "task" in record:
            task = record["task"]
            key = (task["case"], record["ranks"], record["program"], task["batch"])
            series.setdefault((*key, task["layout"]), []).append(record["seconds"])
    return series


def beside_ddp(records: Sequence[Record]) -> list[str]:
    """Return our time over that of DDP in its better layout, a line for each network.

    It is the median over the rounds, in brackets the lowest and the highest.
    """
    series, lines = _series(records), []
    for (case, n, program, batch, _), own in series.items():
        layouts = [
            [s["step"] for s in series[(case, n, DDP, batch, layout)]]
            for layout in LAYOUTS
            if program == OURS and (case, n, DDP, batch, layout) in series
        ]
        if layouts:
            best = min(layouts, key=statistics.median)
            ratios = [s["step"] / b for s, b in zip(own, best, strict=True)]
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            lines.append(
                f"{NETWORKS[case]}, batch {batch}, {n} ranks: "
                f"{statistics.median(ratios):.2f} ({spread}) of the time of {DDP}, gloo"
            )
    return lines
