"""Figure 1: how many times as many epochs as ReLU the other activations take."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np

from compare.numbers import geometric_interval
from compare.sweep import Chosen, chosen
from compare.words import times_as_many
from minialexnet.files.records import Record

TARGET = 0.25  # the training error whose epochs are compared
WORDS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
LABELS = ("activation", "learning_rate", "seed")  # what a run is called in the records


def sentence(records: list[Record]) -> str:
    """Say in words how long each activation took, and the ratios to ReLU."""
    found = {arm.name: arm for arm in chosen(records, LABELS[0])}
    if not found or not all(arm.histories for arm in found.values()):
        raise ValueError("expected the runs of the chosen rates, got part of a record")
    lines = [f"{WORDS[name]}: {_how_long(arm)}" for name, arm in found.items()]
    text = f"To {TARGET:.0%} training error: " + "; ".join(lines) + "."
    for activation in ("tanh", "sigmoid"):
        if "relu" in found and activation in found:
            text += " " + _ratio(found["relu"], found[activation])
    return text


def _how_long(arm: Chosen) -> str:
    """Say how many epochs and seconds an activation took, on average."""
    reached = {seed: n for seed, n in arm.epochs(TARGET).items() if np.isfinite(n)}
    if not reached:
        most = max(len(history) for history in arm.histories.values())
        diverged = any("diverged" in h[-1] for h in arm.histories.values())
        return f"not reached in {most} epochs" + (" (diverged)" * diverged)
    epochs = statistics.mean(reached.values())
    seconds = statistics.mean(arm.seconds(seed, n) for seed, n in reached.items())
    words = f"{epochs:.1f} epochs, {seconds:.0f} processor seconds"
    if len(reached) < len(arm.histories):
        words += f" (from {len(reached)} of {len(arm.histories)} seeds)"
    return words


def _ratio(relu: Chosen, other: Chosen) -> str:
    """Say how many times as many epochs as ReLU another activation took."""
    name, (ratios, reached) = WORDS[other.name], _ratios(relu, other)
    if not ratios:
        return f"No ratio of {name} to ReLU: ReLU did not get there from every seed."
    if not reached:
        return f"{name} took at least {min(ratios):.1f} times as many epochs as ReLU."
    return f"{name} took {times_as_many(ratios, 'epochs as ReLU')}."


def _ratios(relu: Chosen, other: Chosen) -> tuple[list[float], bool]:
    """Return the ratio of epochs by seed, and whether the other got there from each.

    Where the other is not there yet, the epochs that it had are a lower bound. Where
    ReLU is not there from every seed, there is no ratio.
    """
    epochs, others = relu.epochs(TARGET), other.epochs(TARGET)
    seeds = sorted(epochs.keys() & others.keys())
    if not all(np.isfinite(epochs[seed]) for seed in seeds):
        return [], False
    most = {seed: len(other.histories[seed]) for seed in seeds}
    ratios = [min(others[seed], most[seed]) / epochs[seed] for seed in seeds]
    return ratios, all(np.isfinite(others[seed]) for seed in seeds)


def draw_factor(axes: Any, found: Sequence[Chosen]) -> None:
    """Write below the line of the target how many times as long tanh took.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Epochs to the right, the training error in per cent upwards.
    found : sequence of Chosen
    """
    arms = {arm.name: arm for arm in found}
    if not {"relu", "tanh"} <= arms.keys():
        return
    ratios, reached = _ratios(arms["relu"], arms["tanh"])
    if not reached or not ratios:
        return
    ends = [
        statistics.mean(arms[name].epochs(TARGET).values()) for name in ("relu", "tanh")
    ]
    y = 100 * TARGET - 9
    middle, low, high = geometric_interval(ratios)
    words = f"tanh takes {middle:.1f} times as many epochs as ReLU"
    if len(ratios) > 1:
        words += f"\n(95 % interval {low:.1f} to {high:.1f})"
    style = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.4}
    axes.vlines(ends, y - 2, 100 * TARGET, color="0.4", linewidth=0.8, linestyle=":")
    axes.annotate("", (ends[1], y), (ends[0], y), arrowprops=style)
    axes.text(sum(ends) / 2, y - 2, words, ha="center", va="top", fontsize=11)
