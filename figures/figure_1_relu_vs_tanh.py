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
import statistics
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import comparison
from comparison import DATA_NAMES, History, Record, Run, Workers
from minialexnet.cifar_net import ACTIVATIONS
from minialexnet.commands import positive
from minialexnet.pictures.style import caption, write_figure

TARGET = 0.25
# The rates that a sweep can choose from, and those that it begins with.
LADDER = tuple(m * 10.0**e for e in range(-5, 1) for m in (1, 3))
FIRST_RATES = (0.001, 0.003, 0.01)
# shapes is a quick look within two minutes, cifar10 the measurement.
DEFAULTS: dict[str, Record] = {
    "shapes": {
        "activations": ["relu", "tanh"],
        "seeds": 1,
        "epochs": 60,
        "sweep_epochs": 2,
        "batch_size": 32,
    },
    "cifar10": {
        "activations": list(ACTIVATIONS),
        "seeds": 3,
        "epochs": 60,
        "sweep_epochs": 3,
        "batch_size": 128,
    },
}
NAMES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
# Okabe and Ito's colours; the paper's solid and dashed lines.
STYLES = {
    "relu": ("#0072B2", "-"),
    "tanh": ("#D55E00", "--"),
    "sigmoid": ("#009E73", ":"),
}

# What a run is called in the records.
LABELS = ("activation", "learning_rate", "seed")


def arm_of(activation: str, learning_rate: float, convolution: str) -> comparison.Arm:
    """Return how an activation is trained at a rate."""
    return comparison.Arm(
        f"{activation}-{learning_rate:g}",
        {"model": "cifar", "activation": activation, "convolution": convolution},
        learning_rate,
        {"momentum": 0.9, "weight_decay": 0, "rate_factors": {"b": 2}},
        target=TARGET,
        labels={"activation": activation, "learning_rate": learning_rate},
    )


def epochs_to_target(history: History) -> float:
    """Return after how many epochs the training error came down to the target."""
    return comparison.epochs_to(
        [entry.get("train_error", float("inf")) for entry in history], TARGET
    )


def sweep(
    workers: Workers, activations: list[str], convolution: str, until: int
) -> dict[str, float]:
    """Return the learning rate at which each activation trains fastest.

    Fastest is: at the target after the fewest epochs, or else with the lowest training
    error, or else with the lowest loss, after `until` epochs from the first seed.
    """
    seed = 0

    def rank(activation: str, rate: float) -> tuple[float, float, float]:
        history = workers.histories[activation, rate, seed][:until]
        last = history[-1]
        return (
            epochs_to_target(history),
            last.get("train_error", float("inf")),
            last.get("train_loss", float("inf")),
        )

    tried = {activation: list(FIRST_RATES) for activation in activations}
    best: dict[str, float] = {}
    widened = True
    while widened:
        runs = [
            Run(arm_of(activation, rate, convolution), seed)
            for activation, rates in tried.items()
            for rate in rates
        ]
        workers.train("learning rates", runs, until)
        widened = False
        for activation, rates in tried.items():
            best[activation] = min(rates, key=partial(rank, activation))
            place = LADDER.index(best[activation])
            if best[activation] == rates[0] and place > 0:
                rates.insert(0, LADDER[place - 1])
                widened = True
            elif best[activation] == rates[-1] and place < len(LADDER) - 1:
                rates.append(LADDER[place + 1])
                widened = True
    workers.notes = [c for c in workers.notes if c["activation"] not in activations]
    workers.notes += [
        {
            "kind": "choice",
            "activation": activation,
            "learning_rate": best[activation],
            "tried": tried[activation],
            "sweep_epochs": until,
            "sweep_seed": seed,
        }
        for activation in activations
    ]
    return best


# From the records to the sentence and the picture


@dataclass(frozen=True)
class FinalRuns:
    """An activation's final runs."""

    activation: str
    learning_rate: float
    histories: dict[int, History]  # by seed

    @property
    def epochs(self) -> dict[int, float]:
        """Epochs to the target by seed; infinite where it was not reached."""
        return {seed: epochs_to_target(h) for seed, h in self.histories.items()}

    def seconds(self, seed: int) -> float:
        """Return the processor seconds of training, measuring left out, to the target.

        Of the processor, as runs go side by side, and machines do other things too.
        """
        history = self.histories[seed]
        whole = sum(entry["cpu_seconds"] for entry in history)
        return float(whole * min(1.0, self.epochs[seed] / len(history)))


def arms(records: list[Record]) -> list[FinalRuns]:
    """Return the final runs that the records hold, by activation."""
    found = []
    for choice in (r for r in records if r["kind"] == "choice"):
        histories: dict[int, History] = {}
        for record in records:
            if record["kind"] == "epoch" and all(
                record[key] == choice[key] for key in ("activation", "learning_rate")
            ):
                histories.setdefault(record["seed"], []).append(record)
        found.append(
            FinalRuns(choice["activation"], choice["learning_rate"], histories)
        )
    return found


def interval(values: list[float]) -> tuple[float, float, float] | None:
    """Return the geometric mean of ratios and its 95 % interval, if there are two."""
    if len(values) < 2:
        return None
    return comparison.geometric_interval(values)


def sentence(records: list[Record]) -> str:
    """Say in words how long each activation took, and the ratios to ReLU."""
    found = {arm.activation: arm for arm in arms(records)}
    if not found:
        raise ValueError("no learning rate was chosen yet: the sweep is not finished")
    lines = []
    for arm in found.values():
        name = NAMES[arm.activation]
        there = [seed for seed, epochs in arm.epochs.items() if np.isfinite(epochs)]
        if there:
            epochs = statistics.mean(arm.epochs[seed] for seed in there)
            seconds = statistics.mean(arm.seconds(seed) for seed in there)
            words = f"{epochs:.1f} epochs, {seconds:.0f} processor seconds"
            if len(there) < len(arm.epochs):
                words += f" (from {len(there)} of {len(arm.epochs)} seeds)"
        else:
            most = max(len(history) for history in arm.histories.values())
            diverged = any("diverged" in h[-1] for h in arm.histories.values())
            words = f"not reached in {most} epochs" + (" (diverged)" * diverged)
        lines.append(f"{name}: {words}")
    text = f"To {TARGET:.0%} training error: " + "; ".join(lines) + "."
    for activation in ("tanh", "sigmoid"):
        if "relu" in found and activation in found:
            text += " " + _ratio(found["relu"], found[activation])
    return text


def _ratio(relu: FinalRuns, other: FinalRuns) -> str:
    """Say how many times as many epochs as ReLU another activation took."""
    name = NAMES[other.activation]
    seeds = sorted(relu.histories.keys() & other.histories.keys())
    if not seeds or not all(np.isfinite(relu.epochs[seed]) for seed in seeds):
        return f"No ratio of {name} to ReLU: ReLU did not get there from every seed."
    # Where the other is not there yet, the epochs that it had are a lower bound.
    ratios = [
        min(other.epochs[seed], len(other.histories[seed])) / relu.epochs[seed]
        for seed in seeds
    ]
    if not all(np.isfinite(other.epochs[seed]) for seed in seeds):
        return f"{name} took at least {min(ratios):.1f} times as many epochs as ReLU."
    found = interval(ratios)
    if found is None:
        return (
            f"{name} took {ratios[0]:.1f} times as many epochs as ReLU "
            "(one seed, so no interval)."
        )
    mid, low, high = found
    return (
        f"{name} took {mid:.1f} times as many epochs as ReLU "
        f"(95 % interval {low:.1f} to {high:.1f}, {len(ratios)} seeds)."
    )


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the figure as OUT/figure_1.png and OUT/figure_1.svg."""
    from matplotlib.figure import Figure

    setups = [record for record in records if record["kind"] == "setup"]
    found = arms(records)
    figure = Figure(figsize=(7.2, 5.4), layout="constrained")
    axes = figure.subplots()
    longest = 1
    for arm in found:
        colour, line = STYLES[arm.activation]
        for seed, history in arm.histories.items():
            points = [
                (e["epoch"], e["train_error"]) for e in history if "train_error" in e
            ]
            if not points:
                continue
            longest = max(longest, len(points))
            label = f"{NAMES[arm.activation]}, rate {arm.learning_rate:g}"
            axes.plot(
                *zip(*points, strict=True),
                color=colour,
                linestyle=line,
                linewidth=1.6,
                label=label if seed == min(arm.histories) else None,
            )
            axes.plot(*points[-1], "o", color=colour, markersize=4)
    axes.axhline(TARGET, color="0.4", linewidth=0.8)
    axes.text(
        *(1.01, TARGET, f"{TARGET:.0%}"),
        transform=axes.get_yaxis_transform(),
        va="center",
        color="0.3",
    )
    axes.set(
        xlabel="Epochs",
        ylabel="Training error rate",
        xlim=(0, longest * 1.02),
        ylim=(0, 1),
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    seeds = max(len(arm.histories) for arm in found)
    used = {e["setup"] for arm in found for h in arm.histories.values() for e in h}
    setups = [setups[index] for index in sorted(used)]
    setup = setups[-1]
    name = DATA_NAMES[setup["data"]]
    quick = "" if is_full(setup, found) else "QUICK RUN, not the full measurement. "
    axes.set_title(
        f"Figure 1 redrawn on {name}{' (quick run)' if quick else ''}", loc="left"
    )
    caption(
        figure,
        f"{quick}Four-layer network, {setup['train_pictures']:,} training pictures of "
        f"{name}, batches of {setup['batch_size']}; {seeds} "
        f"seed{'s' if seeds > 1 else ''} each, every seed a line. The error is over "
        "the whole training set at the end of each epoch. Rates chosen per activation "
        f"among at least {len(FIRST_RATES)}.",
        setups,
    )
    return write_figure(figure, out / "figure_1")


def is_full(setup: Record, found: list[FinalRuns]) -> bool:
    """Say whether these runs are the measurement, or a quick look at it."""
    everything = setup["data"] == "cifar10" and setup["train_pictures"] == 50000
    return everything and all(len(arm.histories) >= 3 for arm in found)


# The command


def measure(options: argparse.Namespace) -> None:
    """Run the measurement, or go on with it, into ``options.out``."""
    activations, convolution = options.activations, options.convolution
    most = len(activations) * max(len(FIRST_RATES), options.seeds)
    described = {"activations": activations}
    with comparison.workers(options, described, most, ("train",), LABELS) as workers:
        best = sweep(workers, activations, convolution, options.sweep_epochs)
        runs = [
            Run(arm_of(activation, best[activation], convolution), seed)
            for activation in activations
            for seed in range(options.seeds)
        ]
        workers.train("final runs", runs, options.epochs)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = comparison.parser(__doc__, "figure_1", DEFAULTS)
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
    return comparison.command("figure_1", options, measure, sentence, draw)


if __name__ == "__main__":
    sys.exit(main())
