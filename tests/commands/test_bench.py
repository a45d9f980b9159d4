"""minialexnet bench: its refusals, its records, and going on after a stop."""

from dataclasses import asdict

import pytest

from minialexnet import cli
from minialexnet.commands import bench
from minialexnet.commands.bench import run
from minialexnet.files.records import read_lines
from tests.support.bench_records import record


def test_pytorch_must_be_there_to_be_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    assert run("torch", None, "cpu", False, 3, None, True, tmp_path / "out", False) == 2
    assert "not installed here: pip install torch" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "more", [("--resume",), ("--tf32",), ("--threads", "2"), ("--device", "cuda:0")]
)
def test_ranks_keep_what_was_measured_and_take_no_other_options(
    monkeypatch, tmp_path, capsys, more
):
    monkeypatch.setattr(bench, "check_device", lambda device: None)
    words = ["bench", "--ranks", "2", "--out", str(tmp_path / "out"), *more]
    assert cli.main(words) == 2
    assert "expected --ranks without" in capsys.readouterr().err
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

    monkeypatch.setattr(bench, "measure", stops_in_the_third)
    assert run(None, None, "cpu", False, 3, 2, True, tmp_path, False) == 130
    assert "--resume" in capsys.readouterr().err
    lines = read_lines(tmp_path / "bench.jsonl")
    assert {line["round"] for line in lines if "task" in line} == {1, 2}
    assert run(None, None, "cpu", False, 3, 2, True, tmp_path, True) == 0
    assert measured == [1, 2, 3, 3]
    lines = read_lines(tmp_path / "bench.jsonl")
    assert {line["round"] for line in lines if "task" in line} == {1, 2, 3}
    assert sum("run" in line for line in lines) == 2
    assert "step 8, step, winograd" in (tmp_path / "bench.txt").read_text()
    # Other tasks do not go on from these.
    assert run(None, None, "cpu", False, 4, 2, False, tmp_path, True) == 2
    assert "got another bench" in capsys.readouterr().err
    assert read_lines(tmp_path / "bench.jsonl") == lines
