"""What an arm's number is less the base's, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from compare.paired import bootstrap
from minialexnet.files.records import Record

from .planned import Planned

Pairs = list[tuple[Planned, Planned]]  # of the arm and of the base


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
    by_seed : list of dict
        Of each seed what was measured: with the "arm" and the "base", or of the kernels
        of conv1, how much is "colour".
    also : dict
        What else is said.
    """

    values: list[float] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    wrong: tuple[NDArray[Any], NDArray[Any]] | None = None
    bound: bool = False
    means: dict[str, float] = field(default_factory=dict)
    by_seed: list[Record] = field(default_factory=list)
    also: Record = field(default_factory=dict)

    def ends(self) -> tuple[float, float] | None:
        """Return the bootstrap's interval in points, where there are pictures."""
        if self.wrong is None or len(self.seeds) < 2:
            return None
        one, other = self.wrong
        low, high = bootstrap(one, other, paired=one.shape[1] == other.shape[1])
        return 100 * low, 100 * high


def by_seed(
    seeds: Sequence[int], arm: list[Record], base: list[Record]
) -> list[Record]:
    """Return what was measured of the arm and of the base, a dict a seed."""
    rows = zip(seeds, arm, base, strict=True)
    return [{"seed": seed, "arm": one, "base": other} for seed, one, other in rows]


def seeds_of(pairs: Pairs) -> list[int]:
    """Return the seeds of paired runs."""
    return [arm.config.seed for arm, _ in pairs]
