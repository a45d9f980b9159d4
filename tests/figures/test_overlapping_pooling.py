"""Section 3.4's script: its rules, and its command on a handful of pictures."""

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import overlapping_pooling
import pytest
from PIL import Image

from compare.results import finished_seeds
from minialexnet import model
from minialexnet.files.records import read_lines

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "figures" / "overlapping_pooling.py"


def records(z3, z2):
    """Return records of one epoch a seed, by (training, test) error in per cent."""
    lines = [{"kind": "setup"}]
    for arm, runs in (("z3", z3), ("z2", z2)):
        for seed, (train, test) in enumerate(runs):
            errors = {"train_error": train / 100, "test_error": test / 100}
            where = {"arm": arm, "seed": seed, "epoch": 1, "setup": 0}
            lines.append({"kind": "epoch", **where, **errors})
    return lines


def test_the_arms_differ_in_their_windows_alone():
    assert [arm.changes for arm in overlapping_pooling.ARMS] == [
        {"pooling": 3}, {"pooling": 2},
    ]  # fmt: skip
    asked = Namespace(data="cifar10", epochs=10, batch_size=128, device="cpu")
    base = overlapping_pooling.base(asked)
    assert (base.learning_rate, base.schedule) == (0.003, "8")


def test_the_rate_is_the_one_that_figure_1_chose():
    chosen = [
        record["learning_rate"]
        for record in read_lines(ROOT / "figures/results/figure_1_cifar10.jsonl")
        if record["kind"] == "choice" and record["activation"] == "relu"
    ]
    assert chosen == [overlapping_pooling.LEARNING_RATE]


def test_the_difference_is_taken_within_the_seeds():
    # Seeds differ by ten points, the windows by 1, 1 and 1.3 within each.
    text = overlapping_pooling.sentence(
        records(z3=[(10, 20), (20, 30), (30, 40)], z2=[(9, 21), (19, 31), (29, 41.3)])
    )
    assert "After 1 epochs" not in text
    assert text.startswith("After 1 epoch:")
    assert "Test error 30.00 % with z = 3, 31.10 % with z = 2" in text
    # 1.1 +- 4.303 * 0.1732 / sqrt(3)
    assert "-1.10 points (95 % interval -1.53 to -0.67, 3 seeds, paired)." in text
    assert "Training error 20.00 % with z = 3, 19.00 % with z = 2" in text
    # 10, 10, 10 against 12, 12, 12.3
    assert "Test error less training error: z = 3 minus z = 2: -2.10 points" in text
    assert "inside the noise" not in text


def test_a_difference_inside_the_noise_is_called_that():
    text = overlapping_pooling.sentence(
        records(z3=[(1, 20), (1, 30)], z2=[(1, 21), (1, 28)])
    )
    test_line = text.splitlines()[1]
    assert test_line.endswith("2 seeds, paired), inside the noise.")
    one = overlapping_pooling.sentence(records(z3=[(1, 20)], z2=[(1, 21)]))
    assert "-1.00 points (one seed, so no interval)" in one


def run(out, *arguments):
    command = [sys.executable, str(SCRIPT), "--out", str(out), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


QUICK = ("--pictures", "64", "--epochs", "2", "--seeds", "1", "--jobs", "1")
PICTURES = ["overlapping_pooling.png", "overlapping_pooling.svg"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("overlapping_pooling")
    return out, run(out, *QUICK)


@pytest.mark.slow
def test_the_command_trains_records_and_draws(finished):
    out, process = finished
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("After 2 epochs:\nTest error ")
    lines = read_lines(out / "results.jsonl")
    assert [line["kind"] for line in lines] == ["setup"] + ["epoch"] * 4
    assert [line["arm"] for line in lines[1:]] == ["z3"] * 2 + ["z2"] * 2
    with Image.open(out / "overlapping_pooling.png") as picture:
        assert picture.width >= 1000
    assert "QUICK RUN" in (out / "overlapping_pooling.svg").read_text()


@pytest.mark.slow
def test_a_runs_network_is_rebuilt_with_its_windows(finished):
    out, _ = finished
    for name, z in (("z3", 3), ("z2", 2)):
        found = model.load(out / "runs" / f"{name}-seed0.npz").network
        pools = [layer for _, layer in found.leaves() if layer.kind == "pool"]
        assert {pool.kernel_size for pool in pools} == {(z, z)}
        x = np.zeros((1, 3, 32, 32), np.float32)
        assert found.forward(x).shape == (1, 10)


@pytest.mark.slow
def test_the_figure_is_drawn_from_the_records_alone(finished, tmp_path):
    out, first = finished
    process = run(tmp_path, "--draw", str(out / "results.jsonl"))
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[:-1] == first.stdout.splitlines()[:-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == PICTURES
    for name in PICTURES:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_the_recorded_run_is_the_whole_measurement(tmp_path, capsys):
    path = ROOT / "figures" / "results" / "overlapping_pooling_cifar10.jsonl"
    if not path.exists():
        pytest.skip("not recorded yet")
    lines = read_lines(path)
    setup = lines[0]
    assert (setup["data"], setup["train_pictures"]) == ("cifar10", 50000)
    assert "dirty" not in setup["commit"]
    assert len(finished_seeds(lines)) >= 5
    arguments = ["--draw", str(path), "--out", str(tmp_path)]
    assert overlapping_pooling.main(arguments) == 0
    assert "5 seeds, paired" in capsys.readouterr().out


def test_misuse_is_answered_in_a_line(tmp_path, capsys):
    arguments = ["--draw", str(tmp_path / "nowhere.jsonl"), "--out", str(tmp_path)]
    assert overlapping_pooling.main(arguments) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("overlapping_pooling: ")
    assert "nowhere.jsonl" in errors
    assert "Traceback" not in errors
