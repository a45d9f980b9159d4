"""What is recorded in OUT/results.jsonl, and read from there again.

A "setup" line for each time the program was started, an "epoch" line for each epoch of
each run, and what else a script notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minialexnet.files.records import Record, write_lines

from .arms import History, Key


class Results:
    """What is known so far, and the file that it stands in.

    Parameters
    ----------
    path : Path
    records : list of dict
        What earlier programs wrote, and this one's setup.
    labels : tuple of str
        The names of a run's labels.

    Attributes
    ----------
    notes : list of dict
        Records that are neither setups nor epochs, for the script to fill.
    histories : dict
        By `arms.Run.key`.
    """

    def __init__(
        self, path: Path, records: list[Record], labels: tuple[str, ...]
    ) -> None:
        self.path, self.labels = path, labels
        self.setups = [record for record in records if record["kind"] == "setup"]
        self.notes = [r for r in records if r["kind"] not in ("setup", "epoch")]
        self.histories: dict[Key, History] = {}
        for record in records:
            if record["kind"] == "epoch":
                key = tuple(record[label] for label in labels)
                self.histories.setdefault(key, []).append(
                    {k: v for k, v in record.items() if k not in ("kind", *labels)}
                )

    def write(self) -> None:
        """Write all that is known as JSON lines."""
        epochs = [
            {"kind": "epoch", **dict(zip(self.labels, key, strict=True)), **entry}
            for key, history in self.histories.items()
            for entry in history
        ]
        write_lines(self.path, self.setups + self.notes + epochs)


# From the records to numbers


def histories(records: Sequence[Record]) -> dict[str, dict[int, History]]:
    """Return the epochs that were recorded, by arm and seed."""
    found: dict[str, dict[int, History]] = {}
    for record in records:
        if record["kind"] == "epoch":
            arm = found.setdefault(record["arm"], {})
            arm.setdefault(record["seed"], []).append(record)
    return found


def last_epoch(records: Sequence[Record]) -> int:
    """Return the number of the last epoch."""
    return max((r["epoch"] for r in records if r["kind"] == "epoch"), default=0)


def finished_seeds(records: Sequence[Record]) -> list[int]:
    """Return the seeds from which every arm was trained to its last epoch.

    Raises
    ------
    ValueError
        If there is none.
    """
    last = last_epoch(records)
    done = [
        {seed for seed, h in arm.items() if len(h) == last and "test_error" in h[-1]}
        for arm in histories(records).values()
    ]
    seeds = sorted(set.intersection(*done)) if done else []
    if not seeds:
        raise ValueError("no seed is finished in every arm yet")
    return seeds


def curves(records: Sequence[Record], key: str) -> dict[str, NDArray[np.float64]]:
    """Return a number after each epoch by arm, (seeds, epochs), as `finished_seeds`."""
    found, seeds = histories(records), finished_seeds(records)
    return {
        name: np.array([[entry[key] for entry in arm[seed]] for seed in seeds])
        for name, arm in found.items()
    }


def paired(records: Sequence[Record], key: str) -> dict[str, list[float]]:
    """Return a number after the last epoch by arm, in the order of `finished_seeds`."""
    found, seeds = histories(records), finished_seeds(records)
    return {name: [arm[seed][-1][key] for seed in seeds] for name, arm in found.items()}


def setups(records: Sequence[Record]) -> list[Record]:
    """Return the setup records that the epochs belong to."""
    found = [record for record in records if record["kind"] == "setup"]
    used = {record["setup"] for record in records if record["kind"] == "epoch"}
    return [found[index] for index in sorted(used)]
