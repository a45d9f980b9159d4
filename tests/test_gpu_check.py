"""gpu-check without a GPU: what it says, its time, and that it goes on."""

import json
import os
import subprocess
import sys
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest

from minialexnet.files.records import read_lines
from tests import gpu_check
from tests.on_gpu import __main__ as command
from tests.on_gpu import bench, profile, progress, python, smoke
from tests.on_gpu.__main__ import main
from tests.on_gpu.packed import unpacked
from tests.on_gpu.plan import plan
from tests.on_gpu.progress import Progress, commit
from tests.on_gpu.steps import NOT_YET, ROOT, Step, run_step
from tests.support import strict_cupy
from tests.support.bench_records import record

PYTHON = sys.executable


def of_python(code, name="a step", seconds=60.0, **options):
    return Step(name, [PYTHON, "-c", code], seconds, **options)


def no_gpu():
    raise RuntimeError("there is no NVIDIA driver")


def test_without_a_gpu_it_says_in_one_line_what_it_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(python, "cuda_driver", no_gpu)
    assert main(["--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and not said.out
    assert (
        "needs an NVIDIA GPU and a driver for CUDA 12 or newer, but there" in said.err
    )
    assert not (tmp_path / "out").exists()


def test_the_file_finds_its_steps_from_any_folder(tmp_path):
    words = [PYTHON, gpu_check.__file__, "--help"]
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(words, cwd=tmp_path, env=bare, capture_output=True, text=True)
    assert done.returncode == 0 and "bench-float32" in done.stdout


def test_a_step_is_run_and_what_it_says_is_kept(tmp_path):
    log = tmp_path / "logs" / "step.log"
    code = "import os, minialexnet; print(os.environ['A'])"
    assert run_step(of_python(code, environment=(("A", "here"),)), 60, log) == 0
    assert log.read_text().endswith("here\n")
    assert run_step(of_python("raise SystemExit(3)"), 60, log) == 3


def test_a_step_out_of_time_is_interrupted_as_by_ctrl_c(tmp_path):
    code = (
        "import time\ntry:\n    print('begun')\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('kept')"
    )
    assert run_step(of_python(code), 3, tmp_path / "log") == NOT_YET
    assert "kept" in (tmp_path / "log").read_text()


def test_a_step_that_will_not_end_is_killed_within_its_bound(tmp_path):
    pid = tmp_path / "pid"
    code = (
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\ntime.sleep(600)"
    )
    assert run_step(of_python(code, patience=1e9), 4, tmp_path / "log") == NOT_YET
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.fixture
def steps(monkeypatch):
    """Let the plan be these steps, without a look for a GPU."""
    found = []
    monkeypatch.setattr(command, "find_python", lambda *words: PYTHON)
    monkeypatch.setattr(command, "plan", lambda *words: found)
    monkeypatch.setattr(progress, "commit", lambda: "abc")
    return found


def test_what_has_passed_is_not_done_again(steps, tmp_path, capsys):
    mark = tmp_path / "ran"
    steps[:] = [
        of_python(f"open({str(mark)!r}, 'a').write('x')", "one"),
        of_python("print('the reason'); raise SystemExit(1)", "two"),
    ]
    for _ in range(2):
        assert main(["--out", str(tmp_path / "out")]) == 1
        said = capsys.readouterr().out
        assert "the reason" in said and "Not passed: two (failed)" in said
    assert "passed before" in said and mark.read_text() == "x"
    steps[1] = of_python("", "two")
    assert main(["--out", str(tmp_path / "out")]) == 0
    noted = json.loads((tmp_path / "out" / "gpu_check.json").read_text())
    assert [entry["result"] for entry in noted.values()] == ["passed", "passed"]
    assert main(["--out", str(tmp_path / "out"), "--only", "three"]) == 2
    assert "expected steps out of one, two" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1])
def test_the_sanitizer_looks_only_at_what_has_failed(steps, tmp_path, capsys, code):
    steps[:] = [
        of_python(f"raise SystemExit({code})", "kernels"),
        of_python("print('RESULT'); print('looked')", "sanitizer", after="kernels"),
    ]
    assert main(["--out", str(tmp_path)]) == code
    assert ("looked" in capsys.readouterr().out) == bool(code)


def test_another_state_of_the_code_is_checked_anew_but_not_trained_anew(tmp_path):
    check = of_python("", "check")
    training = of_python("", "run", records=(("a", "b"),))
    noted = Progress(tmp_path)
    for step in (check, training):
        noted.note(step, "passed", 1)
    read = tmp_path / "checkpoint"
    read.write_text("an epoch")
    evaluation = of_python("", "evaluation", reads=read)
    noted.note(evaluation, "passed", 1)
    assert Progress(tmp_path).has_passed(evaluation)
    read.write_text("another epoch")
    again = Progress(tmp_path)
    assert not again.has_passed(evaluation)
    again.commit = "another"
    assert not again.has_passed(check) and again.has_passed(training)


def test_without_git_the_commit_is_what_the_environment_says(monkeypatch):
    monkeypatch.setenv("MINIALEXNET_COMMIT", "abc123")
    monkeypatch.setenv("PATH", "")
    assert commit() == "abc123"


def test_records_of_a_training_that_was_stopped_are_kept(steps, tmp_path, capsys):
    made = tmp_path / "made.jsonl"
    code = f"open({str(made)!r}, 'w').write('{{}}'); import time; time.sleep(60)"
    record_ = ((str(made), "run_gpu.jsonl"),)
    steps[:] = [of_python(code, seconds=3, goes_on=True, records=record_)]
    assert main(["--out", str(tmp_path / "out")]) == 1
    assert "stopped on the way" in capsys.readouterr().out
    assert (tmp_path / "out" / "run_gpu.jsonl").read_text() == "{}"
    steps[:] = [of_python("", "late")]
    assert main(["--out", str(tmp_path / "out"), "--minutes", "0.01"]) == 1
    assert "late (no time left)" in capsys.readouterr().out


def test_data_may_come_packed(tmp_path):
    (tmp_path / "data" / "cifar").mkdir(parents=True)
    (tmp_path / "data" / "cifar" / "batch").write_text("pictures")
    pack, room = tmp_path / "data.tar.xz", tmp_path / "room"
    with tarfile.open(pack, "w:xz") as archive:
        archive.add(tmp_path / "data", ".")
    room.mkdir()
    assert (unpacked(pack, room) / "cifar" / "batch").read_text() == "pictures"
    assert unpacked(tmp_path / "data", room) == (tmp_path / "data").resolve()
    assert unpacked(None, room) is None


def measured_by(monkeypatch, fails=""):
    """Let each measurement take some seconds at once; return what was measured."""
    found = []

    def measure(runs, number, progress):
        (run,) = runs
        task = run.task
        label = task.case if task.case == "sgemm" else task.variant
        found.append((number, label))
        if label == fails:
            raise RuntimeError("ended with 1")
        seconds = {"im2col": 2.0, "winograd": 3.0, "sgemm": 1.0}[label]
        names = ("product", "step", "forward")
        line = record(number, run.program, task.case, dict.fromkeys(names, seconds))
        return [line | {"task": dict(vars(task))}]

    monkeypatch.setattr("minialexnet.bench.rounds.measure", measure)
    return found


def test_the_bench_writes_after_each_measurement_and_counts_what_it_has(
    tmp_path, monkeypatch, capsys
):
    words = ["tf32", "--dry-run", "--out", str(tmp_path), "--rounds"]
    found = measured_by(monkeypatch, fails="winograd")
    assert bench.main([*words, "1"]) == 1
    assert "failed: minialexnet step winograd" in capsys.readouterr().out
    path = tmp_path / "bench_tf32.jsonl"
    assert len([line for line in read_lines(path) if "task" in line]) == 2
    assert found == [(1, "sgemm"), (1, "im2col"), (1, "winograd")]
    found = measured_by(monkeypatch)
    assert bench.main([*words, "2"]) == 0
    assert found[0] == (1, "winograd") and len(found) == 4
    assert "step 8, im2col: 2000.00 ms" in capsys.readouterr().out


@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
def test_the_first_half_minute_writes_what_it_finds(tmp_path, monkeypatch, device):
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)  # with its kernels
    assert smoke.main(["--device", device, "--out", str(tmp_path)]) == 0
    record = json.loads((tmp_path / "smoke.json").read_text())
    assert record["step"]["right"] and record["two towers"]["right"]
    assert record["about"]["versions"]["numpy"] == np.__version__


def test_a_wrong_step_is_seen_and_the_towers_are_looked_at_all_the_same(
    tmp_path, monkeypatch
):
    right = smoke.step

    def wrong(device):
        found = right(device)
        if not wrong.first:
            found["conv1.W"] = found["conv1.W"] * np.nan
        wrong.first = False
        return found

    wrong.first = True
    monkeypatch.setattr(smoke, "step", wrong)
    assert smoke.main(["--device", "cpu", "--out", str(tmp_path)]) == 1
    text = (tmp_path / "smoke.json").read_text()
    assert not json.loads(text)["step"]["right"]
    assert json.loads(text)["two towers"]["right"]


def test_the_profile_has_a_line_a_layer(tmp_path):
    assert profile.main(["--dry-run", "--out", str(tmp_path)]) == 0
    lines = read_lines(tmp_path / "profile.jsonl")
    assert [line["layer"] for line in lines[1:]] == list(profile.LAYERS)


def options_of(tmp_path, **others):
    options = {"out": tmp_path, "dry_run": False, "rounds": 3}
    return SimpleNamespace(**options | {"data": tmp_path / "data"} | others)


def test_the_plan_names_every_step_once_and_needs_no_gpu(tmp_path):
    steps = plan(PYTHON, options_of(tmp_path))
    names = [step.name for step in steps]
    assert len(set(names)) == len(names)
    for step in steps:
        if step.records or step.name.startswith("evaluate"):
            assert "cuda:0" in step.command and "--data-dir" in step.command


def test_what_tells_most_fits_a_call_of_eight_and_a_half_minutes(tmp_path):
    steps = plan(PYTHON, options_of(tmp_path))
    bounds = {step.name: step.seconds for step in steps if not step.after}
    first = ["smoke", "kernels", "tests", "bench-float32"]
    assert list(bounds)[:4] == first
    assert sum(bounds[name] for name in first) <= 8.5 * 60


@pytest.mark.slow
def test_a_dry_run_needs_no_git_no_network_and_no_installed_package(tmp_path):
    """The way of a borrowed machine: an unpacked folder, and what Python has."""
    here, there = tmp_path / "out", tmp_path / "unpacked"
    for name in ("minialexnet", "tests", "figures", "setup.cfg"):
        where = there / name
        where.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / name), str(where)], check=True)
    words = [PYTHON, "tests/gpu_check.py", "--dry-run", "--out", str(here)]
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    bare |= {"PATH": "", "MINIALEXNET_COMMIT": "abc123", "https_proxy": "http://0:9"}
    done = subprocess.run([*words, "--minutes", "9"], cwd=there, env=bare)
    assert done.returncode == 0
    for name in ("tiny_imagenet_gpu.jsonl", "figure_1_cifar10_gpu.jsonl"):
        assert (here / name).exists()
    noted = json.loads((here / "gpu_check.json").read_text())
    assert {entry["commit"] for entry in noted.values()} == {"abc123"}
