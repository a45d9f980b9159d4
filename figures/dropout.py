"""Section 4.2: a network trained with dropout and without.

Krizhevsky et al. 2012, section 4.2: dropout "consists of setting to zero the output of
each hidden neuron with probability 0.5. [...] We use dropout in the first two
fully-connected layers of Figure 2. Without dropout, our network exhibits substantial
overfitting. Dropout roughly doubles the number of iterations required to converge."

A small network of AlexNet's kind, one convolution with pooling, two hidden dense layers
of 256 units and the output, is trained with dropout of 0.5 after both hidden dense
layers and without. Nothing else differs: both arms begin with the same weights from a
seed and see the same batches at the same learning rate, which stays as it is. There are
few training pictures, so that there is something to overfit, and no augmentation. The
errors and losses are measured with all units, as in testing, over the whole training
and test set after each epoch.

Drawn are the masks of the dropout layer in a tiny network, for three examples of a
batch, and the network of testing, where all units are there and their outputs are
halved; and below the errors and losses against epochs.
"""

from __future__ import annotations

import argparse
import math
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from compare import drawing, frame, results
from compare.arms import Arm, base_of
from compare.experiment import compare
from compare.numbers import epochs_to
from compare.results import curves
from compare.words import difference, plus_minus, times_as_many
from minialexnet.files.records import Record
from minialexnet.pictures.style import caption, look, open_frame, write_figure
from pieces.hidden_layers import build
from pieces.masks import draw_masks

NAME = "dropout"
TARGET = 0.25  # the training error whose epochs are compared
LEARNING_RATE = 0.01
PROBABILITIES = {"without": 0.0, "with": 0.5}
WORDS = {"without": "without dropout", "with": "with dropout"}
STYLES = {"without": look(1), "with": look(0)}
SPLITS = {"train": "training", "test": "test"}
LINES = {"train": "--", "test": "-"}
DEFAULTS: dict[str, Record] = {
    "shapes": {"seeds": 3, "epochs": 30, "batch_size": 64},
    "cifar10": {"seeds": 5, "epochs": 40, "batch_size": 64, "pictures": 5000},
}


def measure(options: argparse.Namespace) -> None:
    """Train both networks from every seed."""
    arms = [Arm(n, rebuild=partial(build, p=p)) for n, p in PROBABILITIES.items()]
    base = base_of(options, learning_rate=LEARNING_RATE)
    compare(options, base, arms, drop_probability=PROBABILITIES)


# From the records to the sentence and the picture


def ratio(epochs: dict[str, list[float]]) -> str:
    """Say how many times as many epochs dropout takes, seed by seed."""
    if not all(math.isfinite(n) for numbers in epochs.values() for n in numbers):
        return "no ratio, as not every run came there"
    pairs = zip(epochs["without"], epochs["with"], strict=True)
    return times_as_many([b / a for a, b in pairs])


def sentence(records: list[Record]) -> str:
    """Say what came of both arms, and how the paper's two claims fare."""
    last = results.last_epoch(records)
    lines = [f"After {last} epochs (mean and 95 % interval over seeds):"]
    for name, words in WORDS.items():
        parts = []
        for split, word in SPLITS.items():
            error = list(100 * curves(records, f"{split}_error")[name][:, -1])
            loss = list(curves(records, f"{split}_loss")[name][:, -1])
            parts.append(f"{word} error {plus_minus(error)} %, loss {plus_minus(loss)}")
        lines.append(f"{words}: {'; '.join(parts)}.")
    test = results.paired(records, "test_error")
    change = difference(test["with"], test["without"])
    lines.append(f"Dropout changes the test error by {change}.")
    train = curves(records, "train_error")
    reached = {name: [epochs_to(run, TARGET) for run in train[name]] for name in WORDS}
    lines.append(
        f"Epochs to {100 * TARGET:g} % training error: {_both(reached)}; "
        f"{ratio(reached)}."
    )
    losses = curves(records, "test_loss")
    best = {name: list(1.0 + losses[name].argmin(axis=1)) for name in WORDS}
    lines.append(f"Epochs to the lowest test loss: {_both(best)}; {ratio(best)}.")
    if last in best["with"]:
        lines[-1] += " It was still falling at the end, so that is a lower bound."
    return "\n".join(lines)


def _both(epochs: dict[str, list[float]]) -> str:
    """Write the mean epochs of both arms."""
    return ", ".join(
        f"{np.mean(epochs[name]):.1f} {words}"
        if np.isfinite(epochs[name]).all()
        else f"not reached from every seed {words}"
        for name, words in WORDS.items()
    )


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw masks and curves as OUT/dropout.png and .svg."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(7.2, 7), layout="constrained")
    above, below = figure.subfigures(2, height_ratios=(1, 1.5))
    draw_masks(above)
    panels = below.subplots(1, 2)
    for axes, what, unit in zip(panels, ("error", "loss"), (100, 1), strict=True):
        for name, words in WORDS.items():
            for split, line in LINES.items():
                values = unit * curves(records, f"{split}_{what}")[name]
                every = max(1, values.shape[1] // 8)
                style = STYLES[name] | {"linestyle": line, "markevery": every}
                drawing.draw_curve(
                    axes,
                    values,
                    f"{words}, {SPLITS[split]}",
                    style,
                    drawing.mean_and_interval,
                    alpha=0.2,
                )
        axes.set(xlabel="epochs", ylim=(0, None))
    open_frame(*panels)
    panels[0].axhline(100 * TARGET, color="0.3", linewidth=0.8)
    place = {"transform": panels[0].get_yaxis_transform(), "ha": "right"}
    panels[0].text(1, 100 * TARGET + 1, f"{100 * TARGET:.0f} %", **place)
    panels[0].set(ylabel="error (%)", title="error")
    panels[1].set(ylabel="loss (nats per example)", title="loss")
    below.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2
    )
    used = results.setups(records)
    seeds = results.finished_seeds(records)
    caption(figure, _words(used[-1], seeds), used)
    return write_figure(figure, out / NAME)


def _words(setup: Record, seeds: list[int]) -> str:
    """Say what was trained on what."""
    full = setup["data"] == "cifar10" and len(seeds) > 2
    rate = setup["base"]["learning_rate"]
    band = "bands are 95 % intervals" if len(seeds) > 1 else "one seed, no interval"
    return (
        f"{'' if full else drawing.QUICK}Above: masks of Dropout(0.5), seeds 0 and 1. "
        "Below: a convolution and two hidden layers of 256 units, trained on "
        f"{drawing.trained_on(setup, 'pictures')}, rate {rate}; measured with all "
        f"units; mean of {drawing.listed(seeds)}, {band}."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = frame.parser(__doc__, NAME, DEFAULTS)
    parser.set_defaults(convolution="im2col")  # the one convolution has a stride of 2
    return frame.command(NAME, parser.parse_args(arguments), measure, sentence, draw)


if __name__ == "__main__":
    sys.exit(main())
