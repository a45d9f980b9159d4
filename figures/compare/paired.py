"""Differences of two arms, seed by seed: tests, a bootstrap, a verdict by rule."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray


def t_test(differences: Sequence[float]) -> float:
    """Return the two-sided p of Student's t test that the mean is 0; 1 of one value.

    Of t at n degrees of freedom and angle = arctan(t / sqrt(n)), the share between -t
    and t is a finite sum of powers of cos(angle) (Abramowitz and Stegun, 26.7.3 and 4).

    Examples
    --------
    >>> round(t_test([1.0, 2.0, 3.0]), 4)  # t = 3.46 at 2 degrees of freedom
    0.0742
    """
    n = len(differences) - 1
    spread = statistics.stdev(differences) if n else 0.0
    mean = abs(statistics.fmean(differences))
    if n == 0 or mean == 0:
        return 1.0
    if spread == 0:
        return 0.0
    angle = math.atan(mean / spread * math.sqrt((n + 1) / n))
    first = 1 + n % 2  # powers are even for even n, odd for odd n
    term, total = (math.cos(angle) if n % 2 else 1.0), 0.0
    for power in range(first, n, 2):
        total += term
        term *= math.cos(angle) ** 2 * power / (power + 1)
    within = math.sin(angle) * total
    if n % 2:
        within = 2 / math.pi * (angle + within)
    return max(0.0, 1 - within)


def sign_flip(differences: Sequence[float]) -> float:
    """Return how often the signs alone make a sum as far from 0, over all of them.

    If the arms were alike, each difference could as well be its negative. Six seeds
    give at best 2 / 64.

    Examples
    --------
    >>> sign_flip([1.0, 2.0, 3.0]), sign_flip([1.0, -1.0])
    (0.25, 1.0)
    """
    signs = np.array(list(product((-1.0, 1.0), repeat=len(differences))))
    sums = abs(signs @ np.asarray(differences, np.float64))
    # The one given must count, whatever the rounding.
    return float((sums >= abs(sum(differences)) - 1e-9).mean())


def holm(ps: Sequence[float]) -> list[float]:
    """Return p of several tests, each larger for there being so many (Holm 1979).

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    found, so_far = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        so_far = max(so_far, min(1.0, (len(ps) - place) * ps[index]))
        found[index] = so_far
    return found


def bootstrap(
    one: NDArray[Any], other: NDArray[Any], paired: bool = True, draws: int = 10_000
) -> tuple[float, float]:
    """Return the ends of a 95 % interval of a mean difference, over seeds and pictures.

    Seeds are drawn again, the same for both arms; and so are pictures, the same too
    where both saw the same ones.

    Parameters
    ----------
    one, other : ndarray, shape (seeds, pictures)
        Whether each picture was wrong; `other` is subtracted.
    paired : bool
        Whether the pictures are the same.
    draws : int
    """
    counts = [*one.shape] if paired else [*one.shape, other.shape[1]]
    seeds, pictures, *rest = (
        np.divide(times, times.shape[1], dtype=np.float64)  # (draws, count)
        for times in drawn_again(draws, *counts)
    )
    others = pictures if paired else rest[0]
    means = [
        ((seeds @ np.asarray(wrong, np.float64)) * seen).sum(axis=1)
        for wrong, seen in ((one, pictures), (other, others))
    ]
    low, high = np.quantile(means[0] - means[1], (0.025, 0.975))
    return float(low), float(high)


@lru_cache(maxsize=1)
def drawn_again(draws: int, *counts: int) -> list[NDArray[np.uint16]]:
    """Return how often each of `count` things is drawn when as many are, by draw.

    The arms of a protocol have as many pictures as each other, and the 10,000 draws of
    10,000 pictures take seconds, so the last are kept.

    Returns
    -------
    list of ndarray, each of shape (draws, count)
        In 16 bits: nothing is drawn as often as that.
    """
    rng = np.random.default_rng(0)
    return [
        rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.uint16)
        for count in counts
    ]


def pseudo_values(statistic: Callable[[list[int]], float], seeds: int) -> list[float]:
    """Return the jackknife's values of a statistic that takes many seeds at once.

    n s(all) - (n - 1) s(all but one), seed by seed: their mean and its interval stand
    for the statistic's, as do the values themselves where it is a mean.

    Parameters
    ----------
    statistic : callable (list of int) -> float
        Of the seeds, by their places.
    seeds : int
        At least 2.

    Examples
    --------
    >>> values = [1.0, 2.0, 6.0]
    >>> pseudo_values(lambda kept: sum(values[i] for i in kept) / len(kept), 3)
    [1.0, 2.0, 6.0]
    """
    every = list(range(seeds))
    whole = statistic(every)
    less = [statistic(every[:i] + every[i + 1 :]) for i in every]
    return [seeds * whole - (seeds - 1) * value for value in less]


def verdict(low: float, high: float, direction: int) -> str:
    """Say by rule, from an interval alone, whether a claim is seen.

    Parameters
    ----------
    low, high : float
    direction : {1, -1, 0}
        The side of 0 that the claim is on; 0 if it is a question and claims none.

    Examples
    --------
    >>> verdict(0.5, 2.0, 1), verdict(0.5, 2.0, -1), verdict(-0.5, 2.0, 1)
    ('holds', 'opposite', 'not seen')
    >>> verdict(0.5, 2.0, 0)
    'differs'
    """
    if not (low > 0 or high < 0):
        return "not seen"
    if direction == 0:
        return "differs"
    return "holds" if (low > 0) == (direction > 0) else "opposite"
