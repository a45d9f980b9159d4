"""Figure 4's script: what it looks up and records, and its command."""

from dataclasses import replace
from pathlib import Path

import figure_4_predictions as figure_4
import pytest
from PIL import Image

from minialexnet import model
from minialexnet.data import load
from minialexnet.files.records import read_lines, write_lines
from pieces.predictions import EPOCHS, SHOWN

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "figures" / "results" / "figure_4_shapes.jsonl"


@pytest.fixture
def few(monkeypatch):
    """A handful of shapes, in the place of all."""
    shapes = load("shapes", train=60, test=20)
    monkeypatch.setattr("minialexnet.data.shapes.load", lambda **options: shapes)
    return shapes


def test_the_command_trains_records_and_draws_again_from_the_record(
    few, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert figure_4.main(["--epochs", "1", "--out", "a"]) == 0
    said = capsys.readouterr().out
    assert "of 20 pictures" in said
    assert "of the 30 nearest training pictures" in said
    setup = read_lines(tmp_path / "a" / "results.jsonl")[0]
    assert (setup["data"], setup["epochs"], setup["seed"]) == ("shapes", 1, 0)
    assert "commit" in setup
    assert figure_4.main(["--draw", "a/results.jsonl", "--out", "b"]) == 0
    again = (tmp_path / "b" / "figure_4.svg").read_bytes()
    assert again == (tmp_path / "a" / "figure_4.svg").read_bytes()
    with Image.open(tmp_path / "b" / "figure_4.png") as image:
        assert image.height > image.width


@pytest.mark.slow
def test_another_run_of_the_same_command_says_the_same(few, tmp_path):
    for name in ("a", "b"):
        assert figure_4.main(["--epochs", "1", "--out", str(tmp_path / name)]) == 0
    first, second = (
        read_lines(tmp_path / name / "results.jsonl")[1:] for name in ("a", "b")
    )
    assert first == second


def test_a_run_of_ones_own_is_drawn(few, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model.save("own.npz", model.begin(few, {"model": "cifar"}))
    arguments = ["--run", "own.npz", "--data", "shapes", "--out", "out"]
    assert figure_4.main(arguments) == 0
    assert "Drawn: out/figure_4.png" in capsys.readouterr().out
    setup = read_lines(tmp_path / "out" / "results.jsonl")[0]
    assert setup["run"] == "own.npz"
    assert "epochs" not in setup


def test_the_committed_record_is_of_the_default_network(tmp_path):
    records = read_lines(RECORDED)
    setup, errors, pictures = figure_4.parts_of(records)
    assert setup["data"] == "shapes"
    assert setup["epochs"] == EPOCHS
    assert errors["pictures"] == 1000
    assert 0 < errors["top_5"] < errors["top_1"] < 0.3
    assert len(pictures) == SHOWN
    assert figure_4.main(["--draw", str(RECORDED), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "figure_4.png").stat().st_size > 100_000


def test_what_does_not_fit_is_refused_in_one_line(few, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "other.jsonl", [{"epoch": 1}])
    turned = replace(few, class_names=few.class_names[::-1])
    model.save("other.npz", model.begin(turned, {"model": "cifar"}))
    record = (
        {"kind": "setup", "data": "shapes"},
        {"kind": "errors"},
        {
            "kind": "picture",
            "index": 99,
            "nearest": [],
        },
    )
    write_lines(tmp_path / "far.jsonl", record)
    for arguments, message in (
        (["--draw", "other.jsonl"], "expected the records of figure_4, got others"),
        (["--draw", "none"], "[Errno 2] No such file"),
        (["--draw", "far.jsonl"], "index 99 is out of bounds"),
        (["--run", "none"], "expected a run or a file of weights, got none, which is"),
        (
            ["--run", "other.npz"],
            "expected a network of the 10 classes of shapes, got one of 10 others",
        ),
        (["--run", "other.npz", "--data", "none"], "expected a data set out of"),
    ):
        assert figure_4.main([*arguments, "--out", "out"]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"figure_4: {message}")
        assert said.count("\n") == 1
    with pytest.raises(SystemExit, match="2"):
        figure_4.parse(["--data", "cifar10"])


def test_ctrl_c_ends_it_with_130(few, tmp_path, monkeypatch, capsys):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(figure_4, "train", stop)
    assert figure_4.main(["--out", str(tmp_path)]) == 130
    assert "Nothing was kept" in capsys.readouterr().err
