"""Trainings on several ranks, as mpiexec starts them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from minialexnet.files import checkpoint
from tests.support import train_on_noise

ROOT = Path(__file__).resolve().parents[2]


def mpiexec():
    """Return where the launcher lies: beside this Python, or on the path."""
    beside = Path(sys.executable).with_name("mpiexec")
    return str(beside) if beside.exists() else shutil.which("mpiexec")


def start(ranks, *arguments, program=train_on_noise.__file__, kill=None, **environment):
    """Start a program on so many ranks, as a process; None is without a launcher."""
    environment = os.environ | environment
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    if kill is not None:
        environment["KILL"] = json.dumps(kill)
    launcher = [] if ranks is None else [mpiexec(), "-n", str(ranks)]
    return subprocess.Popen(
        [*launcher, sys.executable, program, *map(str, arguments)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train(ranks, out, *arguments, seconds=120, **how):
    """Train on noise; return the exit code, what was printed and what complained of."""
    process = start(ranks, "train", "--out", out, *arguments, **how)
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        errors += f"\nstill at work after {seconds} s"
    return process.returncode, output, errors


def end_of(out):
    """Return a hash of all that a run ended in but times, threads and machines."""
    arrays, state = checkpoint.load(Path(out) / checkpoint.NAME)
    for entry in state["history"]:
        for key in ("seconds", "cpu_seconds", "peak_memory_gib"):
            entry.pop(key, None)
    del state["runs"], state["config"]["threads"]
    found = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name, array in arrays.items():
        found.update(name.encode() + array.tobytes())
    return found.hexdigest()
