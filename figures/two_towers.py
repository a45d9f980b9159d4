"""Section 3.2: two towers against one of half the kernels.

Krizhevsky et al. 2012, section 3.2: "This scheme reduces our top-1 and top-5 error
rates by 1.7% and 1.2%, respectively, as compared with a net with half as many kernels
in each convolutional layer trained on one GPU." The footnote there: conv5 and the dense
layers are not halved, so that the two have about as many parameters.

Both networks are the 2012 code's at a quarter of the width (`minialexnet.alexnet`,
towers=2 and towers=1), trained as in section 5, at a tenth of the rate in the last two
epochs, without augmentation. From a seed both see the same batches, so they are
compared seed by seed; they do not begin with the same weights, as their layers differ
in size. This measures what twice the kernels are worth, as the paper's comparison does.
It does not say what the split itself costs: for that, the two towers would be compared
with a single tower of as many kernels as both.

Drawn are the test error after each epoch, and top-1 and top-5 after the last one, seed
by seed. Recorded besides, for the lesson on two devices, is how much of each kernel of
conv1 is colour: section 6.1 says that one GPU's become "largely color-agnostic" and the
other's "largely color-specific", in every run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from compare import drawing, frame, results, words
from compare.arms import Arm, base_of, run_of
from compare.experiment import compare
from minialexnet.commands import positive
from minialexnet.files.records import Record, read_lines, write_lines
from minialexnet.model import load
from minialexnet.pictures.kernels import colour_shares
from minialexnet.pictures.style import caption, look, open_frame, write_figure
from minialexnet.runs.config import Config

NAME = "two_towers"
WIDTH = 0.25
LEARNING_RATE = 0.01
TOWERS = {"two": 2, "half": 1}
WORDS = {"two": "two towers", "half": "half the kernels"}
STYLES: dict[str, Record] = {
    "two": look(0) | {"linestyle": "-"},
    "half": look(1) | {"linestyle": "--"},
}
MEASURES = {"test_error": "top-1", "test_top5_error": "top-5"}
PAPER = {"test_error": -1.7, "test_top5_error": -1.2}  # points, section 3.2
DEFAULTS: dict[str, Record] = {
    "shapes": {"seeds": 3, "epochs": 16, "batch_size": 32, "classes": None},
    "tiny-imagenet": {"seeds": 5, "epochs": 14, "batch_size": 32, "classes": 20},
}
FULL = (20, 10_000, 5)  # classes, pictures and seeds of the measurement, at the least


ARMS = [Arm(name, {"towers": towers}) for name, towers in TOWERS.items()]


def base(options: argparse.Namespace) -> Config:
    """Return what both networks share."""
    return base_of(
        options,
        model="alexnet",
        profile="2012",
        width=WIDTH,
        # Of the shapes' 32 pixels every one is needed.
        input_size=32 if options.data == "shapes" else None,
        learning_rate=LEARNING_RATE,
        schedule=f"{options.epochs - 2}" if options.epochs > 2 else "constant",
    )


def measure(options: argparse.Namespace) -> None:
    """Train both networks from every seed, and look at the kernels of conv1."""
    if options.data == "shapes" and options.classes is not None:
        raise ValueError("--classes: expected none with shapes, which has its ten")
    compare(options, base(options), ARMS, splits=("test",))
    path = options.out / "results.jsonl"
    records = [r for r in read_lines(path) if r["kind"] != "kernels"]
    every = [(arm, seed) for arm in ARMS for seed in range(options.seeds)]
    for run in (run_of(base(options), arm, seed) for arm, seed in every):
        network = load(options.out / "runs" / f"{run}.npz").network
        shares = colour_shares(network.parameters()["conv1.W"])
        records.append(
            {"kind": "kernels", **run.labels, "colour": shares.round(4).tolist()}
        )
    write_lines(path, records)


def difference(records: list[Record], key: str) -> str:
    """Say by how many points two towers change an error, within the seeds."""
    errors = results.paired(records, key)
    apart = words.difference(errors["two"], errors["half"])
    return f"two towers minus half the kernels: {apart}"


def sentence(records: list[Record]) -> str:
    """Say what the errors are after the last epoch, and how they differ."""
    lines = [f"After {results.last_epoch(records)} epochs:"]
    for key, word in MEASURES.items():
        errors = results.paired(records, key)
        means = ", ".join(
            f"{100 * np.mean(errors[name]):.2f} % with {WORDS[name]}" for name in TOWERS
        )
        lines.append(
            f"Test {word} error {means}; {difference(records, key)}; the paper, on "
            f"ImageNet: {PAPER[key]:+.1f}."
        )
    return "\n".join(lines)


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the curves and the last errors as OUT/two_towers.png and .svg."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    errors = results.curves(records, "test_error")
    for name in TOWERS:
        drawing.draw_curve(left, 100 * errors[name], WORDS[name], STYLES[name])
    left.set(
        xlabel="epochs",
        ylabel="top-1 test error (%)",
        title="mean and range of the seeds",
    )
    left.legend(frameon=False)
    places = [0.0, 1.0]
    for place, (key, word) in zip(places, MEASURES.items(), strict=True):
        last = results.paired(records, key)
        x = [place - 0.2, place + 0.2]
        both = [last[name] for name in TOWERS]
        drawing.draw_pairs(right, x, both, [STYLES[name] for name in TOWERS])
        lowest = 100 * min(map(min, both))
        drawing.say_change(right, (place, lowest - 7), *both)
        how = {"ha": "center", "transform": right.get_xaxis_transform()}
        right.text(place, 0.97, word, **how)
    highest = right.get_ylim()[1]
    right.set(
        xticks=[place + d for place in places for d in (-0.2, 0.2)],
        xticklabels=["two", "half"] * 2,
        xlim=(-0.5, 1.5),
        ylim=(0, 1.12 * highest),  # room for the words
        ylabel="test error (%)",
        title="after the last epoch",
    )
    open_frame(left, right)
    figure.suptitle("Two towers, and one of half the kernels")
    used = results.setups(records)
    caption(figure, _words(used[-1], results.finished_seeds(records)), used)
    return write_figure(figure, out / NAME)


def is_full(setup: Record, seeds: list[int]) -> bool:
    """Say whether these runs are the measurement, or a quick look at it."""
    asked = (setup["classes"], setup["train_pictures"], len(seeds))
    enough = all(have >= least for have, least in zip(asked, FULL, strict=True))
    return setup["data"] == "tiny-imagenet" and enough


def _words(setup: Record, seeds: list[int]) -> str:
    """Say what was trained on what."""
    part = ""
    if setup["data"] == "tiny-imagenet":
        part = f" (its first {setup['classes']} classes)"
    return (
        f"{'' if is_full(setup, seeds) else drawing.QUICK}The 2012 network at a "
        f"quarter of its width, {drawing.trained_on(setup, part=part)}, rate "
        f"{LEARNING_RATE} and a tenth of it in the last two epochs; "
        f"{drawing.listed(seeds)}, each a grey line on the right. Points are two "
        "towers minus half the kernels, within the seeds, with their 95 % interval."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = frame.parser(__doc__, NAME, DEFAULTS)
    parser.add_argument(
        "--classes",
        type=positive,
        metavar="N",
        help="train on the first N classes of Tiny ImageNet (default: 20)",
    )
    return frame.command(NAME, parser.parse_args(arguments), measure, sentence, draw)


if __name__ == "__main__":
    sys.exit(main())
