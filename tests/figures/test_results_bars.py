"""The results' bars: what they read, and the command."""

from pathlib import Path

import pytest
import results_bars
from PIL import Image

from minialexnet.files.records import read_lines, write_lines

ROOT = Path(__file__).resolve().parents[2]


def test_the_papers_tables_are_as_printed():
    table_1 = [list(errors.values()) for _, errors in results_bars.TABLE_1]
    assert table_1 == [[47.1, 28.2], [45.7, 25.7], [37.5, 17.0]]
    table_2 = [list(errors.values()) for _, errors in results_bars.TABLE_2]
    assert table_2 == [
        [None, None, 26.2],
        [40.7, 18.2, None],
        [38.1, 16.4, 16.4],
        [39.0, 16.6, None],
        [36.7, 15.4, 15.3],
    ]


def test_what_was_measured_is_read_from_the_record():
    records = read_lines(results_bars.RECORDED)
    assert results_bars.measured(records) == [
        ("1 crop", {"top-1": pytest.approx(73.02), "top-5": pytest.approx(47.57)}),
        ("10 crops", {"top-1": pytest.approx(70.56), "top-5": pytest.approx(43.82)}),
    ]
    # Of several networks each row says of which it is.
    several = [records[0], records[1] | {"model": "runs/other"}]
    names = [name for name, _ in results_bars.measured(several)]
    assert names == ["tiny_imagenet, 1 crop", "other, 10 crops"]
    with pytest.raises(ValueError, match="expected test errors, got train"):
        results_bars.measured([records[0] | {"split": "train"}])


def test_the_panels_of_the_paper_and_ours_share_no_axis(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        results_bars, "write_figure", lambda figure, out: drawn.append(figure)
    )
    results_bars.draw(read_lines(results_bars.RECORDED), tmp_path)
    table_1, table_2, ours, words = drawn[0].axes
    for axes in (table_1, table_2):
        assert not ours.get_shared_x_axes().joined(ours, axes)
    assert [a.get_xlabel() for a in (table_1, table_2, ours)] == ["error (%)"] * 3
    assert "Tiny ImageNet" in ours.get_title(loc="left")
    said = words.texts[0].get_text().replace("\n", " ")
    assert "cannot be compared with the ones above" in said


def test_the_command_draws_and_says_what_was_measured(tmp_path, capsys):
    assert results_bars.main(["--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Tiny ImageNet, 10 crops: top-1 error 70.6 %, top-5 error 43.8 %." in said
    with Image.open(tmp_path / "out" / "results.png") as image:
        assert image.width > 1000
    assert (tmp_path / "out" / "results.svg").stat().st_size > 1000


def test_what_is_no_record_of_errors_is_refused_in_one_line(tmp_path, capsys):
    empty, other = tmp_path / "empty.jsonl", tmp_path / "other.jsonl"
    write_lines(empty, [])
    write_lines(other, [{"epoch": 1}])
    for path, message in (
        (empty, "results_bars: expected what evaluate records, got no line"),
        (other, "results_bars: expected what evaluate records, got none"),
        (tmp_path / "none", "results_bars: [Errno 2] No such file"),
    ):
        assert results_bars.main(["--draw", str(path), "--out", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(message)
        assert said.count("\n") == 1
