"""How a sentence says differences, ratios and intervals over paired seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minialexnet.files.records import Record

from .numbers import geometric_interval, interval


def between(low: float, high: float, seeds: int, form: str) -> str:
    """Say an interval over paired seeds, in brackets, or that there is none.

    Examples
    --------
    >>> between(1.5, 2.25, 3, ".1f")
    '(95 % interval 1.5 to 2.2, 3 seeds, paired)'
    """
    if math.isnan(low):
        return "(one seed, so no interval)"
    return f"(95 % interval {low:{form}} to {high:{form}}, {seeds} seeds, paired)"


def difference(one: Sequence[float], other: Sequence[float]) -> str:
    """Say by how many points errors of two arms differ, seed by seed.

    Parameters
    ----------
    one, other : sequence of float
        Of each seed, the fraction of errors; `other` is subtracted.

    Examples
    --------
    >>> difference([0.5, 0.6], [0.6, 0.7])
    '-10.00 points (95 % interval -10.00 to -10.00, 2 seeds, paired)'
    """
    points = [100 * (a - b) for a, b in zip(one, other, strict=True)]
    mean, half = interval(points)
    words = (
        f"{mean:+.2f} points {between(mean - half, mean + half, len(points), '+.2f')}"
    )
    return words + (", inside the noise" if abs(mean) <= half else "")


def times_as_many(ratios: Sequence[float], of: str = "") -> str:
    """Say a ratio, which was found from each seed, and its interval.

    Parameters
    ----------
    ratios : sequence of float
    of : str
        What there are more of, and than where.

    Examples
    --------
    >>> times_as_many([2.0], "epochs as ReLU")
    '2.0 times as many epochs as ReLU (one seed, so no interval)'
    """
    middle, low, high = geometric_interval(ratios)
    words = f"{middle:.1f} times as many {of}".rstrip()
    return f"{words} {between(low, high, len(ratios), '.1f')}"


def plus_minus(values: Sequence[float], form: str = ".2f") -> str:
    """Write a mean and the half-width of its interval.

    Examples
    --------
    >>> plus_minus([1.0, 2.0, 3.0]), plus_minus([2.0])
    ('2.00 ± 2.48', '2.00')
    """
    mean, half = interval(values)
    return f"{mean:{form}}" + ("" if math.isnan(half) else f" ± {half:{form}}")


def default_words(defaults: dict[str, Record], name: str) -> str:
    """Return what an option is by default, on each data set where they differ."""
    values = [by_data[name] for by_data in defaults.values()]
    if len(set(map(str, values))) == 1:
        return str(values[0])
    return ", ".join(f"{v} on {data}" for data, v in zip(defaults, values, strict=True))
