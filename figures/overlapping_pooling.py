"""Section 3.4: pooling by overlapping windows against windows side by side.

Krizhevsky et al. 2012, section 3.4, with windows of z x z pixels, s pixels apart: "This
is what we use throughout our network, with s = 2 and z = 3. This scheme reduces the
top-1 and top-5 error rates by 0.4% and 0.3%, respectively, as compared with the
non-overlapping scheme s = 2, z = 2, which produces output of equivalent dimensions. We
generally observe during training that models with overlapping pooling find it slightly
more difficult to overfit."

The four-layer network (minialexnet/cifar_net.py) is trained with z = 3 and with z = 2
in all its three poolings, one of the maximum and two of the mean. Nothing else differs:
its maps measure 32, 16, 8 and 4 pixels either way, and both arms begin with the same
weights from a seed and see the same batches. The learning rate is the one that Figure
1's sweep chose for this network with ReLUs on CIFAR-10, a tenth of it in the last two
epochs; weights decay as in section 5, and there is no other regularisation.

Drawn are the training and the test error after each epoch, and both after the last one,
seed by seed. What is compared is the difference within a seed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from compare import drawing, frame, results, words
from compare.arms import Arm, base_of
from compare.experiment import compare
from minialexnet.files.records import Record
from minialexnet.pictures.style import caption, look, open_frame, write_figure
from minialexnet.runs.config import Config

NAME = "overlapping_pooling"
LEARNING_RATE = 0.003  # figures/results/figure_1_cifar10.jsonl, the choice for ReLU
WINDOWS = {"z3": 3, "z2": 2}
STYLES = {"z3": look(0), "z2": look(1)}
SPLITS = {"test": ("test", "-"), "train": ("training", "--")}  # in words, as a line
DEFAULTS: dict[str, Record] = {
    "shapes": {"seeds": 3, "epochs": 6, "batch_size": 32},
    "cifar10": {"seeds": 5, "epochs": 10, "batch_size": 128},
}


ARMS = [Arm(name, {"pooling": z}) for name, z in WINDOWS.items()]


def base(options: argparse.Namespace) -> Config:
    """Return what both networks share."""
    drop = max(options.epochs - 2, 1)
    return base_of(options, learning_rate=LEARNING_RATE, schedule=f"{drop}")


def measure(options: argparse.Namespace) -> None:
    """Train both networks from every seed."""
    compare(options, base(options), ARMS)


def difference(errors: dict[str, list[float]]) -> str:
    """Say by how many points overlap changes an error, within the seeds."""
    return f"z = 3 minus z = 2: {words.difference(errors['z3'], errors['z2'])}"


def sentence(records: list[Record]) -> str:
    """Say what the errors are after the last epoch, and how they differ."""
    test = results.paired(records, "test_error")
    train = results.paired(records, "train_error")
    epochs = results.last_epoch(records)
    lines = [f"After {epochs} epoch{'s' if epochs > 1 else ''}:"]
    for word, errors in (("Test", test), ("Training", train)):
        means = ", ".join(
            f"{100 * np.mean(errors[name]):.2f} % with z = {z}"
            for name, z in WINDOWS.items()
        )
        lines.append(f"{word} error {means}; {difference(errors)}.")
    gap = {
        name: [a - b for a, b in zip(test[name], train[name], strict=True)]
        for name in WINDOWS
    }
    lines.append(f"Test error less training error: {difference(gap)}.")
    return "\n".join(lines)


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the curves and the last errors as OUT/overlapping_pooling.png and .svg."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _draw_curves(left, records)
    _draw_pairs(right, records)
    open_frame(left, right)
    figure.suptitle("Pooling windows that overlap (z = 3) and do not (z = 2)")
    setups = results.setups(records)
    caption(figure, _words(records, setups[-1]), setups)
    return write_figure(figure, out / NAME)


def _draw_curves(axes: Any, records: list[Record]) -> None:
    """Draw the mean and the range of the seeds after each epoch."""
    errors = {split: results.curves(records, f"{split}_error") for split in SPLITS}
    for name, z in WINDOWS.items():
        for split, (word, line) in SPLITS.items():
            style, label = STYLES[name] | {"linestyle": line}, f"z = {z}, {word}"
            drawing.draw_curve(axes, 100 * errors[split][name], label, style)
    axes.set(xlabel="epochs", ylabel="error (%)", title="Mean and range of the seeds")
    axes.legend(frameon=False)


def _draw_pairs(axes: Any, records: list[Record]) -> None:
    """Draw the errors after the last epoch, those of a seed joined by a line."""
    ticks: dict[float, str] = {}
    for place, (split, (word, _)) in enumerate(SPLITS.items()):
        last = results.paired(records, f"{split}_error")
        x = [place - 0.2, place + 0.2]
        ticks |= dict(zip((*x, place), ("z = 3", "z = 2", f"\n{word}"), strict=True))
        errors = [last[name] for name in WINDOWS]
        drawing.draw_pairs(axes, x, errors, [STYLES[name] for name in WINDOWS])
        heights = [100 * error for arm in errors for error in arm]
        middle = max(heights) + 1.2 if place else min(heights) - 1.2
        drawing.say_change(axes, (place, middle), *errors)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="x", length=0)
    axes.set(xlim=(-0.5, 1.5), ylabel="error (%)", title="After the last epoch")


def _words(records: list[Record], setup: Record) -> str:
    """Say what was trained on what, and what is to be seen."""
    seeds = results.finished_seeds(records)
    full = setup["data"] == "cifar10" and setup["train_pictures"] == 50000
    quick = "" if full and len(seeds) > 2 else drawing.QUICK
    config = results.config_of(setup, "z3")
    return (
        f"{quick}Four-layer network, {drawing.trained_on(setup)}, rate "
        f"{config['learning_rate']}, a tenth of it after epoch {config['schedule']}, "
        f"decay {config['weight_decay']}; {drawing.listed(seeds)}, each a line on the "
        "right. Points are z = 3 minus z = 2, within the seeds, with their 95 % "
        "interval."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = frame.parser(__doc__, NAME, DEFAULTS).parse_args(arguments)
    return frame.command(NAME, options, measure, sentence, draw)


if __name__ == "__main__":
    sys.exit(main())
