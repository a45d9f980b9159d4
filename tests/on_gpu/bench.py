"""Training step, inference and layers at the large batch, beside PyTorch's.

    python -m tests.on_gpu.bench {float32,tf32} --out OUT

Each measurement has a process of its own, and is written down before the next begins.
What was measured before counts; a measurement that fails stops no other.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minialexnet.bench import rounds
from minialexnet.bench.plan import Run, plan
from minialexnet.bench.results import Results
from minialexnet.engine.devices import check_device
from minialexnet.files.records import provenance, read_lines, write_lines

CASES = ("sgemm", "step", "inference", "layers")  # the most telling first


def runs_of(device: str, torch: bool, dry: bool, tf32: bool) -> list[Run]:
    """Return what is measured, of what the command ``minialexnet bench`` measures."""
    every = plan(1, device, torch, dry, tf32)
    batch = max(run.task.batch for run in every if run.task.case == "step")
    cases = CASES[:2] if dry else CASES
    runs = [
        run
        for run in every
        if run.task.case in cases
        and (run.task.case == "sgemm" or (run.task.batch, run.task.width) == (batch, 1))
    ]
    return sorted(runs, key=lambda run: cases.index(run.task.case))


def earlier(path: Path, commit: object) -> list[dict[str, Any]]:
    """Return the lines that were measured at this commit, none of another."""
    lines = read_lines(path) if path.exists() else []
    commits = [line["run"]["commit"] for line in lines if "run" in line]
    return lines if set(commits) <= {commit} else []


def measure(path: Path, runs: list[Run], count: int) -> list[str]:
    """Measure what `path` has not yet, for so many rounds; return what failed."""
    about = provenance()
    lines = [*earlier(path, about["commit"]), {"run": about}]
    done = {
        (line["round"], line["program"], tuple(sorted(line["task"].items())))
        for line in lines
        if "task" in line
    }
    failed = []
    for number in range(1, count + 1):
        for run in runs:
            key = number, run.program, tuple(sorted(vars(run.task).items()))
            if key in done:
                continue
            try:
                lines += rounds.measure([run], number, lambda run: print(run, flush=1))
            except RuntimeError as error:
                print(error, flush=True)
                failed.append(f"{run.program} {run.task.case} {run.task.variant}")
            write_lines(path, lines)
    return failed


def say(path: Path) -> None:
    """Print what was measured, and the ratios to PyTorch's."""
    print("RESULT")
    results = Results(read_lines(path))
    batches = [
        r["task"]["batch"] for r in results.records if r["task"]["case"] != "sgemm"
    ]
    if any(record["task"]["case"] == "sgemm" for record in results.records):
        print(f"sgemm: {results.sgemm(1) / 1e3:.1f} TFLOP/s")
    batch = max(batches, default=0)
    for case, measured in (("step", "step"), ("inference", "forward")):
        series = results.series(case, measured, batch=batch)
        middle = {label: sorted(t)[len(t) // 2] for label, t in series.items()}
        bars = {label: middle[label] for label in results.best_layouts(series).values()}
        for label, seconds in middle.items():
            ratios = [f"{seconds / bar:.2f} of {name}" for name, bar in bars.items()]
            own = [] if label.startswith("PyTorch") else ratios
            words = [f"{case} {batch}, {label}: {1e3 * seconds:.2f} ms", *own]
            print(", ".join(words))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("precision", choices=["float32", "tf32"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args(arguments)
    tf32, dry = options.precision == "tf32", options.dry_run
    device = "cpu" if dry else "cuda:0"
    os.environ["CUPY_TF32"] = str(int(tf32))
    check_device(device)
    torch = find_spec("torch") is not None and not dry
    path = options.out / f"bench_{options.precision}.jsonl"
    try:
        failed = measure(path, runs_of(device, torch, dry, tf32), options.rounds)
    finally:  # stopped by Ctrl-C too
        if path.exists():
            say(path)
    for name in failed:
        print(f"failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
