"""gpu-check without a GPU: what it says, its time, and that it goes on."""

import json
import sys
import time
from types import SimpleNamespace

import pytest

from tests import gpu_check
from tests.gpu_check import NOT_YET, Progress, Step, main, run_step
from tests.support.bench_records import record

PYTHON = sys.executable


def python(code, name="a step", minutes=1.0, **options):
    return Step(name, [PYTHON, "-c", code], minutes, **options)


def no_gpu():
    raise RuntimeError("there is no NVIDIA driver")


def test_without_a_gpu_it_says_in_one_line_what_it_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "cuda_driver", no_gpu)
    assert main(["--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and not said.out
    assert (
        "needs an NVIDIA GPU and a driver for CUDA 12 or newer, but there" in said.err
    )
    assert not (tmp_path / "out").exists()


def test_a_step_is_run_and_what_it_says_is_kept(tmp_path):
    log = tmp_path / "logs" / "step.log"
    step = python("import os; print(os.environ['A'])", environment=(("A", "here"),))
    assert run_step(step, 60, log) == 0
    assert log.read_text().endswith("here\n")
    assert run_step(python("raise SystemExit(3)"), 60, log) == 3


@pytest.mark.slow
def test_a_step_out_of_time_is_interrupted_as_by_ctrl_c(tmp_path):
    code = (
        "import time\ntry:\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('kept')"
    )
    begun = time.monotonic()
    assert run_step(python(code), 3, tmp_path / "log") == NOT_YET
    assert time.monotonic() - begun < 50
    assert "kept" in (tmp_path / "log").read_text()


@pytest.fixture
def steps(monkeypatch):
    """Let the plan be these steps, without a look for a GPU."""
    found = []
    monkeypatch.setattr(gpu_check, "environment", lambda *words: PYTHON)
    monkeypatch.setattr(gpu_check, "plan", lambda *words: found)
    monkeypatch.setattr(gpu_check, "commit", lambda: "abc")
    return found


def test_what_has_passed_is_not_done_again(steps, tmp_path, capsys):
    mark = tmp_path / "ran"
    steps[:] = [
        python(f"open({str(mark)!r}, 'a').write('x')", "one"),
        python("print('the reason'); raise SystemExit(1)", "two"),
    ]
    for _ in range(2):
        assert main(["--out", str(tmp_path / "out")]) == 1
        said = capsys.readouterr().out
        assert "the reason" in said and "Not passed: two (failed)" in said
    assert "passed before" in said and mark.read_text() == "x"
    steps[1] = python("", "two")
    assert main(["--out", str(tmp_path / "out")]) == 0
    noted = json.loads((tmp_path / "out" / "gpu_check.json").read_text())
    assert [entry["result"] for entry in noted.values()] == ["passed", "passed"]
    assert main(["--out", str(tmp_path / "out"), "--only", "three"]) == 2
    assert "expected steps out of one, two" in capsys.readouterr().err


def test_another_state_of_the_code_is_checked_anew_but_not_trained_anew(tmp_path):
    check, training = python("", "check"), python("", "run", records=(("a", "b"),))
    progress = Progress(tmp_path)
    for step in (check, training):
        progress.note(step, "passed", 1)
    read = tmp_path / "checkpoint"
    read.write_text("an epoch")
    evaluation = python("", "evaluation", reads=read)
    progress.note(evaluation, "passed", 1)
    assert Progress(tmp_path).has_passed(evaluation)
    read.write_text("another epoch")
    again = Progress(tmp_path)
    assert not again.has_passed(evaluation)
    again.commit = "another"
    assert not again.has_passed(check) and again.has_passed(training)


@pytest.mark.slow
def test_records_of_a_training_that_was_stopped_are_kept(steps, tmp_path, capsys):
    made = tmp_path / "made.jsonl"
    code = f"open({str(made)!r}, 'w').write('{{}}'); import time; time.sleep(60)"
    record_ = ((str(made), "run_gpu.jsonl"),)
    steps[:] = [python(code, minutes=0.06, goes_on=True, leaves=0, records=record_)]
    assert main(["--out", str(tmp_path / "out")]) == 1
    assert "stopped on the way" in capsys.readouterr().out
    assert (tmp_path / "out" / "run_gpu.jsonl").read_text() == "{}"
    steps[:] = [python("", "late")]
    assert main(["--out", str(tmp_path / "out"), "--minutes", "0.01"]) == 1
    assert "late (no time left)" in capsys.readouterr().out


def test_the_bench_prints_ratios_and_counts_the_rounds_that_it_has(
    tmp_path, monkeypatch, capsys
):
    measured = []

    def measure(runs, number, progress):
        measured.append(number)
        found = [record(number, "minialexnet", "sgemm", {"product": 1}, batch=512)]
        for variant, seconds in (("im2col", 2.0), ("winograd", 3.0)):
            step = {"step": seconds}
            found.append(
                record(number, "minialexnet", "step", step, variant=variant, batch=8)
            )
        options = {"variant": "stock", "layout": "channels_last", "batch": 8}
        found.append(record(number, "torch", "step", {"step": 4.0}, **options))
        for line in found:
            line["task"]["threads"] = 1
        return found

    monkeypatch.setattr("minialexnet.bench.rounds.measure", measure)
    words = ["--bench", "tf32", "--dry-run", "--out", str(tmp_path), "--rounds"]
    assert main([*words, "1"]) == 0
    assert main([*words, "2"]) == 0
    assert measured == [1, 2]
    said = capsys.readouterr().out
    assert "step 8, im2col: 2000.00 ms, 0.50 of PyTorch stock channels_last" in said
    lines = (tmp_path / "bench_tf32.jsonl").read_text().splitlines()
    assert len(lines) == 2 + 2 * 4


def test_the_plan_names_every_step_once_and_needs_no_gpu(tmp_path):
    options = SimpleNamespace(
        out=tmp_path, dry_run=False, data_dir=tmp_path / "data", rounds=3
    )
    steps = gpu_check.plan(PYTHON, options)
    names = [step.name for step in steps]
    assert len(set(names)) == len(names)
    for step in steps:
        if step.records or step.name.startswith("evaluate"):
            assert "cuda:0" in step.command and "--data-dir" in step.command


@pytest.mark.slow
def test_a_dry_run_goes_through_every_step(tmp_path):
    words = ["--dry-run", "--minutes", "30", "--out", str(tmp_path)]
    assert main(words) == 0
    assert (tmp_path / "tiny_imagenet_gpu.jsonl").exists()
    assert (tmp_path / "figure_1_cifar10_gpu.jsonl").exists()
