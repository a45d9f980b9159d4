"""Measures how long each lesson takes, started as a script: what the lessons state.

    python lessons/site/time_lessons.py --out figures/results/lessons.jsonl

Each runs alone, in an empty folder, and draws without a window. The processor's seconds
are those of all its threads; on a machine with nothing else to do the seconds on the
clock are about the same.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from minialexnet.files.records import provenance, write_lines

LESSONS = Path(__file__).resolve().parents[1]


def measure(script):
    """Return a record of one run."""
    before, start = os.times(), time.perf_counter()
    with TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, script],
            cwd=folder,
            env=os.environ | {"MPLBACKEND": "agg"},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    clock, after = time.perf_counter() - start, os.times()
    processor = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return {
        "lesson": script.stem,
        "processor_seconds": round(processor, 1),
        "clock_seconds": round(clock, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    out = parser.parse_args().out
    # How many other programs wanted a processor then, on average over a minute.
    records = [{"run": provenance() | {"load": os.getloadavg()[0]}}]
    for script in sorted(LESSONS.glob("lesson_*.py")):
        records.append(measure(script))
        print(records[-1], flush=True)
    write_lines(out, records)
