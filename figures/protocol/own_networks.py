"""What is computed from networks that are there already: crops, averages, kernels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.numbers import chance
from compare.paired import pseudo_values

from .claim import Claim
from .differences import Differences, Pairs, seeds_of
from .planned import Planned
from .store import Store

FIVE, TWO = 5, 2
RELABELLINGS = 2000


def base_runs(claim: Claim, store: Store) -> list[Planned]:
    """Return the finished runs of the base on which all was measured."""
    return [run for run in store.runs(claim, claim.base) if store.is_measured(run)]


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
    runs = [run for run in base_runs(claim, store) if "colour" in store.end(run)]
    by_seed = [
        {"seed": run.config.seed, "colour": store.end(run)["colour"]} for run in runs
    ]
    for of_seed in by_seed:
        shares = np.array(of_seed["colour"])
        half = len(shares) // 2
        apart = abs(shares[:half].mean() - shares[half:].mean())
        mixed = rng.permuted(np.tile(shares, (RELABELLINGS, 1)), axis=1)
        by_chance = abs(mixed[:, :half].mean(axis=1) - mixed[:, half:].mean(axis=1))
        values.append(100 * float(apart - by_chance.mean()))
        seen += chance(shares[:half], shares[half:]) < 0.05
    seeds = [run.config.seed for run in runs]
    also = {"apart_beyond_chance": f"{seen} of {len(runs)} seeds"}
    return Differences(values, seeds, by_seed=by_seed, also=also)


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
