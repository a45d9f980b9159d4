"""What stands in the pictures of a protocol, read off their axes."""

import numpy as np
import pytest

from protocol import pictures
from protocol.planned import run_of, sweep_of
from tests.support.claims import SETUP, claim, record, store


@pytest.fixture
def figure(monkeypatch):
    """Return a function that gives the figure that a call would write."""
    kept = []
    monkeypatch.setattr(pictures, "write_figure", lambda one, out: kept.append(one))

    def drawn(draw, *arguments):
        draw(*arguments)
        return kept.pop()

    return drawn


def line(words, numbers, verdict, paper=None, measure="test_error"):
    """Return a claim's line with here, low and high."""
    found = dict(zip(("here", "low", "high"), numbers, strict=True))
    about = {"words": words, "measure": measure, "verdict": verdict, "paper": paper}
    return about | found


LINES = [
    line("first", (2.0, 1.0, 3.5), "holds", paper=1.5),
    line("second", (-2.0, -3.0, -0.5), "opposite", paper=-1.0),
    line("open", (1.0, None, None), None),
    line("third", (0.5, -1.0, 2.0), "not seen"),
    line("longer", (4.0, 2.0, 8.0), "holds", paper=6.0, measure="epochs_to"),
    line("nearer", (30.0, 28.0, 32.0), "holds", measure="purity"),
]


def marks(axes, marker):
    """Return the artists of a marker, but for the first, by the name of their row."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    found = [one for one in axes.lines[1:] if one.get_marker() == marker]
    return {names[int(one.get_ydata()[0])]: one for one in found}


def test_rows_hold_dots_intervals_and_crosses(figure, tmp_path):
    found = figure(pictures.draw, LINES, [SETUP], tmp_path / "x", False, "a title")
    points, shares, ratios = found.axes
    assert [axes.lines[0].get_xdata()[0] for axes in found.axes] == [0, 0, 1]
    assert [axes.get_xscale() for axes in found.axes] == ["linear", "linear", "log"]
    shown = (points, LINES[:2] + LINES[3:4]), (shares, LINES[5:]), (ratios, LINES[4:5])
    for axes, part in shown:
        assert [text.get_text() for text in axes.texts] == [x["verdict"] for x in part]
        dots = {n: dot.get_xdata()[0] for n, dot in marks(axes, "o").items()}
        assert dots == {x["words"]: x["here"] for x in part}
        ends = {n: tuple(bar.get_xdata()) for n, bar in marks(axes, "None").items()}
        assert ends == {x["words"]: (x["low"], x["high"]) for x in part}
        crosses = {n: cross.get_xdata()[0] for n, cross in marks(axes, "x").items()}
        assert crosses == {x["words"]: x["paper"] for x in part if x["paper"]}
        bottom, top = axes.get_ylim()
        assert top < 0 < bottom  # the first claim is on top
    fillings = [dot.get_markerfacecolor() for dot in marks(points, "o").values()]
    assert fillings == ["black", "white", "0.65"]
    said = " ".join(found.get_supxlabel().split())
    assert "black, the interval lies on the claim's side; white, on the other" in said


def test_curves_are_of_the_error_that_counts_at_the_rate_that_is_judged(
    figure, tmp_path
):
    error = claim(rates=[0.01, 0.1])
    epochs = claim(id="two", measure="epochs_to", target=0.5, rates=[0.01, 0.1])
    shifted = claim(id="three", measure="shifted_error", rates=[0.01, 0.1])
    place = store(tmp_path)
    for variant in error.variants:
        for run in sweep_of(error, variant):
            best = 0.1 if variant.changes else 0.01
            better = run.config.learning_rate == best
            record(place, run, end={"test_error": 0.4 if better else 0.6})
        for rate, start in ((0.0, 0.5), (0.1, 0.25)):
            for seed in error.seeds:
                errors = [(start + 0.25 * seed) / n for n in (1, 2)]
                lines = [{"test_error": e, "train_error": e / 2} for e in errors]
                record(place, run_of(error, variant, seed, rate), epochs=lines)
    claims = [error, epochs, shifted]
    found = figure(pictures.draw_curves, claims, place, tmp_path / "x", False)
    labels = [axes.get_ylabel() for axes in found.axes]
    assert labels == ["test error (%)", "training error (%)"]
    for axes, share in zip(found.axes, (1, 0.5), strict=True):
        curves = {one.get_label(): one for one in axes.lines}
        expected = {"small": [62.5, 31.25], "no-dropout-rate-0.1": [37.5, 18.75]}
        assert curves.keys() == expected.keys()
        for name, values in expected.items():
            assert np.allclose(curves[name].get_xdata(), [1, 2])
            assert np.allclose(curves[name].get_ydata(), share * np.array(values))
        assert len({one.get_linestyle() for one in axes.lines}) == 2
