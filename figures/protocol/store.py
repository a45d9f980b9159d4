"""Where the records and the checkpoints of runs lie."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from minialexnet.files.records import Record, read_lines, write_lines
from minialexnet.files.replacing import replacing
from minialexnet.runs.config import Config

from .claim import Claim, Variant
from .planned import Planned, run_of, sweep_of


def complete(config: Record) -> Record:
    """Return a run's config as JSON has it, with the fields that came after it."""
    told: Record = json.loads(json.dumps(asdict(Config()) | config))
    return told | {"first": told["first"] and complete(told["first"])}


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
        """Return a run's records: none if it is not finished.

        Raises
        ------
        ValueError
            If the file is not whole, or of another run.
        """
        path = self.records / f"{run.file}.jsonl"
        if run.file not in self.known and path.exists():
            found = read_lines(path)
            kinds = [line["kind"] for line in found]
            if kinds[:1] != ["setup"] or kinds[-1] != "end":
                raise ValueError(f"expected {path} to go from its setup to its end")
            has, asked = complete(found[0]["config"]), complete(run.asked())
            for name in asked:
                if has[name] != asked[name]:
                    raise ValueError(
                        f"expected {path} to be of {name} {asked[name]}, got "
                        f"{has[name]}"
                    )
            self.known[run.file] = found
        return self.known.get(run.file, [])

    def end(self, run: Planned) -> Record:
        """Return what was measured after a run's last epoch; nothing if it is open."""
        lines = self.lines(run)
        return lines[-1] if lines else {}

    def arrays(self, run: Planned) -> dict[str, NDArray[Any]]:
        """Return what a finished run said of each test picture.

        Raises
        ------
        ValueError
            If the file is damaged.
        """
        path = self.records / f"{run.file}.npz"
        try:
            with open(path, "rb") as file, np.load(file) as arrays:
                return dict(arrays)
        except (BadZipFile, EOFError, zlib.error) as error:
            raise ValueError(f"expected {path} to be whole, got {error}") from error

    def setups(self) -> list[Record]:
        """Return where and how all that is finished was measured."""
        paths = sorted(self.records.glob("*/*.jsonl"))
        paths += sorted(self.records.glob("sweep/*/*.jsonl"))
        return [r for path in paths for r in read_lines(path) if r["kind"] == "setup"]

    def checkpoint(self, run: Planned) -> Path:
        """Return the file that a run which is not finished goes on from."""
        return self.checkpoints / f"{run.file}.npz"

    def kept(self, run: Planned) -> Path:
        """Return the file that a finished run is kept in, for others to begin with."""
        return self.checkpoints / f"{run.file}_kept.npz"

    def is_done(self, run: Planned) -> bool:
        """Say whether a run is recorded.

        Raises
        ------
        ValueError
            If it is, but without something that is wanted of it now.
        """
        end = self.end(run)
        if end and "diverged" not in end and (missing := self.missing(run)):
            path = self.records / f"{run.file}.jsonl"
            raise ValueError(
                f"expected {path} to have {', '.join(sorted(missing))} too, for a "
                "claim that came later: train it again, without this file or by "
                "another --records"
            )
        return bool(end)

    def is_measured(self, run: Planned) -> bool:
        """Say whether a run is recorded, with all that is wanted of it."""
        return bool(self.end(run)) and not self.missing(run)

    def missing(self, run: Planned) -> set[str]:
        """Return what is wanted of a finished run and is not in its records."""
        end = self.end(run)
        epochs = [line for line in self.lines(run) if line["kind"] == "epoch"]
        has = {
            "train": "diverged" in end or all("train_error" in r for r in epochs),
            "shifted": "shifted_error" in end,
            "purity": "purity_trained" in end,
            "probabilities": (
                "probabilities" in run.wants and "ten" in self.arrays(run)
            ),
        }
        return {want for want in run.wants if not has.get(want, True)}

    def is_kept(self, run: Planned) -> bool:
        """Say whether a finished run is there for others to begin with."""
        return bool(self.lines(run)) and self.kept(run).exists()

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
        rate = self.chosen(claim, claim.base if at_base_rate else variant) or 0.0
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
        score = {
            rate: math.inf if "diverged" in end else float(end[key])
            for rate, end in ends.items()
        }
        if key == "steps":
            margin *= score[own]
        best = min(score, key=lambda rate: (score[rate], rate != own))
        is_better = score[best] <= score[own] - margin or math.isinf(score[own])
        return best if is_better else own
