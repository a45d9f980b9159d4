"""Figure 3's script: what it reads, its rules, and its command."""

import figure_3_kernels as figure_3
import numpy as np
from PIL import Image

from minialexnet import model
from minialexnet.cli import main as minialexnet
from minialexnet.data import load
from minialexnet.files.records import read_lines, write_lines


def test_the_sentence_is_no_more_than_the_kernels_say():
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.standard_normal((12, 1, 5, 5)), 3, axis=1)
    colour = rng.standard_normal((12, 3, 5, 5))
    colour -= colour.mean(axis=1, keepdims=True)

    def said(first, second):
        kernels = [(1, kernel) for kernel in first] + [(2, kernel) for kernel in second]
        return figure_3.sentence(
            [{"kind": "setup"}]
            + [
                {"kind": "kernel", "tower": t, "weights": w.tolist()}
                for t, w in kernels
            ]
        )

    apart = said(grey, colour)
    assert "Tower 1: 0 of 12 kernels are more colour than grey" in apart
    assert "Tower 2: 12 of 12" in apart
    assert ": a sign of specialisation" in apart
    mixed = said(
        np.concatenate([grey[:6], colour[:6]]), np.concatenate([grey[6:], colour[6:]])
    )
    assert "no sign of specialisation" in mixed


def test_a_run_is_drawn_with_where_it_came_from(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shapes = load("shapes", train=20, test=10)
    monkeypatch.setattr("minialexnet.data.shapes.load", lambda **options: shapes)
    train = ["train", "--out", "run", "--model", "alexnet", "--width", "0.05"]
    assert minialexnet([*train, "--epochs", "1", "--threads", "1"]) == 0
    assert figure_3.main(["--weights", "run", "--out", "drawn"]) == 0
    setup, *kernels = read_lines(tmp_path / "drawn" / "results.jsonl")
    assert setup["runs"][0]["config"]["width"] == 0.05
    assert setup["last"]["epoch"] == 1
    assert [kernel["tower"] for kernel in kernels] == [1, 1, 2, 2]
    svg = (tmp_path / "drawn" / "figure_3.svg").read_bytes()
    # The record alone gives the same picture.
    again = ["--draw", "drawn/results.jsonl", "--out", "again"]
    assert figure_3.main(again) == 0
    assert (tmp_path / "again" / "figure_3.svg").read_bytes() == svg
    assert "Drawn: again/figure_3.png, again/figure_3.svg" in capsys.readouterr().out


def test_one_tower_has_no_other_to_be_compared_with(tmp_path, capsys):
    begun = model.begin(load("shapes", train=10, test=10), {"model": "cifar"})
    model.save(tmp_path / "weights.npz", begun)
    path = str(tmp_path / "weights.npz")
    assert figure_3.main(["--weights", path, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "of 32 kernels" in said
    assert "specialisation" not in said


def test_the_committed_figure_is_drawn_from_the_committed_record(tmp_path, capsys):
    assert figure_3.main(["--out", str(tmp_path)]) == 0
    assert "Tower 2: 5 of 12 kernels" in capsys.readouterr().out
    records = read_lines(figure_3.RECORDED)
    assert [len(part) for part in figure_3.towers(records)] == [12, 12]
    assert figure_3.RECORDED.stat().st_size < 150_000
    with Image.open(tmp_path / "figure_3.png") as drawn:
        assert drawn.width > 1000


def test_what_does_not_fit_is_refused_in_one_line(tmp_path, capsys):
    empty = tmp_path / "empty.jsonl"
    write_lines(empty, [])
    mixed = tmp_path / "mixed.jsonl"
    kernel = {"kind": "kernel", "tower": 1, "weights": np.zeros((3, 2, 2)).tolist()}
    other = kernel | {"weights": np.zeros((4, 2, 2)).tolist()}
    write_lines(mixed, [{"kind": "setup"}, kernel, other])
    for arguments, message in (
        (["--draw", empty], "figure_3: expected the records of kernels, got none"),
        (["--draw", mixed], "figure_3: expected kernels of one shape (3, KH, KW)"),
        (["--draw", tmp_path / "none"], "figure_3: [Errno 2] No such file"),
        (["--weights", empty], "figure_3: "),
        (["--weights", tmp_path / "none"], "figure_3: expected a run or a file of"),
    ):
        assert figure_3.main([*map(str, arguments), "--out", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(message)
        assert said.count("\n") == 1
