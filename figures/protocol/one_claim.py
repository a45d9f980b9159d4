"""The picture of one claim: its arms' curves, and what was measured seed by seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compare.drawing import DATA_NAMES, QUICK, draw_curve, listed
from minialexnet.files.records import Record
from minialexnet.pictures.style import caption, look, open_frame, write_figure

from .claim import Claim
from .measures import RATIOS
from .pictures import curves
from .store import Store

UNITS = {
    "test_error": "top-1 test error (%)",
    "train_error": "training error (%)",
    "shifted_error": "top-1 test error under other light (%)",
    "epochs_to": "epochs",
    "steps_to": "steps",
}
SPLITS = {"test": ("test", "-"), "train": ("training", "--")}  # in words, as a line


def draw_claim(
    claim: Claim, line: Record, store: Store, folder: Path, quick: bool
) -> list[Path]:
    """Draw a claim that is judged as FOLDER/ID.png and .svg, with _ for - in the ID.

    What is computed from the base's own networks has no arms, and no picture.
    """
    from matplotlib.figure import Figure

    arms = [line, *line.get("other_arms", ())]
    arms = [arm for arm in arms if "by_seed" in arm]
    if not arms or claim.measure not in UNITS:
        return []
    drawn = {
        split: curves(claim, store, f"{split}_error", at_base_rate=False)
        for split in SPLITS
    }
    drawn = {split: found for split, found in drawn.items() if len(found) > 1}
    height = max(3.2 if drawn else 0, 1.4 + 0.55 * (1 + len(arms)))
    figure = Figure(figsize=(7.2, 0.6 + height), layout="constrained")
    panels = figure.subplots(1, 1 + bool(drawn), squeeze=False)[0]
    draw_seeds(panels[-1], claim, arms)
    words = (
        "The numbers of a seed are joined; differences are means over the seeds, with "
        "their 95 % intervals. "
    )
    if drawn:
        draw_errors(panels[0], drawn)
        words = f"On the left the mean and the range of the seeds. {words}"
    section = claim.entry["section"]
    where = f"Section {section}: " if section[:1].isdigit() else ""
    figure.suptitle(where + claim.entry["claim"])
    setup = store.lines(store.runs(claim, claim.base)[0])[0]
    text = (QUICK if quick else "") + words + trained_on(claim, setup, arms)
    caption(figure, text, line["recorded"])
    return write_figure(figure, folder / claim.id.replace("-", "_"))


def draw_errors(axes: Any, drawn: dict[str, dict[str, Any]]) -> None:
    """Draw the errors of each arm after each epoch."""
    for split, found in drawn.items():
        word, stroke = SPLITS[split]
        for number, (name, errors) in enumerate(found.items()):
            every = max(1, errors.shape[1] // 8)
            style = look(number) | {"linestyle": stroke, "markevery": every}
            draw_curve(axes, 100 * errors, f"{name}, {word}", style)
    axes.set(xlabel="epochs", ylabel="error (%)")
    axes.legend(frameon=False, fontsize=8)
    open_frame(axes)


def draw_seeds(axes: Any, claim: Claim, arms: list[Record]) -> None:
    """Draw a row for the base and for each arm, the numbers of a seed joined."""
    unit = 1 if claim.measure in RATIOS else 100
    names = [claim.base.name, *(arm["arm"] for arm in arms)]
    by_seed: dict[int, list[tuple[float, int]]] = {}  # of a seed, numbers and rows
    for row, arm in enumerate(arms, 1):
        for found in arm["by_seed"]:
            first = (unit * found["base"][claim.measure], 0)
            number = (unit * found["arm"][claim.measure], row)
            by_seed.setdefault(found["seed"], [first]).append(number)
    for points in by_seed.values():
        axes.plot(*zip(*points, strict=True), color="0.6", linewidth=0.8, zorder=1)
    for row in range(len(names)):
        numbers = [x for points in by_seed.values() for x, at in points if at == row]
        style = look(row) | {"linestyle": "none", "markersize": 5}
        axes.plot(numbers, [row] * len(numbers), **style)
    for row, arm in enumerate(arms, 1):
        axes.annotate(
            difference(arm, claim.measure),
            (0.5, row),
            xycoords=axes.get_yaxis_transform(),
            xytext=(0, -9),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.set_yticks(range(len(names)), [f"{names[0]} (base)", *names[1:]])
    axes.set_ylim(len(names) - 0.3, -0.4)
    axes.set_xlabel(UNITS[claim.measure])
    if claim.measure in RATIOS:
        axes.set_xlim(0, None)
    open_frame(axes)


def difference(arm: Record, measure: str) -> str:
    """Say what an arm's numbers are beside the base's, in a line.

    Examples
    --------
    >>> difference({"here": 1.5, "low": 0.5, "high": 2.5}, "test_error")
    '+1.5 points (+0.5 to +2.5)'
    >>> difference({"here": 2.0, "low": 1.5, "high": 2.7}, "steps_to")
    '2.0 times as long (1.5 to 2.7)'
    """
    form, what = (".1f", "times as long") if measure in RATIOS else ("+.1f", "points")
    words = f"{arm['here']:{form}} {what}"
    if arm.get("low") is not None:
        words += f" ({arm['low']:{form}} to {arm['high']:{form}})"
    return words.replace("-", "\N{MINUS SIGN}")


def trained_on(claim: Claim, setup: Record, arms: list[Record]) -> str:
    """Say what was trained on what, from which seeds, at which rates."""
    config = claim.config
    rates = {claim.base.name: arms[0].get("base_rate", config.learning_rate)}
    rates |= {arm["arm"]: arm.get("rate", config.learning_rate) for arm in arms}
    words = ", ".join(f"{rate:g} ({name})" for name, rate in rates.items())
    if len(set(rates.values())) == 1:
        words = f"{rates[claim.base.name]:g}"
    return (
        f"{setup['train_pictures']:,} training pictures of {DATA_NAMES[config.data]}, "
        f"{setup['classes']} classes; batches of {config.batch_size}, rate {words}; "
        f"{listed([found['seed'] for found in arms[0]['by_seed']])}."
    )
