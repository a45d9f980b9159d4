"""What a process of a bench measures, here and on the stand-in of a GPU."""

import json
import subprocess
import sys

import pytest

from minialexnet.bench import work
from minialexnet.bench.networks import network_of
from minialexnet.bench.task import WARM_UP, Task
from minialexnet.bench.work import CASES
from tests.support import strict_cupy


@pytest.mark.parametrize("case", ["step", "layers", "inference", "sgemm"])
def test_the_first_calls_are_not_counted(case, monkeypatch):
    clock = iter(range(10**6))  # what is timed takes a second more each time
    for module in ("work", "task"):
        monkeypatch.setattr(
            f"minialexnet.bench.{module}.seconds_of",
            lambda work, device: (work(), float(next(clock))),
        )
    task = Task(case, batch=2, repeats=2, threads=1, width=0.05)
    found = CASES[case](task)
    for seconds in found.values():
        assert len(seconds) == (20 if case == "sgemm" else 2)
        assert min(seconds) >= WARM_UP
    if case == "step":
        parts = zip(found["forward"], found["backward"], found["SGD"], strict=True)
        assert found["step"] == list(map(sum, parts))


def test_the_first_layer_computes_no_dx_as_in_training():
    network, classes, shape = network_of(Task("cifar"))
    needs = [layer.needs_dx for _, layer in network.leaves()]
    assert (needs[0], all(needs[1:]), classes, shape) == (False, True, 10, (3, 32, 32))


@pytest.mark.parametrize(
    ("case", "variant"),
    [
        ("step", "im2col"),
        ("step", "winograd"),
        ("layers", "im2col"),
        ("inference", "winograd"),
        ("cifar", "im2col"),
    ],
)
def test_what_is_measured_on_a_gpu_runs_on_the_stand_in(
    case, variant, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)
    task = Task(case, variant, 1, 1, width=0.03, device="cuda:1")
    with strict_cupy.cuda.Device(1):
        times = CASES[case](task)
    assert times and all(seconds for seconds in times.values())
    sgemm = Task("sgemm", batch=8, repeats=1, device="cuda:0", tf32=True)
    monkeypatch.setattr(sys, "argv", ["work", sgemm.text()])
    work.main()
    found = json.loads(capsys.readouterr().out)
    assert found["peak_gib"] == 1
    assert len(found["seconds"]["product"]) == 10


def test_pytorch_is_not_loaded_by_the_package():
    code = "import minialexnet.bench.against_torch, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
