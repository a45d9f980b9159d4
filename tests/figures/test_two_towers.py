"""The script that compares two towers with one of half the kernels."""

from dataclasses import replace
from pathlib import Path

import pytest
import two_towers
from PIL import Image

from compare import frame
from compare.arms import run_of
from compare.results import finished_seeds, setups
from minialexnet.files.records import read_lines
from minialexnet.model import build

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "figures" / "results" / "two_towers_tiny_imagenet.jsonl"


def options(*arguments):
    found = frame.parser("", two_towers.NAME, two_towers.DEFAULTS)
    found.add_argument("--classes", type=int)
    found = found.parse_args(arguments)
    found.epochs = found.epochs or 14
    return found


def records(two, half):
    """Return the records of runs of one epoch, by top-1 errors of each seed."""
    lines = [
        {
            "kind": "setup",
            "data": "tiny-imagenet",
            "classes": 20,
            "train_pictures": 10_000,
            "batch_size": 32,
            "date": "2026-01-31T00:00:00Z",
            "machine": {"cores": 2, "processor": "a processor"},
            "commit": "0123456789",
        }
    ]
    for arm, errors in (("two", two), ("half", half)):
        for seed, error in enumerate(errors):
            entry = {"kind": "epoch", "arm": arm, "seed": seed, "epoch": 1, "setup": 0}
            lines.append(entry | {"test_error": error, "test_top5_error": error / 2})
    return lines


def test_the_arms_differ_in_the_kernels_and_nothing_else():
    base = two_towers.base(options("--data", "tiny-imagenet"))
    two, half = (run_of(base, arm, 0) for arm in two_towers.ARMS)
    assert replace(two.config, towers=1) == half.config
    assert (base.learning_rate, base.schedule) == (0.01, "12")
    kernels = []
    for run in (two, half):
        sized = replace(run.config, input_size=56)
        rows = build(sized.network()).table((3, 56, 56)).rows
        shapes = {row.name: row.output_shape for row in rows}
        kernels.append([shapes[f"conv{i}"][0] for i in range(1, 6)])
        assert shapes["fc6"] == (1024,)
    assert kernels == [[24, 64, 96, 96, 64], [12, 32, 48, 48, 64]]


def test_a_difference_is_of_two_towers_minus_the_half():
    words = two_towers.difference(records((0.5, 0.6), (0.6, 0.7)), "test_error")
    assert words.startswith("two towers minus half the kernels: -10.00 points (95 %")


def test_a_seed_that_is_not_finished_in_both_is_left_out():
    lines = records((0.5, 0.6), (0.6, 0.7))[:-1]
    assert "(one seed" in two_towers.sentence(lines)


@pytest.mark.parametrize(
    ("changed", "full"),
    [
        ({}, True),
        ({"data": "shapes"}, False),
        ({"classes": 10}, False),
        ({"train_pictures": 500}, False),
    ],
)
def test_a_quick_look_is_called_one(changed, full):
    (setup, *_) = records((0.5,), (0.6,))
    seeds = list(range(two_towers.FULL[2]))
    assert two_towers.is_full(setup | changed, seeds) is full
    assert not two_towers.is_full(setup, seeds[:-1])


@pytest.mark.slow
def test_the_command_measures_and_draws(tmp_path, capsys):
    arguments = ["--pictures", "64", "--epochs", "1", "--seeds", "2", "--jobs", "1"]
    assert two_towers.main([*arguments, "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "2 seeds, paired" in text
    with Image.open(tmp_path / "two_towers.png") as picture:
        assert picture.width > 900
    lines = read_lines(tmp_path / "results.jsonl")
    kinds = [line["kind"] for line in lines]
    assert kinds == ["setup"] + ["epoch"] * 4 + ["kernels"] * 4
    for line in lines[-4:]:
        assert len(line["colour"]) == {"two": 24, "half": 12}[line["arm"]]
        assert all(0 <= share <= 1 for share in line["colour"])
    # Once more, from where it was: nothing is trained, nothing stands there twice.
    assert two_towers.main([*arguments, "--resume", "--out", str(tmp_path)]) == 0
    again = read_lines(tmp_path / "results.jsonl")
    assert again[-8:] == lines[-8:]
    assert [line["kind"] for line in again].count("setup") == 2


def test_records_of_something_else_are_refused(tmp_path, capsys):
    for other, missing in (("bench_1", "'kind'"), ("dropout_cifar10", "'two'")):
        path = RESULTS.with_name(f"{other}.jsonl")
        assert two_towers.main(["--draw", str(path), "--out", str(tmp_path)]) == 2
        expected = f"expected what two_towers records, got lines without {missing}"
        assert capsys.readouterr().err == f"two_towers: {path}: {expected}\n"


def test_classes_of_the_shapes_are_refused(tmp_path, capsys):
    assert two_towers.main(["--classes", "3", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("two_towers: --classes: expected none with shapes")
    assert error.count("\n") == 1


def test_the_recorded_runs_are_whole_and_drawn(tmp_path, capsys):
    lines = read_lines(RESULTS)
    (setup,) = setups(lines)
    seeds = finished_seeds(lines)
    assert len(seeds) == setup["seeds"] >= 3
    assert setup["commit"].isalnum()  # not "-dirty"
    shares = {
        (line["arm"], line["seed"]): line["colour"]
        for line in lines
        if line["kind"] == "kernels"
    }
    assert shares.keys() == {(arm, s) for arm in two_towers.TOWERS for s in seeds}
    assert two_towers.main(["--draw", str(RESULTS), "--out", str(tmp_path)]) == 0
    assert f"{len(seeds)} seeds, paired" in capsys.readouterr().out
    with (
        Image.open(ROOT / "figures" / "two_towers.png") as kept,
        Image.open(tmp_path / "two_towers.png") as drawn,
    ):
        assert kept.size == drawn.size
