"""Mutated files of weights end in a clear error, never a crash, a hang or a GiB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = 300


@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="memory is bounded by Linux's means"
)
@pytest.mark.parametrize(
    "form", ["caffemodel", "zip", "legacy", "onnx", "safetensors", "own", "npz"]
)
def test_mutated_files_are_read_or_refused(form):
    """See fuzz_weights.py, which fails for whatever else happens."""
    program = [sys.executable, "-W", "error", "-m", "tests.support.fuzz_weights"]
    done = subprocess.run(
        [*program, form, str(FILES), "0"],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert sum(counts.values()) == FILES
    # What changed only weights or words that say nothing is read.
    assert counts["read"] > 0
    assert counts["refused"] > FILES / 2
