"""The processes of a bench: their order, what they return, and how they fail."""

import json
import subprocess

import pytest

from minialexnet.bench.plan import Run
from minialexnet.bench.rounds import measure
from minialexnet.bench.task import Task


def test_a_round_measures_each_once_in_turn(monkeypatch):
    said = json.dumps({"seconds": {"a": [7, 1, 2]}})
    environments = []

    def run(command, env, **how):
        environments.append(env)
        return subprocess.CompletedProcess(command, 0, f"a warning\n{said}\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    runs, seen = [Run("minialexnet", Task("step")), Run("torch", Task("step"))], []
    found = measure(runs, 2, seen.append)
    assert seen == runs
    assert [(f["round"], f["program"]) for f in found] == [
        (2, "minialexnet"),
        (2, "torch"),
    ]
    assert found[0]["seconds"] == {"a": 2}
    # PyTorch's C library is told to keep its memory; ours tells it from within.
    assert ["MALLOC_TOP_PAD_" in env for env in environments] == [False, True]


@pytest.mark.parametrize(
    ("task", "measures"),
    [
        (Task("sgemm", batch=64, repeats=1), {"product"}),
        (
            Task("cifar", batch=4, repeats=1, threads=2),
            {"forward", "backward", "SGD", "step"},
        ),
        (Task("decode", batch=2, repeats=1), {"pictures"}),
    ],
    ids=lambda value: value.case if isinstance(value, Task) else "",
)
def test_a_process_measures(task, measures):
    (found,) = measure([Run("minialexnet", task)], 1, lambda run: None)
    assert found["seconds"].keys() == measures
    assert all(seconds > 0 for seconds in found["seconds"].values())
    assert found["peak_gib"] > 0


def test_a_process_that_fails_is_said(monkeypatch):
    with pytest.raises(RuntimeError, match="minialexnet, step: ended with 1: ValueErr"):
        measure([Run("minialexnet", Task("step", "fft"))], 1, lambda run: None)
    loud = json.dumps({"seconds": {}, "blas_threads": 2})
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *a, **k: subprocess.CompletedProcess(a, 0, loud, ""),
    )
    with pytest.raises(RuntimeError, match="BLAS to compute on one thread, got 2"):
        measure([Run("minialexnet", Task("step"))], 1, lambda run: None)
