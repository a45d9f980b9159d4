"""Where the records and the checkpoints of runs lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet.files.records import Record, read_lines, write_lines
from minialexnet.files.replacing import replacing

from .claim import Claim, Variant
from .planned import Planned, run_of, sweep_of


@dataclass(frozen=True)
class Store:
    """A folder of records, which is kept, and one of checkpoints, which is not.

    A run's records are written when it is finished, ``ARM/seed_0.jsonl`` and, of what
    it says of each picture, ``ARM/seed_0.npz``; what is not finished lies in its
    checkpoint.

    Attributes
    ----------
    records, checkpoints : Path
    """

    records: Path
    checkpoints: Path
    known: dict[str, list[Record]] = field(default_factory=dict, compare=False)

    def lines(self, run: Planned) -> list[Record]:
        """Return a run's records: none if it is not finished."""
        path = self.records / f"{run.file}.jsonl"
        if run.file not in self.known and path.exists():
            self.known[run.file] = read_lines(path)
        return self.known.get(run.file, [])

    def end(self, run: Planned) -> Record:
        """Return what was measured after a run's last epoch; nothing if it is open."""
        lines = self.lines(run)
        return lines[-1] if lines else {}

    def arrays(self, run: Planned) -> dict[str, NDArray[Any]]:
        """Return what a finished run said of each test picture."""
        with np.load(self.records / f"{run.file}.npz") as file:
            return dict(file)

    def setups(self) -> list[Record]:
        """Return where and how all that is finished was measured."""
        paths = sorted(self.records.glob("*/*.jsonl"))
        paths += sorted(self.records.glob("sweep/*/*.jsonl"))
        return [r for path in paths for r in read_lines(path) if r["kind"] == "setup"]

    def checkpoint(self, run: Planned) -> Path:
        """Return the file that a run is kept in."""
        return self.checkpoints / f"{run.file}.npz"

    def is_done(self, run: Planned) -> bool:
        """Say whether nothing is to be done for a run, nor for what begins with it."""
        kept = "kept" not in run.wants or self.checkpoint(run).exists()
        return bool(self.lines(run)) and kept

    def finish(
        self, run: Planned, lines: list[Record], arrays: Mapping[str, NDArray[Any]]
    ) -> None:
        """Write the records of a run that is finished; its lines come last."""
        path = self.records / f"{run.file}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        if arrays:
            with replacing(path.with_suffix(".npz")) as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)
        write_lines(path, lines)

    def runs(
        self, claim: Claim, variant: Variant, at_base_rate: bool = False
    ) -> list[Planned]:
        """Return an arm's runs, at the rate that its sweep chose or at the base's."""
        rate = 0.0 if at_base_rate else self.chosen(claim, variant) or 0.0
        return [run_of(claim, variant, seed, rate) for seed in claim.seeds_of(variant)]

    def chosen(self, claim: Claim, variant: Variant) -> float | None:
        """Return the rate that an arm's sweep chose, None while it is not finished.

        The base's own rate is kept unless another is better by the margin. Better is a
        lower error on held-out pictures, or fewer steps to the claim's loss.
        """
        ends = {
            run.config.learning_rate: self.end(run) for run in sweep_of(claim, variant)
        }
        if not ends or not all(ends.values()):
            return None
        own, margin = claim.config.learning_rate, float(claim.sweep["margin"])
        key = "test_error" if claim.goal.below_chance is None else "steps"
        score = {rate: float(end.get(key, math.inf)) for rate, end in ends.items()}
        if key == "steps":
            margin *= score[own]
        best = min(score, key=score.__getitem__)
        return best if score[best] <= score[own] - margin else own
