"""Dropout's figure: its network, its words, its command on a handful of pictures."""

import subprocess
import sys
from pathlib import Path

import dropout as figure
import pytest
from PIL import Image

from minialexnet.files.records import read_lines

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "figures" / "dropout.py"
RECORDED = ROOT / "figures" / "results" / "dropout_cifar10.jsonl"


def records(runs):
    """Return lines of two epochs for {arm: [(last train, last test error), ...]}."""
    lines = [
        {
            "kind": "setup",
            "data": "cifar10",
            "train_pictures": 5000,
            "batch_size": 64,
            "base": {"learning_rate": 0.01},
            "date": "2026-01-31T00:00:00Z",
            "machine": {"cores": 2, "processor": "a processor"},
            "commit": "0123456789",
        }
    ]
    for arm, seeds in runs.items():
        for seed, (train, test) in enumerate(seeds):
            for epoch, (a, b) in enumerate(((0.5, 0.6), (train, test)), 1):
                lines.append(
                    {"kind": "epoch", "arm": arm, "seed": seed, "epoch": epoch}
                    | {"setup": 0, "train_error": a, "test_error": b}
                    | {"train_loss": 2 * a, "test_loss": 3 - epoch * b}
                )
    return lines


def test_the_sentence_says_what_dropout_changes_and_what_is_noise():
    text = figure.sentence(
        records({"without": [(0.0, 0.46)] * 3, "with": [(0.1, 0.44)] * 3})
    )
    assert "without dropout: training error 0.00 ± 0.00 %, loss 0.00 ± 0.00" in text
    assert "with dropout: training error 10.00 ± 0.00 %, loss 0.20 ± 0.00" in text
    assert "Dropout changes the test error by -2.00 points (95 %" in text
    assert "inside the noise" not in text
    # From 50 % in the first epoch: 1.5 epochs to 0 %, 1.625 to 10 %.
    assert "1.5 without dropout, 1.6 with dropout; 1.1 times as many (95 %" in text
    noisy = {"without": [(0, 0.5), (0, 0.4), (0, 0.45)], "with": [(0, 0.45)] * 3}
    assert "inside the noise" in figure.sentence(records(noisy))
    one = figure.sentence(records({arm: [(0.3, 0.5)] for arm in noisy}))
    assert "no ratio, as not every run came there" in one and "±" not in one


@pytest.mark.slow
def test_the_command_trains_goes_on_and_draws(tmp_path):
    def run(*options):
        return subprocess.run(
            [sys.executable, SCRIPT, "--out", tmp_path, *options],
            capture_output=True,
            text=True,
            timeout=600,
        )

    small = ["--pictures", "64", "--seeds", "2", "--jobs", "1"]
    done = run(*small, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    assert "After 1 epochs" in done.stdout
    assert run(*small, "--epochs", "2").returncode == 2  # it holds an earlier run
    done = run(*small, "--epochs", "2", "--resume")
    assert done.returncode == 0, done.stderr
    lines = read_lines(tmp_path / "results.jsonl")
    runs = [(r["arm"], r["seed"]) for r in lines if r["kind"] == "epoch"]
    expected = [(arm, seed) for arm in ("with", "without") for seed in (0, 1)]
    assert sorted(runs) == sorted(2 * expected)
    assert lines[0]["drop_probability"] == {"without": 0.0, "with": 0.5}
    with Image.open(tmp_path / "dropout.png") as image:
        assert image.width == 1080
    assert (tmp_path / "dropout.svg").read_text().rstrip().endswith("</svg>")


def test_the_recorded_runs_are_drawn(tmp_path, capsys):
    assert figure.main(["--draw", str(RECORDED), "--out", str(tmp_path)]) == 0
    assert "lowest test loss" in capsys.readouterr().out
    assert (tmp_path / "dropout.png").exists()
    lines = read_lines(RECORDED)
    assert len({r["seed"] for r in lines if r["kind"] == "epoch"}) >= 3
    missing = str(tmp_path / "none.jsonl")
    assert figure.main(["--draw", missing, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("dropout: ")
