"""From the records of a claim's runs to a difference for each seed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.numbers import chance, epochs_to
from compare.paired import bootstrap, pseudo_values
from minialexnet.files.records import Record

from .entries import Claim, Variant
from .planned import Planned, run_of
from .store import Store

RESULTS = Path(__file__).resolve().parents[1] / "results"
RATIOS = ("epochs_to", "steps_to")  # of which the logarithms are compared
ERRORS = ("test_error", "train_error", "shifted_error")
FIVE, TWO = 5, 2
RELABELLINGS = 2000


@dataclass
class Differences:
    """What an arm's number is less the base's, seed by seed.

    Attributes
    ----------
    values : list of float
        In points, or the logarithm of a ratio.
    seeds : list of int
    wrong : (ndarray, ndarray), optional
        Whether each picture was wrong, (seeds, pictures), with the arm and the base.
    bound : bool
        Whether a run did not come to the goal, so that its number is a bound.
    means : dict
        Of "arm" and "base", where there are such.
    also : dict
        What else is said.
    """

    values: list[float] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    wrong: tuple[NDArray[Any], NDArray[Any]] | None = None
    bound: bool = False
    means: dict[str, float] = field(default_factory=dict)
    also: Record = field(default_factory=dict)

    def ends(self) -> tuple[float, float] | None:
        """Return the bootstrap's interval in points, where there are pictures."""
        if self.wrong is None or len(self.seeds) < 2:
            return None
        one, other = self.wrong
        low, high = bootstrap(one, other, paired=one.shape[1] == other.shape[1])
        return 100 * low, 100 * high


def differences(
    claim: Claim, variant: Variant, store: Store, at_base_rate: bool = False
) -> Differences:
    """Return the differences of an arm, at its own rate or the base's.

    A claim that is about the base's own networks takes the base for the arm.
    """
    if claim.measure in OF_BASE:
        return OF_BASE[claim.measure](claim, store)
    rate = 0.0 if at_base_rate else store.chosen(claim, variant) or 0.0
    base_rate = store.chosen(claim, claim.base) or 0.0
    pairs = [
        (run_of(claim, variant, seed, rate), run_of(claim, claim.base, seed, base_rate))
        for seed in claim.seeds_of(variant)
    ]
    pairs = [pair for pair in pairs if all(map(store.end, pair))]
    if claim.measure == "average_seven":
        return average_seven(claim, store, pairs)
    if claim.measure in RATIOS:
        return ratios(claim, variant, store, pairs)
    return errors(claim.measure, store, pairs)


Pairs = list[tuple[Planned, Planned]]


def errors(measure: str, store: Store, pairs: Pairs) -> Differences:
    """Compare errors after the last epoch, in points."""
    both = [[store.end(run)[measure] for run in pair] for pair in pairs]
    found = Differences([100 * (a - b) for a, b in both], seeds_of(pairs))
    if both:
        arm, base = 100 * np.mean(both, axis=0)
        found.means = {"arm": float(arm), "base": float(base)}
    key = {"test_error": "right", "shifted_error": "right_shifted"}.get(measure)
    if pairs and key:
        one, other = (
            np.array([wrong_of(store, run, key) for run in runs])
            for runs in zip(*pairs, strict=True)
        )
        found.wrong = one, other
    return found


def wrong_of(store: Store, run: Planned, key: str) -> NDArray[Any]:
    """Return of each test picture whether its class was not the first."""
    count = store.lines(run)[0]["test_pictures"]
    bits: NDArray[np.uint8] = np.unpackbits(store.arrays(run)[key][0], count=count)
    return np.equal(bits, 0)


def seeds_of(pairs: Pairs) -> list[int]:
    """Return the seeds of paired runs."""
    return [arm.config.seed for arm, _ in pairs]


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
    return found


def how_long(claim: Claim, lines: list[Record]) -> tuple[float, bool]:
    """Return the steps or epochs to the goal, and whether it was not reached."""
    if claim.measure == "steps_to":
        return lines[-1]["steps"], "reached" not in lines[-1]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    errors = [line.get("train_error", math.inf) for line in epochs]
    classes = claim.config.classes or 10
    taken = epochs_to(errors, claim.entry["target"], 1 - 1 / classes)
    return (taken, False) if math.isfinite(taken) else (len(epochs), True)


def earlier(claim: Claim, variant: Variant) -> Iterator[tuple[int, list[list[Record]]]]:
    """Yield seeds that were recorded before the protocol, and both arms' epochs."""
    told = claim.entry.get("earlier")
    if told is None or claim.config.data not in told["file"]:
        return
    with open(RESULTS / told["file"]) as file:
        records = [json.loads(line) for line in file]
    found = []
    for name in (variant.name, claim.base.name):
        labels = told["arms"][name].items()
        of_arm = [r for r in records if r["kind"] == "epoch" and labels <= r.items()]
        by_seed: dict[int, list[Record]] = {}
        for record in of_arm:
            by_seed.setdefault(record["seed"], []).append(record)
        found.append(by_seed)
    for seed in sorted(found[0].keys() & found[1].keys()):
        yield seed, [by_seed[seed] for by_seed in found]


# What is computed from the base's own networks


def base_runs(claim: Claim, store: Store) -> list[Planned]:
    """Return the finished runs of the base."""
    rate = store.chosen(claim, claim.base) or 0.0
    runs = [run_of(claim, claim.base, seed, rate) for seed in claim.seeds]
    return [run for run in runs if store.end(run)]


def ten_crops(claim: Claim, store: Store) -> Differences:
    """Compare the mean of ten crops with the centre, in points."""
    wrongs: dict[str, list[NDArray[np.bool_]]] = {"ten": [], "center": []}
    runs = base_runs(claim, store)
    for run in runs:
        arrays = store.arrays(run)
        for name, found in wrongs.items():
            found.append(arrays[name].argmax(axis=1) != arrays["labels"])
    if not runs:
        return Differences()
    ten, center = np.array(wrongs["ten"]), np.array(wrongs["center"])
    values = 100 * (ten.mean(axis=1) - center.mean(axis=1))
    means = {"arm": 100 * float(ten.mean()), "base": 100 * float(center.mean())}
    seeds = [run.config.seed for run in runs]
    return Differences(values.tolist(), seeds, (ten, center), means=means)


def average_five(claim: Claim, store: Store) -> Differences:
    """Compare five networks averaged with one, over all fives of the seeds."""
    runs = base_runs(claim, store)
    if len(runs) <= FIVE:
        return Differences()
    tens, labels = tens_of(store, runs)
    error = averaged(tens, labels)
    ones = [error((i,)) for i in range(len(runs))]

    def gain(seeds: list[int]) -> float:
        fives = [error(five) for five in combinations(seeds, FIVE)]
        return 100 * float(np.mean(fives) - np.mean([ones[i] for i in seeds]))

    return Differences(
        pseudo_values(gain, len(runs)), [run.config.seed for run in runs]
    )


def average_seven(claim: Claim, store: Store, pairs: Pairs) -> Differences:
    """Compare five and two that were fine-tuned with the five, over all such sets."""
    if len(pairs) <= FIVE:
        return Differences()
    tuned, bases = (list(runs) for runs in zip(*pairs, strict=True))
    tens, labels = tens_of(store, bases + tuned)
    error, count = averaged(tens, labels), len(bases)

    def gain(seeds: list[int]) -> float:
        fives = list(combinations(seeds, FIVE))
        twos = list(combinations([count + i for i in seeds], TWO))
        sevens = [error(five + two) for five in fives for two in twos]
        return 100 * float(np.mean(sevens) - np.mean([error(five) for five in fives]))

    return Differences(pseudo_values(gain, count), seeds_of(pairs))


def tens_of(store: Store, runs: list[Planned]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the probabilities by ten crops, (runs, N, K), and the labels."""
    arrays = [store.arrays(run) for run in runs]
    tens = np.array([found["ten"].astype(np.float32) for found in arrays])
    return tens, arrays[0]["labels"]


def averaged(
    tens: NDArray[Any], labels: NDArray[Any]
) -> Callable[[tuple[int, ...]], float]:
    """Return a function of places that gives the error of these networks' average."""

    @cache
    def error(places: tuple[int, ...]) -> float:
        mean = tens[list(places)].mean(axis=0)
        return float((mean.argmax(axis=1) != labels).mean())

    return error


def colour_split(claim: Claim, store: Store) -> Differences:
    """Compare how far apart in colour the towers are with chance, in points."""
    rng, values, seen = np.random.default_rng(0), [], 0
    runs = base_runs(claim, store)
    for run in runs:
        shares = np.array(store.end(run)["colour"])
        half = len(shares) // 2
        apart = abs(shares[:half].mean() - shares[half:].mean())
        mixed = rng.permuted(np.tile(shares, (RELABELLINGS, 1)), axis=1)
        by_chance = abs(mixed[:, :half].mean(axis=1) - mixed[:, half:].mean(axis=1))
        values.append(100 * float(apart - by_chance.mean()))
        seen += chance(shares[:half], shares[half:]) < 0.05
    seeds = [run.config.seed for run in runs]
    also = {"apart_beyond_chance": f"{seen} of {len(runs)} seeds"}
    return Differences(values, seeds, also=also)


def purity(claim: Claim, store: Store) -> Differences:
    """Compare how pure neighbours are by the last layer and by pixels, in points."""
    runs = base_runs(claim, store)
    ends = [store.end(run) for run in runs]
    values = [100 * (end["purity_trained"] - end["purity_pixels"]) for end in ends]
    means = {
        name: 100 * float(np.mean([end[f"purity_{key}"] for end in ends]))
        for name, key in (("arm", "trained"), ("base", "pixels"))
        if ends
    }
    also = {}
    if ends:
        untrained = np.mean([end["purity_untrained"] for end in ends])
        also = {"untrained": round(100 * float(untrained), 2)}
    return Differences(values, [r.config.seed for r in runs], means=means, also=also)


OF_BASE: dict[str, Callable[[Claim, Store], Differences]] = {
    "ten_crops": ten_crops,
    "average_five": average_five,
    "colour_split": colour_split,
    "purity": purity,
}
