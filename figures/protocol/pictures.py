"""Two pictures: one row a claim, and the arms' learning curves."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compare.drawing import QUICK, draw_curve
from minialexnet.files.records import Record
from minialexnet.pictures.style import caption, look, open_frame, write_figure

from .claim import Claim
from .measures import RATIOS
from .store import Store

# Told apart in grey by their filling.
FILLINGS = {"holds": "black", "opposite": "white", "not seen": "0.65"}
# Of a claim's measure, the error whose curve it is read from; others have no panel.
COUNTED = {
    "test_error": "test_error",
    "train_error": "train_error",
    "epochs_to": "train_error",
}
ERRORS = {"test_error": "test error (%)", "train_error": "training error (%)"}
# What the rows of a panel count; the panels stand in this order.
POINTS = "points of error more than the base"
SHARES = "points more, of a share that is no error"
TIMES = "times as long as the base"
UNITS = {"colour_split": SHARES, "purity": SHARES} | dict.fromkeys(RATIOS, TIMES)
STROKES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
COLUMNS = 3
DOT = "A dot is the mean difference over paired seeds, the line its 95 % t interval"
CROSS = ", the cross what the paper reports"
RULE = (
    ". By rule: black, the interval lies on the claim's side; white, on the other; "
    "grey, on both."
)


def draw_all(
    claims: Sequence[Claim],
    lines: Sequence[Record],
    store: Store,
    path: Path,
    quick: bool,
    title: str,
) -> list[Path]:
    """Draw both pictures, PATH and PATH_curves, as .png and .svg.

    A claim is drawn when it is judged; of a quick look there are curves before that.
    """
    beside = path.with_name(f"{path.name}_curves")
    judged = {line["claim"] for line in lines if line["low"] is not None}
    shown = [claim for claim in claims if quick or claim.id in judged]
    files = draw(lines, store.setups(), path, quick, title)
    return files + draw_curves(shown, store, beside, quick)


def draw(
    lines: Sequence[Record],
    setups: Sequence[Record],
    out: Path,
    quick: bool,
    title: str,
) -> list[Path]:
    """Draw one row a claim as OUT.png and OUT.svg.

    Parameters
    ----------
    lines : sequence of dict
        See `verdicts.table`.
    setups : sequence of dict
        Where they were measured.
    out : Path
    quick : bool
        Whether this is no measurement.
    title : str
    """
    from matplotlib.figure import Figure

    known = [line for line in lines if line["low"] is not None]
    if not known:
        return []
    parts = {
        unit: [line for line in known if UNITS.get(line["measure"], POINTS) == unit]
        for unit in (POINTS, SHARES, TIMES)
    }
    parts = {unit: part for unit, part in parts.items() if part}
    heights = [len(part) for part in parts.values()]
    height = 1.2 + 0.4 * len(parts) + 0.3 * sum(heights)
    figure = Figure(figsize=(7.2, height), layout="constrained")
    panels = figure.subplots(len(parts), 1, height_ratios=heights, squeeze=False)
    for axes, (unit, part) in zip(panels.ravel(), parts.items(), strict=True):
        draw_rows(axes, part, unit)
    figure.suptitle(title)
    cross = CROSS if any(line["paper"] is not None for line in known) else ""
    caption(figure, (QUICK if quick else "") + DOT + cross + RULE, setups)
    return write_figure(figure, out)


def draw_rows(axes: Any, lines: Sequence[Record], unit: str) -> None:
    """Draw the claims of one unit, the first on top."""
    axes.axvline(1 if unit == TIMES else 0, color="0.4", linewidth=0.8)
    for row, line in enumerate(lines):
        axes.plot([line["low"], line["high"]], [row, row], color="black", linewidth=1.5)
        filling = FILLINGS[line["verdict"]]
        look = {"markerfacecolor": filling, "markeredgecolor": "black", "zorder": 3}
        axes.plot(line["here"], row, "o", **look)
        if line["paper"] is not None:
            axes.plot(line["paper"], row, "x", color="black", markersize=7)
        axes.annotate(
            line["verdict"],
            (1.01, row),
            xycoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(lines)), [line["words"] for line in lines], fontsize=8)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    if unit == TIMES:
        axes.set_xscale("log")
        low, high = (math.log2(end) for end in axes.get_xlim())
        ticks = [2.0**e for e in range(math.ceil(low), math.floor(high) + 1)]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
    axes.set_xlabel(unit)
    open_frame(axes)


def draw_curves(
    claims: Sequence[Claim], store: Store, out: Path, quick: bool
) -> list[Path]:
    """Draw the error that each claim counts after each epoch, in small panels."""
    from matplotlib.figure import Figure

    known = [c for c in claims[::-1] if c.is_measured and c.measure in COUNTED]
    panels = [
        (claim, curves(claim, store, COUNTED[claim.measure]))
        for claim in list({panel_of(claim): claim for claim in known}.values())[::-1]
    ]
    panels = [(claim, found) for claim, found in panels if len(found) > 1]
    if not panels:
        return []
    rows = -(-len(panels) // COLUMNS)
    figure = Figure(figsize=(7.2, 0.8 + 2 * rows), layout="constrained")
    places = np.array(figure.subplots(rows, COLUMNS, squeeze=False)).ravel()
    for axes in places[len(panels) :]:
        axes.remove()
    for axes, (claim, found) in zip(places, panels, strict=False):
        arms = {v.name: store.runs(claim, v)[0].arm for v in claim.variants}
        for number, (name, values) in enumerate(found.items()):
            style: Record = look(number) | {"marker": "", "linewidth": 1}
            style["linestyle"] = STROKES[number % len(STROKES)]
            draw_curve(axes, 100 * values, arms[name], style)
        title = textwrap.fill(claim.entry["claim"], 30, break_on_hyphens=False)
        axes.set_title(title, fontsize=8)
        axes.set_xlabel("epochs", fontsize=8)
        axes.set_ylabel(ERRORS[COUNTED[claim.measure]], fontsize=8)
        axes.tick_params(labelsize=7)
        if len(found) < 6:
            bottom, top = axes.get_ylim()  # below the curves is room for their names
            axes.set_ylim(bottom - 0.15 * len(found) * (top - bottom), top)
            axes.legend(frameon=False, fontsize=7, loc="lower left")
        open_frame(axes)
    words = (
        "The mean of the seeds after each epoch, and their range, each network at the "
        "rate by which it is judged. Where a sweep chose another than the base's, the "
        "name ends in it."
    )
    caption(figure, (QUICK if quick else "") + words, store.setups())
    return write_figure(figure, out)


def panel_of(claim: Claim) -> tuple[str, ...]:
    """Return the error and the arms' names: claims that share them share a panel."""
    return COUNTED[claim.measure], *(variant.name for variant in claim.variants)


def curves(claim: Claim, store: Store, error: str) -> dict[str, Any]:
    """Return an error after each epoch by arm, (seeds, epochs), at its own rate."""
    found = {}
    for variant in claim.variants:
        rows = []
        for run in store.runs(claim, variant):
            epochs = [r for r in store.lines(run) if r["kind"] == "epoch"]
            errors = [r[error] for r in epochs if error in r]
            if len(errors) == claim.config.epochs:
                rows.append(errors)
        if rows:
            found[variant.name] = np.array(rows)
    return found
