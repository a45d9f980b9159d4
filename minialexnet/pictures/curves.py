"""Curves of training: loss, errors and learning rate against epochs."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from .style import look, write_figure


@dataclass(frozen=True)
class Curves:
    """A run of training to be drawn.

    Attributes
    ----------
    name, note : str
        The run's, and in words what it trained, where and when.
    epochs : sequence of dict
        Its entries in the order of "epoch", see `minialexnet.train.Training.history`;
        "epoch", "learning_rate" and "running_loss" must be there.
    """

    name: str
    note: str
    epochs: Sequence[Mapping[str, Any]]


# What a panel shows, as the key of an epoch's entry, in words and as a line.
LOSS = (
    ("running_loss", "training, while the weights changed", "--"),
    ("test_loss", "test", "-"),
)
ERROR = (("test_error", "top-1", "-"), ("test_top5_error", "top-5", "--"))


def draw_curves(runs: Sequence[Curves], out: Path) -> list[Path]:
    """Draw loss, errors and learning rate against epochs, of one run or several.

    A measure has a kind of line. Of several runs each has a colour and a mark; of one
    run each measure has. A dotted line stands where a run's learning rate was lowered.
    What was not measured is left out.

    Parameters
    ----------
    runs : sequence of Curves
        At least one, each of at least one epoch.
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    tested = any("test_error" in entry for run in runs for entry in run.epochs)
    inches = (2.8, 2.8, 1.1) if tested else (2.8, 1.1)
    labels = [textwrap.fill(f"{run.name}: {run.note}", 115) for run in runs]
    below = 0.6 + sum(0.06 + 0.13 * (label.count("\n") + 1) for label in labels)
    height = sum(inches) + below
    figure = Figure(figsize=(7.2, height))
    # A folder may have dollars in its name, which are no formula's.
    with matplotlib.rc_context({"text.parse_math": False}):
        panels = figure.subplots(len(inches), sharex=True, height_ratios=inches)
        edges = {"left": 0.12, "right": 0.98, "hspace": 0.25, "top": 1 - 0.35 / height}
        figure.subplots_adjust(**edges, bottom=below / height)
        _draw_measures(panels[0], runs, LOSS)
        panels[0].set(ylabel="loss, nats per example", title="Loss")
        if tested:
            _draw_measures(panels[1], runs, ERROR)
            panels[1].set(ylabel="test error", title="Error on the test pictures")
            panels[1].yaxis.set_major_formatter(lambda y, _: f"{100 * y:.3g} %")
        _draw_rates(panels[-1], runs)
        lines = [Line2D([], [], **_style(number)) for number in range(len(runs))]
        if len(runs) == 1:
            lines = [Line2D([], [], linestyle="none")]
        how: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 0)}
        figure.legend(lines, labels, frameon=False, fontsize=7.5, **how)
    return write_figure(figure, out)


def _style(number: int, points: int = 1) -> dict[str, Any]:
    """Return a run's colour and mark, on a dozen of its points or a few more."""
    size = {"markersize": 4.5, "linewidth": 1.4}
    return {**look(number), "markevery": max(1, points // 12), **size}


def _draw_measures(
    axes: Any, runs: Sequence[Curves], measures: Sequence[tuple[str, str, Any]]
) -> None:
    """Draw each measure of each run, and where the learning rate was lowered."""
    from matplotlib.lines import Line2D

    keys = {}
    for number, run in enumerate(runs):
        for place, (key, words, line) in enumerate(measures):
            points = [(e["epoch"], e[key]) for e in run.epochs if key in e]
            if points:
                alone = len(runs) == 1
                style = _style(place if alone else number, len(points))
                axes.plot(*zip(*points, strict=True), linestyle=line, **style)
                how = style if alone else {"color": "0.3"}
                keys[words] = Line2D([], [], linestyle=line, **how)
        for before, entry in pairwise(run.epochs):
            if entry["learning_rate"] < before["learning_rate"]:
                style = {"linestyle": ":", "linewidth": 1, "zorder": 0}
                colour = "0.3" if len(runs) == 1 else _style(number)["color"]
                axes.axvline(before["epoch"], color=colour, **style)
                keys["learning rate lowered"] = Line2D([], [], color="0.3", **style)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    axes.legend(list(keys.values()), list(keys), edgecolor="none", fontsize=8.5)


def _draw_rates(axes: Any, runs: Sequence[Curves]) -> None:
    """Draw the learning rates, each over the epoch that it held for."""
    for number, run in enumerate(runs):
        rates = [entry["learning_rate"] for entry in run.epochs]
        epochs = [0, *(entry["epoch"] for entry in run.epochs)]
        style = _style(number, len(rates)) | {"drawstyle": "steps-pre"}
        axes.plot(epochs, [rates[0], *rates], **style)
    used = sorted({e["learning_rate"] for run in runs for e in run.epochs})
    # A tick at each rate that was used, but none too close to the one below it.
    ticks = used[:1]
    for rate in used[1:]:
        if rate / ticks[-1] >= (4 * used[-1] / used[0]) ** (1 / 6):
            ticks.append(rate)
    last = max(entry["epoch"] for run in runs for entry in run.epochs)
    axes.set_title("Learning rate")
    axes.set(xlabel="epochs", xlim=(0, last + max(0.5, 0.02 * last)))
    axes.set(yscale="log", ylabel="learning rate", ylim=(used[0] / 2, used[-1] * 2))
    axes.set_yticks(ticks, [f"{rate:g}" for rate in ticks])
    axes.set_yticks([], minor=True)
    axes.xaxis.get_major_locator().set_params(integer=True)
