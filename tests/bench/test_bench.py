"""The bench: its processes, what it makes of their numbers, and its refusals."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from minialexnet.bench import rounds, work
from minialexnet.bench.report import Results, draw_costs, draw_layers
from minialexnet.bench.rounds import Run, measure, plan
from minialexnet.bench.task import WARM_UP, Task
from minialexnet.bench.work import CASES
from minialexnet.commands.bench import run
from minialexnet.files.records import read_lines
from tests.support import strict_cupy

PROGRAM = {
    "quick": False,
    "date": "2026-01-31T00:00:00Z",
    "machine": {"cores": 2, "processor": "a processor"},
    "commit": "0123456789",
    "versions": {"numpy": "2.4.6"},
}


def record(round_, program, case, seconds, **task):
    return {
        "round": round_,
        "program": program,
        "task": asdict(Task(case, **{"threads": 2, **task})),
        "seconds": seconds,
        "peak_gib": 1.5,
    }


def records():
    """Three rounds of a machine of 100 GFLOP/s on which PyTorch takes 2 and 4 s."""
    found = []
    for i, drift in enumerate((1.0, 2.0, 1.5), 1):
        found.append(record(i, "minialexnet", "sgemm", {"product": 0.02}, batch=1000))
        for variant in ("im2col", "winograd"):
            for task in ({}, {"batch": 4, "width": 0.5}, {"batch": 4}, {"threads": 1}):
                step = {"forward": drift, "backward": drift, "step": 2 * drift}
                found.append(
                    record(i, "minialexnet", "step", step, variant=variant, **task)
                )
            layer = {"conv1 forward": 0.1 * drift, "conv1 backward": 0.3 * drift}
            found.append(record(i, "minialexnet", "layers", layer, variant=variant))
        for variant, seconds in (("stock", 4.0), ("custom", 2.0)):
            for layout, worse in (("channels_first", 1.5), ("channels_last", 1)):
                options = {"variant": variant, "layout": layout}
                step = {"step": seconds * drift * worse}
                found.append(record(i, "torch", "step", step, **options))
                layer = {"conv1 forward": 0.1 * drift * worse, "conv1 backward": drift}
                found.append(record(i, "torch", "layers", layer, **options))
    return found


def line(table, start):
    found = [row for row in table.splitlines() if row.startswith(start + "  ")]
    assert len(found) == 1, found
    return found[0].split()


def test_ratios_are_of_rounds_and_to_the_better_layout():
    table = Results(records()).table()
    assert "sgemm on 2 threads: 100 GFLOP/s" in table
    # Drift of the machine moves the seconds and not the ratios.
    cells = line(table, "step 128, step, winograd")
    assert cells[4:8] == ["3", "2", "to", "4"]
    assert cells[-2:] == ["0.50", "1.00"]
    assert line(table, "conv1 forward, im2col")[-2:] == ["1.00", "1.00"]
    assert line(table, "conv1 backward, im2col")[-2:] == ["0.30", "0.30"]


def test_the_share_of_sgemm_counts_multiply_adds_twice_over():
    # conv1: 55 * 55 * 96 * 363 multiply-adds, 128 pictures, 0.15 s, 100 GFLOP/s.
    share = 2 * 55 * 55 * 96 * 363 * 128 / 0.15 / 100e9
    cells = line(Results(records()).table(), "conv1 forward, winograd")
    assert f"{share:.0%}" in cells


def test_pictures_are_drawn(tmp_path):
    results = Results(records())
    for draw in (draw_layers, draw_costs):
        files = draw(results, [PROGRAM], tmp_path / draw.__name__)
        assert [file.suffix for file in files] == [".png", ".svg"]
        assert all(file.stat().st_size > 1000 for file in files)


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
def test_the_plan_holds_every_case_once(quick, device):
    runs = plan(2, device, True, quick, False)
    assert len(set(runs)) == len(runs)
    cases = {run.task.case for run in runs}
    assert cases == set(CASES) - (set() if device == "cpu" else {"decode", "prepare"})
    torch = [run.task for run in runs if run.program == "torch"]
    layouts = {(task.variant, task.layout) for task in torch if task.case == "step"}
    assert len(layouts) == 4


def test_a_round_measures_each_once_in_turn(monkeypatch):
    monkeypatch.setattr(rounds, "_process", lambda run: {"seconds": {"a": [3, 1, 2]}})
    runs, seen = [Run("minialexnet", Task("step")), Run("torch", Task("step"))], []
    found = measure(runs, 2, seen.append)
    assert seen == runs
    assert [(f["round"], f["program"]) for f in found] == [
        (2, "minialexnet"),
        (2, "torch"),
    ]
    assert found[0]["seconds"] == {"a": 2}


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


@pytest.mark.parametrize("case", ["step", "layers", "inference", "sgemm"])
def test_the_first_calls_are_not_counted(case, monkeypatch):
    clock = iter(range(10**6))  # what is timed takes a second more each time
    monkeypatch.setattr(
        "minialexnet.bench.work.seconds_of",
        lambda work, device: (work(), float(next(clock))),
    )
    task = Task(case, batch=2, repeats=2, threads=1, width=0.05)
    for seconds in CASES[case](task).values():
        assert len(seconds) == (20 if case == "sgemm" else 2)
        assert min(seconds) >= WARM_UP


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


def test_pytorch_must_be_there_to_be_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert run("torch", "cpu", False, 3, None, True, tmp_path / "out", False) == 2
    assert "not installed here: pip install torch" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_stopped_bench_keeps_whole_rounds_and_goes_on(monkeypatch, tmp_path, capsys):
    measured = []

    def stops_in_the_third(runs, number, progress):
        if number == 3 and 3 not in measured:
            measured.append(number)
            raise KeyboardInterrupt
        measured.append(number)
        return [
            record(number, r.program, r.task.case, seconds(r.task), **vars_of(r.task))
            for r in runs
        ]

    def seconds(task):
        steps, pictures = ("forward", "backward", "SGD", "step"), ("pictures",)
        names = {
            "sgemm": ("product",),
            "layers": ("conv1 forward", "conv1 backward"),
            "inference": ("forward",),
            "step": steps,
            "cifar": steps,
        }
        return dict.fromkeys(names.get(task.case, pictures), 0.5)

    def vars_of(task):
        return {key: value for key, value in asdict(task).items() if key != "case"}

    monkeypatch.setattr(rounds, "measure", stops_in_the_third)
    assert run(None, "cpu", False, 3, 2, True, tmp_path, False) == 130
    assert "--resume" in capsys.readouterr().err
    lines = read_lines(tmp_path / "bench.jsonl")
    assert {line["round"] for line in lines if "task" in line} == {1, 2}
    assert run(None, "cpu", False, 3, 2, True, tmp_path, True) == 0
    assert measured == [1, 2, 3, 3]
    lines = read_lines(tmp_path / "bench.jsonl")
    assert {line["round"] for line in lines if "task" in line} == {1, 2, 3}
    assert sum("run" in line for line in lines) == 2
    assert "step 8, step, winograd" in (tmp_path / "bench.txt").read_text()
    # Other tasks do not go on from these.
    assert run(None, "cpu", False, 4, 2, False, tmp_path, True) == 2
    assert "got another bench" in capsys.readouterr().err
    assert read_lines(tmp_path / "bench.jsonl") == lines


def test_pytorch_is_not_loaded_by_the_package():
    code = "import minialexnet.bench.against_torch, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
