"""The picture of one claim: its arms' curves, and what was measured seed by seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compare.drawing import DATA_NAMES, QUICK, draw_curve, listed
from minialexnet.files.records import Record
from minialexnet.pictures.style import caption, look, open_frame, write_figure

from .claim import Claim, Variant
from .measures import RATIOS
from .pictures import curves
from .store import Store
from .verdicts import bound_of

UNITS = {
    "test_error": "top-1 test error (%)",
    "train_error": "training error (%)",
    "shifted_error": "top-1 test error under other light (%)",
    "epochs_to": "epochs to {:.0%} training error",
    "steps_to": "steps to a loss {:g} below chance",
}
SPLITS = {"test": ("test", "-"), "train": ("training", "--")}  # in words, as a line
BASE = "the base"


def draw_claim(
    claim: Claim, line: Record, store: Store, folder: Path, quick: bool
) -> list[Path]:
    """Draw a claim that is judged, and those of its arms that are, as FOLDER/ID.png.

    And as .svg. What is computed from the base's own networks has no arms, and no
    picture.
    """
    from matplotlib.figure import Figure

    if line["here"] is None or claim.measure not in UNITS:
        return []
    every = (line, *line.get("other_arms", ()))
    arms = {arm["arm"]: arm for arm in every if "by_seed" in arm}
    shown = [claim.base, *(one for one in claim.arms if one.name in arms)]
    drawn = {}
    for split in SPLITS:
        found = curves(claim, store, f"{split}_error")
        if all(one.name in found for one in shown):
            drawn[split] = [found[one.name] for one in shown]
    height = 1 + 1.1 * len(arms)
    figure = Figure(
        figsize=(7.2, 1.2 + max(2.6 if drawn else 0, height)), layout="constrained"
    )
    panels = figure.subplots(1, 1 + bool(drawn), squeeze=False)[0]
    draw_seeds(panels[-1], claim, list(arms.values()))
    if drawn:
        draw_errors(panels[0], drawn, [BASE, *arms])
    section = claim.entry["section"]
    where = f"Section {section}: " if section[:1].isdigit() else ""
    figure.suptitle(where + claim.entry["claim"])
    text = f"{words_of(claim, line, bool(drawn))} {setup_of(claim, shown, store, arms)}"
    caption(figure, (QUICK if quick else "") + text, line["recorded"])
    return write_figure(figure, folder / claim.id)


def draw_errors(axes: Any, drawn: dict[str, list[Any]], names: list[str]) -> None:
    """Draw the errors of the base and of each arm after each epoch."""
    for split, found in drawn.items():
        word, stroke = SPLITS[split]
        for number, (name, errors) in enumerate(zip(names, found, strict=True)):
            every = max(1, errors.shape[1] // 8)
            style = look(number) | {"linestyle": stroke, "markevery": every}
            draw_curve(axes, 100 * errors, f"{name}, {word}", style)
    axes.set(xlabel="epochs", ylabel="error (%)")
    axes.legend(frameon=False, fontsize=8)
    open_frame(axes)


def draw_seeds(axes: Any, claim: Claim, arms: list[Record]) -> None:
    """Draw two rows an arm: the base's numbers, the arm's, those of a seed joined."""
    unit = 1 if claim.measure in RATIOS else 100
    for number, arm in enumerate(arms):
        rows = (3 * number, 3 * number + 1)
        both = [
            [unit * found[name][claim.measure] for found in arm["by_seed"]]
            for name in ("base", "arm")
        ]
        axes.plot(both, rows, color="0.6", linewidth=0.8, zorder=1)
        for numbers, row, place in zip(both, rows, (0, number + 1), strict=True):
            style = look(place) | {"linestyle": "none", "markersize": 5}
            axes.plot(numbers, [row] * len(numbers), **style)
        axes.annotate(
            change_of(arm, claim.measure),
            (0.5, rows[1]),
            xycoords=axes.get_yaxis_transform(),
            xytext=(0, -9),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
        )
    ticks = [row for number in range(len(arms)) for row in (3 * number, 3 * number + 1)]
    axes.set_yticks(ticks, [name for arm in arms for name in (BASE, arm["arm"])])
    axes.set_ylim(3 * len(arms) - 1, -0.6)
    goal = claim.entry.get("target") or claim.goal.below_chance
    axes.set_xlabel(UNITS[claim.measure].format(goal))
    if claim.measure in RATIOS:
        axes.set_xlim(0, None)
    open_frame(axes)


def change_of(arm: Record, measure: str) -> str:
    """Say what an arm's numbers are beside the base's, in a line.

    Examples
    --------
    >>> change_of({"here": 1.5, "low": 0.5, "high": 2.5}, "test_error")
    '+1.50 points (+0.50 to +2.50)'
    >>> change_of({"here": 2.0, "low": 1.5, "high": 2.7}, "steps_to")
    '2.00 times as long (1.50 to 2.70)'
    """
    form, what = (".2f", "times as long") if measure in RATIOS else ("+.2f", "points")
    words = f"{arm['here']:{form}} {what}"
    if arm.get("low") is not None:
        words += f" ({arm['low']:{form}} to {arm['high']:{form}})"
    return words.replace("-", "\N{MINUS SIGN}")


def words_of(claim: Claim, line: Record, with_curves: bool) -> str:
    """Say how the picture is to be read."""
    left = "On the left the mean and the range of the seeds. " if with_curves else ""
    mean = (
        "ratios are geometric means"
        if claim.measure in RATIOS
        else "differences are means"
    )
    return (
        f"{left}The numbers of a seed are joined; {mean} over the seeds, with their "
        f"95 % intervals{bound_of(line)}."
    )


def setup_of(
    claim: Claim, shown: list[Variant], store: Store, arms: dict[str, Record]
) -> str:
    """Say what was trained on what, from which seeds, at which rates."""
    names = [BASE, *arms]
    runs = [store.runs(claim, variant)[0] for variant in shown]
    setups = [store.lines(run)[0] for run in runs]

    def each(values: list[str]) -> str:
        if len(set(values)) == 1:
            return values[0]
        pairs = zip(values, names, strict=True)
        return ", ".join(f"{value} ({name})" for value, name in pairs)

    config, seeds = (
        claim.config,
        {f["seed"] for a in arms.values() for f in a["by_seed"]},
    )
    network = "the four-layer network"
    if config.model == "alexnet":
        network = f"AlexNet in profile {config.profile}, width {config.width:g}"
    pictures = each([f"{s['train_pictures']:,}" for s in setups])
    return (
        f"The base is {network}; training pictures of {DATA_NAMES[config.data]}: "
        f"{pictures}; classes: {each([str(s['classes']) for s in setups])}; "
        f"batches of {each([str(run.config.batch_size) for run in runs])}; "
        f"rate {each([f'{run.config.learning_rate:g}' for run in runs])}; "
        f"{listed(sorted(seeds))}."
    )
