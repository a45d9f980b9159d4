"""Figure 1: training error against epochs, ReLU against tanh and sigmoid.

Krizhevsky et al. 2012, section 3.1: a four-layer convolutional network with ReLUs
reaches a 25 % training error on CIFAR-10 six times faster than the same network with
tanh neurons. "The learning rates for each network were chosen independently to make
training as fast as possible. No regularization of any kind was employed."

First every activation is trained for a few epochs at each of several learning rates,
from the first seed; where the best rate is the smallest or largest tried, the next one
on that side is tried too. Then the best rate is trained from every seed until the
training error, measured over the whole training set at the end of each epoch, is 25 %
or the epochs are used up. The first seed's run goes on from where the sweep left it.

Each run trains in a process of its own, with its checkpoint under OUT/runs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from compare import frame
from compare.arms import Arm, base_of, run_of
from compare.drawing import DATA_NAMES, trained_on
from compare.experiment import experiment
from compare.results import setups
from compare.sweep import FIRST_RATES, Chosen, chosen, sweep
from minialexnet.cifar_net import ACTIVATIONS
from minialexnet.commands import positive
from minialexnet.files.records import Record
from minialexnet.pictures.style import COLOURS, caption, open_frame, write_figure
from pieces.speedup import LABELS, TARGET, WORDS, draw_factor, sentence

NAME = "figure_1"
# shapes is a quick look within two minutes, cifar10 the measurement.
DEFAULTS: dict[str, Record] = {
    "shapes": {"seeds": 1, "epochs": 60, "sweep_epochs": 2, "batch_size": 32},
    "cifar10": {"seeds": 3, "epochs": 60, "sweep_epochs": 3, "batch_size": 128},
}
DEFAULTS["shapes"]["activations"] = ["relu", "tanh"]
DEFAULTS["cifar10"]["activations"] = list(ACTIVATIONS)
# The paper's solid and dashed lines.
STYLES = {
    name: {"color": colour, "linestyle": line}
    for name, colour, line in zip(WORDS, COLOURS, ("-", "--", ":"), strict=False)
}


def arm_of(activation: str, learning_rate: float) -> Arm:
    """Return how an activation is trained at a rate."""
    changes = {"activation": activation, "learning_rate": learning_rate}
    name = f"{activation}-{learning_rate:g}"
    return Arm(name, changes, target=TARGET, labels=changes)


def measure(options: argparse.Namespace) -> None:
    """Choose the rates and train the final runs, or go on with that."""
    names, until = options.activations, options.sweep_epochs
    base = base_of(options, weight_decay=0.0)  # no regularisation of any kind
    most = len(names) * max(len(FIRST_RATES), options.seeds)
    described = {"activations": names}
    with experiment(options, base, described, most, ("train",), LABELS) as workers:
        best = sweep(workers, base, names, arm_of, until, LABELS[0])
        runs = [
            run_of(base, arm_of(name, best[name]), seed)
            for name in names
            for seed in range(options.seeds)
        ]
        workers.train("final runs", runs, options.epochs)


# From the records to the picture


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the figure as OUT/figure_1.png and OUT/figure_1.svg."""
    from matplotlib.figure import Figure

    found = chosen(records, LABELS[0])
    figure = Figure(figsize=(7.2, 5.4), layout="constrained")
    axes: Any = figure.subplots()
    longest = max([1, *(_draw_runs(axes, arm) for arm in found)])
    axes.axhline(100 * TARGET, color="0.4", linewidth=0.8)
    place = {"transform": axes.get_yaxis_transform(), "va": "center"}
    axes.text(1.01, 100 * TARGET, f"{100 * TARGET:.0f} %", color="0.3", **place)
    draw_factor(axes, found)
    axes.set(xlabel="epochs", ylabel="training error (%)")
    axes.set(xlim=(0, longest * 1.02), ylim=(0, 100))
    open_frame(axes)
    axes.legend(frameon=False, loc="upper right")
    seeds = max(len(arm.histories) for arm in found)
    drawn = [entry for arm in found for h in arm.histories.values() for entry in h]
    used = setups([record for record in records if record["kind"] == "setup"] + drawn)
    setup = used[-1]
    quick = "" if is_full(setup, found) else "QUICK RUN, not the full measurement. "
    title = f"Figure 1 redrawn on {DATA_NAMES[setup['data']]}"
    axes.set_title(title + " (quick run)" * bool(quick), loc="left")
    caption(
        figure,
        f"{quick}Four-layer network, {trained_on(setup)}; {seeds} "
        f"seed{'s' if seeds > 1 else ''} each, every seed a line. The error is over "
        "the whole training set at the end of each epoch. Each activation has the best "
        f"of at least {len(FIRST_RATES)} learning rates.",
        used,
    )
    return write_figure(figure, out / NAME)


def _draw_runs(axes: Any, arm: Chosen) -> int:
    """Draw an activation's runs; return how many epochs the longest has."""
    longest, style = 0, STYLES[arm.name]
    label: str | None = f"{WORDS[arm.name]}, rate {arm.learning_rate:g}"
    for history in arm.histories.values():
        points = [
            (e["epoch"], 100 * e["train_error"]) for e in history if "train_error" in e
        ]
        if points:
            longest = max(longest, len(points))
            axes.plot(*zip(*points, strict=True), linewidth=1.6, label=label, **style)
            axes.plot(*points[-1], "o", color=style["color"], markersize=4)
            label = None
    return longest


def is_full(setup: Record, found: list[Chosen]) -> bool:
    """Say whether these runs are the measurement, or a quick look at it."""
    everything = setup["data"] == "cifar10" and setup["train_pictures"] == 50000
    return everything and all(len(arm.histories) >= 3 for arm in found)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = frame.parser(__doc__, NAME, DEFAULTS)
    parser.add_argument(
        "--activations",
        nargs="+",
        choices=list(ACTIVATIONS),
        help="default: relu tanh on shapes, and sigmoid too on cifar10",
    )
    parser.add_argument(
        "--sweep-epochs",
        type=positive,
        help="epochs at each learning rate before one is chosen (default: 2 on shapes, "
        "3 on cifar10)",
    )
    options = parser.parse_args(arguments)
    return frame.command(NAME, options, measure, sentence, draw)


if __name__ == "__main__":
    sys.exit(main())
