"""About how long the runs take, before they are trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from minialexnet.model.registry import build
from minialexnet.runs.config import Config

from .claim import Claim, Goal
from .planned import Planned, run_of
from .store import Store

# Of a class's training pictures, and of the classes where the config does not say them.
PICTURES = {"shapes": (256, 10), "cifar10": (5000, 10), "tiny-imagenet": (500, 200)}
# Seconds of one core for a picture's training: of any, and for a million multiply-adds.
EVERY, A_MILLION = 0.0003, {"alexnet": 0.000145, "cifar": 0.00006}
MEASURING = 1.1  # all that is measured besides


def pictures_of(run: Planned) -> int:
    """Return about how many pictures a run trains on."""
    config = run.config
    each, classes = PICTURES[config.data]
    a_epoch = (each - config.held_out) * (config.classes or classes)
    most = a_epoch * config.epochs
    if run.goal.steps:
        most = min(most, run.goal.steps * config.batch_size)
    # Of runs that end at a goal nobody knows when: about half-way.
    return most if run.goal == Goal() else most // 2


def seconds_of(run: Planned) -> float:
    """Return about how long a run takes on one core."""
    return pictures_of(run) * a_picture(run.config) * MEASURING


def a_picture(config: Config) -> float:
    """Return about how long a picture's training takes on one core, in seconds."""
    about = config.network() | {"seed": None, "classes": config.classes or 10}
    side = 32 if config.data != "tiny-imagenet" else 56
    if config.model == "alexnet":
        about["input_size"] = side
    millions = multiply_adds(json.dumps(about), side) / 1e6
    return EVERY + A_MILLION[config.model] * millions


@cache
def multiply_adds(network: str, side: int) -> int:
    """Return those of a network, described in JSON, for one picture."""
    return build(json.loads(network)).multiply_adds((3, side, side))


def slowness(claims: Sequence[Claim], store: Store) -> float:
    """Return how many times as long as expected the finished runs took; 1 of none.

    It is the processor's time that is compared, since a run may have been stopped or
    have had to wait for others.
    """
    took, expected = 0.0, 0.0
    for claim in claims:
        for run in (run_of(claim, claim.base, seed) for seed in claim.seeds):
            epochs = [line for line in store.lines(run) if line["kind"] == "epoch"]
            if epochs and claim.goal == Goal():
                took += sum(line.get("cpu_seconds", 0.0) for line in epochs) * MEASURING
                expected += seconds_of(run)
    return took / expected if expected else 1.0


def hours(
    claims: Sequence[Claim], store: Store, runs: Sequence[Planned], jobs: int
) -> str:
    """Say how many runs there are yet, and about how long they take.

    Parameters
    ----------
    claims : sequence of Claim
        Those whose sweeps may choose rates that ask for more runs.
    store : Store
    runs : sequence of Planned
        See `open_runs`.
    jobs : int
    """
    factor = slowness(claims, store) / jobs / 3600
    least = factor * sum(map(seconds_of, runs))
    more = {}
    for claim in claims:
        for variant in claim.variants if claim.is_measured else ():
            if claim.rates_of(variant) and store.chosen(claim, variant) is None:
                for seed in claim.seeds_of(variant):
                    run = run_of(claim, variant, seed)
                    more[run.file] = seconds_of(run)
    most = least + factor * sum(more.values())
    words = f"{len(runs)} runs to train by {jobs} at once: about {spelled(least)}"
    if more:
        words += f", and up to {spelled(most)} where the sweeps choose other rates"
    return words


def spelled(hours: float) -> str:
    """Return hours in words, minutes below one.

    Examples
    --------
    >>> spelled(2.04), spelled(0.21)
    ('2.0 hours', '13 minutes')
    """
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"
