"""Steps that were measured on several ranks, and what the model foretells of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from minialexnet import alexnet, cifar_net
from minialexnet.bench.scaling import NETWORKS
from minialexnet.files.records import Record
from minialexnet.parallel.cost import Machine, step_cost

from .messages import Link


@dataclass(frozen=True)
class Series:
    """Steps of one network on a growing number of ranks.

    Attributes
    ----------
    case : str
        The network: "cifar", or "step" for AlexNet.
    kind : str
        "strong", the same batch for all ranks, or "weak", the same for each of them.
    batches, seconds : dict
        By the number of ranks; a step's median over the rounds.
    width : float
        Of AlexNet.
    cores : int
        Of the machine.
    """

    case: str
    kind: str
    batches: dict[int, int]
    seconds: dict[int, float]
    width: float
    cores: int

    @property
    def label(self) -> str:
        """What it is called in a legend."""
        return f"{NETWORKS[self.case]}, {self.kind}"

    def foretold(self, ranks: int, link: Link) -> float:
        """Return the seconds that the model gives a step, from those of one rank.

        Ranks that are more than the cores wait for one another.
        """
        network, side = cifar_net(seed=None), 32
        if self.case == "step":
            network, side = alexnet(width=self.width, seed=None), 224
        a_picture = self.seconds[1] / self.batches[1] * max(1, ranks / self.cores)
        how = self.batches[ranks], ranks, "data", Machine(a_picture, *link)
        return step_cost(network, (3, side, side), *how).seconds


def series_of(lines: Sequence[Record]) -> list[Series]:
    """Return what `minialexnet bench --ranks` has recorded, as series."""
    taken: dict[tuple[str, int, int], list[float]] = {}
    cores = [line["run"]["machine"]["cores"] for line in lines if "run" in line][-1]
    width = 1.0
    for line in lines:
        if line.get("program") == "minialexnet":
            key = line["task"]["case"], line["ranks"], line["task"]["batch"]
            width = line["task"]["width"]
            taken.setdefault(key, []).append(line["seconds"]["step"])
    medians = {key: statistics.median(times) for key, times in taken.items()}
    found = []
    for case in dict.fromkeys(case for case, _, _ in medians):
        counts = sorted({n for own, n, _ in medians if own == case})
        for batch in [b for own, n, b in medians if (own, n) == (case, 1)]:
            for kind in ("strong", "weak"):
                batches = {n: batch * n if kind == "weak" else batch for n in counts}
                if all((case, n, b) in medians for n, b in batches.items()):
                    seconds = {n: medians[case, n, b] for n, b in batches.items()}
                    found.append(Series(case, kind, batches, seconds, width, cores))
    return found
