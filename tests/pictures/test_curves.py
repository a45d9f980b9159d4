"""Curves of a run's metrics."""

import pytest
from PIL import Image

from minialexnet.pictures import curves
from minialexnet.pictures.curves import Curves, draw_curves


def run_of(epochs, rates=(0.01,), tested=True, name="a"):
    entries = []
    for epoch in range(1, epochs + 1):
        rate = rates[min(epoch - 1, len(rates) - 1)]
        entry = {"epoch": epoch, "learning_rate": rate, "running_loss": 5 / epoch}
        if tested:
            entry |= {"test_loss": 6 / epoch, "test_error": 0.9 / epoch}
            entry |= {"test_top5_error": 0.5 / epoch}
        entries.append(entry)
    return Curves(name, "a note", entries)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return the function that draws runs and returns the figure, unwritten."""
    monkeypatch.setattr(curves, "write_figure", lambda figure, out: figure)
    return lambda *runs: draw_curves(runs, tmp_path / "curves")


def points(line):
    return list(zip(*(values.tolist() for values in line.get_data()), strict=True))


def test_every_measure_is_drawn_against_the_epochs(drawn):
    loss, error, rate = drawn(run_of(3)).axes
    assert [points(line) for line in loss.lines] == [
        [(1, 5), (2, 5 / 2), (3, 5 / 3)],
        [(1, 6), (2, 3), (3, 2)],
    ]
    assert [points(line)[1] for line in error.lines] == [(2, 0.45), (2, 0.25)]
    assert points(rate.lines[0]) == [(0, 0.01), (1, 0.01), (2, 0.01), (3, 0.01)]
    assert [loss.get_ylabel(), error.get_ylabel(), rate.get_ylabel()] == [
        "loss, nats per example", "test error", "learning rate",
    ]  # fmt: skip
    assert rate.get_xlabel() == "epochs"


def test_a_lowered_rate_is_marked_between_the_epochs(drawn):
    loss, error, rate = drawn(run_of(4, rates=(0.01, 0.01, 0.001, 0.002))).axes
    for axes in (loss, error):
        (mark,) = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert mark.get_xdata() == [2, 2]
        words = [text.get_text() for text in axes.get_legend().get_texts()]
        assert words[-1] == "learning rate lowered"
    assert rate.lines[0].get_drawstyle() == "steps-pre"
    assert rate.get_yticks().tolist() == [0.001, 0.002, 0.01]
    assert [t.get_text() for t in rate.get_yticklabels()] == ["0.001", "0.002", "0.01"]


def test_rates_too_close_for_a_tick_each_have_fewer(drawn):
    rates = [0.01 * 0.99**epoch for epoch in range(60)]
    assert 2 <= len(drawn(run_of(60, rates)).axes[-1].get_yticks()) <= 6


def test_no_two_runs_look_alike(drawn):
    figure = drawn(*(run_of(2, name=f"run {i}") for i in range(20)))
    handles = figure.legends[0].get_lines()
    looks = [(line.get_color(), line.get_marker()) for line in handles]
    assert len(set(looks)) == 20
    assert len({color for color, _ in looks[:7]}) == 7
    assert len({marker for _, marker in looks[:8]}) == 8
    lines = figure.axes[0].lines
    assert [(a.get_color(), a.get_marker()) for a in lines[::2]] == looks
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[19] == "run 19: a note"


def test_of_one_run_no_two_measures_look_alike(drawn):
    for axes in drawn(run_of(3)).axes[:2]:
        looks = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
        assert len(looks) == 2 and len({colour for colour, _ in looks}) == 2
    titles = [axes.get_title() for axes in drawn(run_of(3)).axes]
    assert titles == ["Loss", "Error on the test pictures", "Learning rate"]


def test_what_was_not_measured_is_left_out(drawn):
    assert len(drawn(run_of(3, tested=False)).axes) == 2
    loss, error, _ = drawn(run_of(3, tested=False), run_of(3)).axes
    assert len(loss.lines) == 3
    assert len(error.lines) == 2
    words = [
        t.get_text()
        for t in drawn(run_of(2, tested=False)).axes[0].get_legend().get_texts()
    ]
    assert words == ["training, while the weights changed"]


def test_the_legend_lies_below_the_curves(drawn):
    long = "a run of a long name, " * 12
    figure = drawn(*(run_of(2, name=f"{long} {i}") for i in range(8)))
    figure.draw_without_rendering()
    legend = figure.legends[0].get_window_extent()
    lowest = figure.axes[-1].get_tightbbox()
    assert 0 <= legend.y0 < legend.y1 <= lowest.y0
    assert 0 <= legend.x0 < legend.x1 <= figure.bbox.width


def test_a_run_of_one_epoch_with_dollars_in_its_name_is_drawn(tmp_path):
    # As a formula it would be an error.
    png, svg = draw_curves([run_of(1, name=r"$\x$ $b")], tmp_path / "curves")
    assert r"$\x$ $b: a note" in svg.read_text()
    with Image.open(png) as picture:
        assert picture.width == 1080


def test_the_same_runs_give_the_same_files(tmp_path):
    once, again = (
        [path.read_bytes() for path in draw_curves([run_of(3)], tmp_path / name)]
        for name in ("a", "b")
    )
    assert once == again


@pytest.mark.parametrize("name", ["curves", "curves.png", "curves.svg", "curves.SVG"])
def test_both_kinds_are_written_whatever_the_ending(name, tmp_path):
    files = draw_curves([run_of(2)], tmp_path / name)
    assert [path.name for path in files] == ["curves.png", "curves.svg"]
    assert sorted(tmp_path.iterdir()) == files


def test_a_dot_in_the_name_is_no_ending(tmp_path):
    files = draw_curves([run_of(2)], tmp_path / "width 0.25")
    assert [path.name for path in files] == ["width 0.25.png", "width 0.25.svg"]
