"""Figure 1's script: its rules, and its command on a handful of pictures."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import figure_1_relu_vs_tanh as figure_1
import pytest
from PIL import Image

from minialexnet.files.records import read_lines
from tests.support.terminal import terminal

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "figures" / "figure_1_relu_vs_tanh.py"


def history(*errors):
    return [
        {"epoch": i, "train_error": e, "train_loss": e, "cpu_seconds": 2.0, "setup": 0}
        for i, e in enumerate(errors, 1)
    ]


def records(**errors_by_activation):
    lines = [
        {
            "kind": "setup",
            "data": "cifar10",
            "train_pictures": 50000,
            "seeds": 3,
            "batch_size": 128,
            "date": "2026-01-31T00:00:00Z",
            "machine": {"cores": 2, "processor": "a processor"},
            "commit": "0123456789",
        }
    ]
    for activation, runs in errors_by_activation.items():
        rate = {"activation": activation, "learning_rate": 0.01}
        lines.append({"kind": "choice", **rate})
        lines += [
            {"kind": "epoch", **rate, "seed": seed, **entry}
            for seed, errors in enumerate(runs)
            for entry in history(*errors)
        ]
    return lines


def test_the_sentence_gives_epochs_seconds_ratio_and_interval():
    text = figure_1.sentence(
        records(
            relu=[[0.5, 0.25], [0.5, 0.25], [0.5, 0.25]],
            tanh=[[0.5, 0.4, 0.3, 0.25], [0.5, 0.4, 0.3, 0.25], [0.5, 0.4, 0.3, 0.25]],
            sigmoid=[[0.9] * 5] * 3,
        )
    )
    assert "ReLU: 2.0 epochs, 4 processor seconds" in text
    assert "tanh: 4.0 epochs, 8 processor seconds" in text
    assert "sigmoid: not reached in 5 epochs" in text
    assert (
        "tanh took 2.0 times as many epochs as ReLU (95 % interval 2.0 to 2.0" in text
    )
    assert "sigmoid took at least 2.5 times as many" in text


def test_no_ratio_is_claimed_that_the_runs_do_not_hold():
    # tanh: 2.04 epochs from one seed, not in 3 from the other; ReLU 1.5.
    text = figure_1.sentence(
        records(relu=[[0.3, 0.2], [0.3, 0.2]], tanh=[[0.5, 0.26, 0.0], [0.5, 0.4, 0.3]])
    )
    assert "tanh took at least 1.4 times" in text
    for relu in ([[0.5, 0.3]], [[0.3, 0.2], [0.5, 0.4]]):
        text = figure_1.sentence(records(relu=relu, tanh=[[0.25], [0.25]]))
        assert "No ratio of tanh to ReLU" in text
        assert "times as many" not in text
    with pytest.raises(ValueError, match="expected the runs of the chosen rates"):
        figure_1.sentence(records())


def test_the_sentence_says_when_seeds_fail_and_when_there_is_one_seed():
    text = figure_1.sentence(
        records(relu=[[0.25], [0.25]], tanh=[[0.5, 0.25], [0.5, 0.4]])
    )
    assert "tanh: 2.0 epochs, 4 processor seconds (from 1 of 2 seeds)" in text
    assert "tanh took at least" in text
    one = figure_1.sentence(records(relu=[[0.25]], tanh=[[0.5, 0.25]]))
    assert "(one seed, so no interval)" in one


def drawn(tmp_path, monkeypatch, **errors):
    """Return the axes of the figure of some records."""
    kept = []
    monkeypatch.setattr(
        figure_1, "write_figure", lambda figure, out: kept.append(figure)
    )
    figure_1.draw(records(**errors), tmp_path)
    return kept[0].axes[0]


def test_the_factor_stands_in_the_picture(tmp_path, monkeypatch):
    twice = {"relu": [[0.5, 0.25]] * 3, "tanh": [[0.5, 0.4, 0.3, 0.25]] * 3}
    axes = drawn(tmp_path, monkeypatch, **twice)
    words = [text.get_text() for text in axes.texts]
    assert (
        "tanh takes 2.0 times as many epochs as ReLU\n(95 % interval 2.0 to 2.0)"
        in words
    )
    assert "25 %" in words and axes.get_ylim() == (0, 100)
    (arrow,) = [text for text in axes.texts if hasattr(text, "arrow_patch")]
    assert (arrow.xyann[0], arrow.xy[0]) == (2, 4)  # from ReLU's epochs to tanh's


def test_no_factor_is_drawn_that_the_runs_do_not_hold(tmp_path, monkeypatch):
    never = {"relu": [[0.5, 0.25]], "tanh": [[0.5, 0.4]]}
    axes = drawn(tmp_path, monkeypatch, **never)
    assert [text.get_text() for text in axes.texts] == ["25 %"]


def run(out, *arguments, **keywords):
    command = [sys.executable, str(SCRIPT), "--out", str(out), *arguments]
    return subprocess.run(command, capture_output=True, text=True, **keywords)


QUICK = ("--pictures", "64", "--epochs", "2", "--sweep-epochs", "1", "--jobs", "1")
ENDLESS = (*QUICK, "--epochs", "500", "--jobs", "2")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("figure_1")
    return out, run(out, *QUICK)


@pytest.mark.slow
def test_the_command_trains_records_and_draws(finished):
    out, process = finished
    assert process.returncode == 0, process.stderr
    assert "To 25% training error: ReLU" in process.stdout
    lines = read_lines(out / "results.jsonl")
    setup = lines[0]
    assert setup["kind"] == "setup"
    assert setup["train_pictures"] == 64
    assert {"command", "commit", "date", "machine", "versions"} <= setup.keys()
    choices = [line for line in lines if line["kind"] == "choice"]
    assert [line["activation"] for line in choices] == ["relu", "tanh"]
    for choice in choices:
        final = [
            line
            for line in lines
            if line["kind"] == "epoch"
            and line["activation"] == choice["activation"]
            and line["learning_rate"] == choice["learning_rate"]
        ]
        assert [line["epoch"] for line in final] == [1, 2]
        assert all(0 <= line["train_error"] <= 1 for line in final)
    with Image.open(out / "figure_1.png") as picture:
        assert picture.width >= 1000
    assert "quick run" in (out / "figure_1.svg").read_text()


@pytest.mark.slow
def test_a_finished_run_is_not_overwritten_but_resumed(finished):
    out, first = finished
    before = (out / "results.jsonl").read_text()
    refused = run(out, *QUICK)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    assert (out / "results.jsonl").read_text() == before
    again = run(out, *QUICK, "--resume")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0] == first.stdout.splitlines()[0]


def here(capsys, out, *arguments):
    """Run the command in this process; return its exit code, output and errors."""
    try:
        code = figure_1.main(["--out", str(out), *arguments])
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


@pytest.mark.slow
def test_the_figure_is_drawn_from_the_records_alone(finished, tmp_path, capsys):
    out, first = finished
    code, said, errors = here(capsys, tmp_path, "--draw", str(out / "results.jsonl"))
    assert code == 0, errors
    assert said.splitlines()[0] == first.stdout.splitlines()[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure_1.png",
        "figure_1.svg",
    ]


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path):
    command = [sys.executable, str(SCRIPT), "--out", str(tmp_path), *ENDLESS]
    # A shell that starts jobs in the background has them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with terminal() as (number, lines):
        process = subprocess.Popen(
            command,
            stderr=number,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for line in lines:  # tqdm's bars: wait for a first finished epoch
            if "epoch 2" in line or "epoch 3" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        errors = "".join(lines)
        process.communicate()
    assert process.returncode == 130, errors
    assert "--resume" in errors
    assert "Traceback" not in errors
    lines = read_lines(tmp_path / "results.jsonl")
    assert any(line["kind"] == "epoch" for line in lines)


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    command = [sys.executable, str(SCRIPT), "--out", str(tmp_path), *ENDLESS]
    with terminal() as (number, lines):
        process = subprocess.Popen(command, stderr=number)
        for line in lines:  # the workers hold this terminal too
            if "epoch 1" in line:
                process.kill()
                break
        # The lines end only when the last of them is gone.
        assert "Traceback" not in "".join(lines)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--device", "gpu"), "expected device 'cpu' or 'cuda:0'"),
        (("--draw", "nowhere.jsonl"), "nowhere.jsonl"),
        (("--seeds", "21"), "invalid choice: 21"),
        (("--epochs", "0"), "expected a whole number >= 1"),
    ],
)
def test_misuse_is_answered_in_a_line(tmp_path, capsys, arguments, words):
    code, _, errors = here(capsys, tmp_path / "out", *arguments)
    assert code == 2
    assert words in errors
    assert "Traceback" not in errors
