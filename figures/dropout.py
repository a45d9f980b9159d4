"""Section 4.2: a network trained with dropout and without.

Krizhevsky et al. 2012, section 4.2: dropout "consists of setting to zero the output of
each hidden neuron with probability 0.5. [...] We use dropout in the first two
fully-connected layers of Figure 2. Without dropout, our network exhibits substantial
overfitting. Dropout roughly doubles the number of iterations required to converge."

A small network of AlexNet's kind, one convolution with pooling, two hidden dense layers
of 256 units and the output, is trained with dropout of 0.5 behind both hidden dense
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

import math
import sys
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import comparison
from comparison import DATA_NAMES, Record, curves, epochs_to
from minialexnet import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    MaxPooling2D,
    Normal,
    ReLU,
    Sequential,
)
from minialexnet.engine.arrays import Array
from minialexnet.layers import Layer
from minialexnet.pictures.style import COLOURS, caption, write_figure

NAME = "dropout"
TARGET = 0.25  # the training error whose epochs are compared
LEARNING_RATE = 0.01
OPTIMIZER = {"momentum": 0.9, "weight_decay": 0.0005}
PROBABILITIES = {"without": 0.0, "with": 0.5}
WORDS = {"without": "without dropout", "with": "with dropout"}
STYLES: dict[str, Record] = {
    "without": {"color": COLOURS[1], "marker": "s"},
    "with": {"color": COLOURS[0], "marker": "o"},
}
LINES = {"train": "--", "test": "-"}
DEFAULTS: dict[str, Record] = {
    "shapes": {"seeds": 3, "epochs": 30, "batch_size": 64},
    "cifar10": {"seeds": 5, "epochs": 40, "batch_size": 64, "pictures": 5000},
}


class Scaled(Layer):
    """Pixels minus their mean, up to about 128 in size, in units of 64."""

    kind = "scaled"

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return x / 64."""
        self._y_shape = x.shape
        return x / np.float32(64)

    def backward(self, dy: Array) -> Array:
        """Return dx = dy / 64."""
        return dy / np.float32(64)


def build(
    network: Sequential, seed: int, p: float, kernels: int = 16, units: int = 256
) -> Sequential:
    """Return the network with dropout of probability p, in place of another.

    Weights begin as N(0, 2 / D), D a neuron's inputs, so that activities neither fade
    nor grow from layer to layer, and those of the output as the paper's N(0, 0.01^2).
    """
    rng = np.random.default_rng(seed)

    def dense(inputs: int, outputs: int) -> FullyConnected:
        sigma = 0.01 if outputs == 10 else math.sqrt(2 / inputs)
        return FullyConnected(inputs, outputs, weight=Normal(sigma), seed=rng)

    convolution = Convolution2D(
        *(3, kernels),
        kernel_size=5,
        stride=2,
        padding=2,
        weight=Normal(math.sqrt(2 / 75)),
        seed=rng,
    )
    front = [Scaled(), convolution, ReLU(), MaxPooling2D(3, 2, ceil_mode=True)]
    hidden: list[Layer] = []
    for layer, inputs in enumerate((kernels * 8 * 8, units)):
        dropout = Dropout(p, seed=2 * seed + layer)
        hidden += [dense(inputs, units), ReLU(), dropout]
    return Sequential([*front, Flatten(), *hidden, dense(units, 10)])


def measure(options: Any) -> None:
    """Train both networks from every seed."""
    arms = [
        comparison.Arm(
            name,
            {"model": "cifar"},
            LEARNING_RATE,
            OPTIMIZER,
            change=partial(build, p=p),
        )
        for name, p in PROBABILITIES.items()
    ]
    described = {
        "drop_probability": PROBABILITIES,
        "learning_rate": LEARNING_RATE,
        "optimizer": OPTIMIZER,
    }
    runs = [comparison.Run(arm, n) for n in range(options.seeds) for arm in arms]
    with comparison.workers(options, described, len(runs)) as pool:
        pool.train("runs", runs, options.epochs)


# From the records to the sentence and the picture


def ratio(without: Sequence[float], others: Sequence[float]) -> str:
    """Say how many times as many epochs dropout takes, seed by seed."""
    if not all(map(math.isfinite, [*without, *others])):
        return "no ratio, as not every run came there"
    ratios = [b / a for a, b in zip(without, others, strict=True)]
    mid, low, high = comparison.geometric_interval(ratios)
    words = f"{mid:.1f} times as many"
    if math.isnan(low):
        return f"{words} (one seed, so no interval)"
    return (
        f"{words} (95 % interval {low:.1f} to {high:.1f}, {len(ratios)} seeds, paired)"
    )


def mean_and_half(values: Sequence[float], form: str = ".2f") -> str:
    """Write a mean and the half-width of its interval."""
    mean, half = comparison.interval(values)
    return f"{mean:{form}}" + ("" if math.isnan(half) else f" ± {half:{form}}")


def sentence(records: list[Record]) -> str:
    """Say what came of both arms, and how the paper's two claims fare."""
    last = comparison.epochs(records)
    lines = [f"After {last} epochs (mean and 95 % interval over seeds):"]
    for name, words in WORDS.items():
        parts = []
        for split, word in (("train", "training"), ("test", "test")):
            error = list(100 * curves(records, f"{split}_error")[name][:, -1])
            loss = list(curves(records, f"{split}_loss")[name][:, -1])
            parts.append(
                f"{word} error {mean_and_half(error)} %, loss {mean_and_half(loss)}"
            )
        lines.append(f"{words}: {'; '.join(parts)}.")
    test = curves(records, "test_error")
    change = 100 * (test["with"] - test["without"])[:, -1]
    mean, half = comparison.interval(list(change))
    difference = f"{mean:+.2f} points"
    if not math.isnan(half):
        difference += f" (95 % interval {mean - half:+.2f} to {mean + half:+.2f})"
        difference += ", inside the noise" if abs(mean) <= half else ""
    lines.append(f"Dropout changes the test error by {difference}.")
    train = curves(records, "train_error")
    reached = {name: [epochs_to(run, TARGET) for run in train[name]] for name in WORDS}
    lines.append(
        f"Epochs to {100 * TARGET:g} % training error: {_both(reached)}; "
        f"{ratio(reached['without'], reached['with'])}."
    )
    losses = curves(records, "test_loss")
    best = {name: list(1.0 + losses[name].argmin(axis=1)) for name in WORDS}
    lines.append(
        f"Epochs to the lowest test loss: {_both(best)}; "
        f"{ratio(best['without'], best['with'])}."
    )
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
                _curve(axes, values, STYLES[name] | {"linestyle": line}, words, split)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set(xlabel="epochs", ylim=(0, None))
    panels[0].set(ylabel="error (%)", title="error")
    panels[1].set(ylabel="loss (nats per example)", title="loss")
    below.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2
    )
    used = comparison.setups(records)
    seeds = comparison.finished_seeds(records)
    caption(figure, _words(used[-1], seeds), used)
    return write_figure(figure, out / NAME)


def _curve(axes: Any, values: Any, style: Record, words: str, split: str) -> None:
    """Draw the mean over seeds, (seeds, epochs), and its 95 % interval."""
    intervals = np.array([comparison.interval(list(column)) for column in values.T])
    mean, half = intervals.T
    epochs = np.arange(1, len(mean) + 1)
    word = {"train": "training", "test": "test"}[split]
    every = max(1, len(mean) // 8)
    axes.plot(
        epochs, mean, label=f"{words}, {word}", markevery=every, markersize=4, **style
    )
    if len(values) > 1:
        low, high = mean - half, mean + half
        axes.fill_between(epochs, low, high, color=style["color"], alpha=0.2, lw=0)


def draw_masks(figure: Any, units: tuple[int, ...] = (4, 6, 6, 3)) -> None:
    """Draw a tiny network as it is for three examples in training, and in testing."""
    layers = [Dropout(0.5, seed=seed) for seed in (0, 1)]
    masks = [
        layer.forward(np.ones((3, count)), train=True)
        for layer, count in zip(layers, units[1:3], strict=True)
    ]
    titles = [f"training, example {n}" for n in (1, 2, 3)] + ["testing: all, halved"]
    for number, axes in enumerate(figure.subplots(1, 4)):
        tested = number == 3
        hidden = [np.full(m[0].shape, 0.5) if tested else m[number] for m in masks]
        outputs = [np.ones(units[0]), *hidden, np.ones(units[3])]
        _draw_network(axes, outputs)
        axes.set_title(titles[number], fontsize=10)


def _draw_network(axes: Any, outputs: Sequence[Any]) -> None:
    """Draw units in columns, struck out where what leaves them is 0."""
    places = [np.arange(len(column)) - (len(column) - 1) / 2 for column in outputs]
    for x, (left, right) in enumerate(pairwise(outputs)):
        for i, j in np.ndindex(len(left), len(right)):
            if left[i] and right[j]:
                ends = (places[x][i], places[x + 1][j])
                axes.plot((x, x + 1), ends, color="0.6", linewidth=0.5, zorder=0)
    for x, column in enumerate(outputs):
        for y, output in zip(places[x], column, strict=True):
            face = {0: "white", 0.5: COLOURS[4], 1: COLOURS[0]}[float(output)]
            edge = "0.5" if output == 0 else "black"
            axes.plot(x, y, "o", markersize=9, color=face, markeredgecolor=edge)
            if output == 0:
                axes.plot(x, y, "x", markersize=7, color="0.4")
            elif output == 0.5:
                axes.text(x, y, "½", ha="center", va="center", fontsize=7)
    axes.set(xlim=(-0.3, len(outputs) - 0.7), ylim=(-3, 3))
    axes.axis("off")


def _words(setup: Record, seeds: list[int]) -> str:
    """Say what was trained on what."""
    quick = "" if setup["data"] == "cifar10" and len(seeds) > 2 else "QUICK RUN. "
    band = "bands are 95 % intervals" if len(seeds) > 1 else "one seed, no interval"
    return (
        f"{quick}Above: masks of Dropout(0.5), seeds 0 and 1. Below: a convolution and "
        "two hidden layers of 256 units, trained on "
        f"{setup['train_pictures']:,} pictures of {DATA_NAMES[setup['data']]}, "
        f"batches of {setup['batch_size']}, rate "
        f"{setup['learning_rate']}; measured with all units; mean of seeds "
        f"{', '.join(map(str, seeds))}, {band}."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = comparison.parser(__doc__, NAME, DEFAULTS)
    parser.set_defaults(convolution="im2col")  # the one convolution has a stride of 2
    return comparison.command(
        NAME, parser.parse_args(arguments), measure, sentence, draw
    )


if __name__ == "__main__":
    sys.exit(main())
