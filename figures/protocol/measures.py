"""From the records of a claim's runs to a difference for each seed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.numbers import epochs_to
from minialexnet.files.records import Record, read_lines

from .claim import Claim, Variant
from .differences import Differences, Pairs, by_seed, seeds_of
from .own_networks import OF_BASE, average_seven
from .planned import Planned
from .store import Store

RESULTS = Path(__file__).resolve().parents[1] / "results"
ERRORS = ("test_error", "test_top5_error", "train_error", "shifted_error")
RATIOS = ("epochs_to", "steps_to")  # of which the logarithms are compared


def differences(
    claim: Claim, variant: Variant, store: Store, at_base_rate: bool = False
) -> Differences:
    """Return the differences of an arm, at its own rate or the base's.

    A claim that is about the base's own networks takes the base for the arm.
    """
    if claim.measure in OF_BASE:
        return OF_BASE[claim.measure](claim, store)
    base = {run.config.seed: run for run in store.runs(claim, claim.base)}
    runs = store.runs(claim, variant, at_base_rate)
    pairs = [(run, base[run.config.seed]) for run in runs]
    pairs = [pair for pair in pairs if all(map(store.is_measured, pair))]
    if claim.measure == "average_seven":
        return average_seven(claim, store, pairs)
    if claim.measure in RATIOS:
        return ratios(claim, variant, store, pairs)
    return errors(claim.measure, store, pairs)


def errors(measure: str, store: Store, pairs: Pairs) -> Differences:
    """Compare errors after the last epoch, in points."""
    pairs = [pair for pair in pairs if all(measure in store.end(run) for run in pair)]
    both = [[store.end(run)[measure] for run in pair] for pair in pairs]
    found = Differences([100 * (a - b) for a, b in both], seeds_of(pairs))
    if both:
        arm, base = 100 * np.mean(both, axis=0)
        found.means = {"arm": float(arm), "base": float(base)}
        ends = (
            [errors_of(store.end(run)) for run in runs]
            for runs in zip(*pairs, strict=True)
        )
        found.by_seed = by_seed(found.seeds, *ends)
    key = {"test_error": "right", "shifted_error": "right_shifted"}.get(measure)
    if pairs and key:
        one, other = (
            np.array([wrong_of(store, run, key) for run in runs])
            for runs in zip(*pairs, strict=True)
        )
        found.wrong = one, other
    return found


def errors_of(end: Record) -> Record:
    """Return the errors among what was measured after a run's last epoch."""
    return {name: end[name] for name in ERRORS if name in end}


def wrong_of(store: Store, run: Planned, key: str) -> NDArray[Any]:
    """Return of each test picture whether its class was not the first."""
    count = store.lines(run)[0]["test_pictures"]
    bits: NDArray[np.uint8] = np.unpackbits(store.arrays(run)[key][0], count=count)
    return np.equal(bits, 0)


def ratios(claim: Claim, variant: Variant, store: Store, pairs: Pairs) -> Differences:
    """Compare how long runs took, by the logarithm of the ratio."""
    times = [tuple(how_long(claim, store.lines(run)) for run in pair) for pair in pairs]
    seeds = seeds_of(pairs)
    for seed, histories in earlier(claim, variant):
        times.append(tuple(how_long(claim, lines) for lines in histories))
        seeds.append(seed)
    found = Differences(
        [math.log(arm[0] / base[0]) for arm, base in times],
        seeds,
        bound=any(is_bound for pair in times for _, is_bound in pair),
    )
    if times:
        found.means = {
            name: float(np.mean([pair[i][0] for pair in times]))
            for i, name in enumerate(("arm", "base"))
        }
        ends = (
            [{claim.measure: n} for n, _ in runs] for runs in zip(*times, strict=True)
        )
        found.by_seed = by_seed(seeds, *ends)
    return found


def how_long(claim: Claim, lines: list[Record]) -> tuple[float, bool]:
    """Return the steps or epochs to the goal, and whether it was not reached."""
    if "diverged" in lines[-1]:
        return float(claim.goal.steps or claim.config.epochs), True
    if claim.measure == "steps_to":
        return lines[-1]["steps"], "reached" not in lines[-1]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    errors = [line["train_error"] for line in epochs]
    classes = claim.config.classes or 10
    taken = epochs_to(errors, claim.entry["target"], 1 - 1 / classes)
    return (taken, False) if math.isfinite(taken) else (len(epochs), True)


def earlier_records(claim: Claim) -> list[Record]:
    """Return what was recorded before the protocol, where the entry counts it in."""
    told = claim.entry.get("earlier")
    if told is None or claim.config.data not in told["file"]:
        return []
    return read_lines(RESULTS / told["file"])


def earlier(claim: Claim, variant: Variant) -> Iterator[tuple[int, list[list[Record]]]]:
    """Yield seeds that were recorded before the protocol, and both arms' epochs."""
    records, found = earlier_records(claim), []
    if not records:
        return
    for name in (variant.name, claim.base.name):
        labels = claim.entry["earlier"]["arms"][name].items()
        of_arm = [r for r in records if r["kind"] == "epoch" and labels <= r.items()]
        by_seed: dict[int, list[Record]] = {}
        for record in of_arm:
            by_seed.setdefault(record["seed"], []).append(record)
        found.append(by_seed)
    for seed in sorted(found[0].keys() & found[1].keys()):
        yield seed, [by_seed[seed] for by_seed in found]
