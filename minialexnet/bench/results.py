"""The records of a bench: what each program took for each thing, round by round."""

import statistics
from collections.abc import Iterable
from typing import Any

from ..files.records import Record


class Results:
    """The records of all rounds, ready to be compared.

    A program and its way of computing have a label: "im2col", "winograd", "PyTorch
    stock channels_last".

    Parameters
    ----------
    records : iterable of dict
        As `minialexnet.bench.rounds.measure` returns them; other lines are left out.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = [record for record in records if "task" in record]

    def series(self, case: str, measure: str, **task: Any) -> dict[str, list[float]]:
        """Return the seconds of each round, by what measured them."""
        found: dict[str, list[float]] = {}
        for record in self.records:
            own = record["task"]
            if own["case"] != case or measure not in record["seconds"]:
                continue
            if all(own[key] == value for key, value in task.items()):
                label = _label(record)
                found.setdefault(label, []).append(record["seconds"][measure])
        return found

    def best_layouts(self, series: dict[str, list[float]]) -> dict[str, str]:
        """Return, of PyTorch's stock and custom, the label with the lower median."""
        best: dict[str, str] = {}
        for variant in ("stock", "custom"):
            layouts = [key for key in series if key.startswith(f"PyTorch {variant}")]
            if layouts:
                best[variant] = min(
                    layouts, key=lambda label: statistics.median(series[label])
                )
        return best

    def sgemm(self, threads: int) -> float:
        """Return the machine's own rate of matrix products, in GFLOP/s.

        Raises
        ------
        ValueError
            If it was not measured on so many threads.
        """
        for record in self.records:
            task = record["task"]
            if task["case"] == "sgemm" and task["threads"] == threads:
                times = self.series("sgemm", "product", threads=threads)
                seconds = statistics.median(next(iter(times.values())))
                return float(2e-9 * task["batch"] ** 3 / seconds)
        raise ValueError(f"expected a record of sgemm on {threads} threads, got none")

    def threads(self, case: str | None = None) -> list[int]:
        """Return on how many threads a case, or anything, was measured, in order."""
        tasks = [record["task"] for record in self.records]
        return sorted({t["threads"] for t in tasks if case in (None, t["case"])})

    def wholes(self) -> list[tuple[str, str, int]]:
        """Return (case, measure, batch) of all but products and layers, each once."""
        wanted = [
            (r["task"]["case"], measure, r["task"]["batch"])
            for r in self.records
            if r["task"]["case"] not in ("sgemm", "layers") and _of_full_width(r)
            for measure in r["seconds"]
        ]
        return list(dict.fromkeys(wanted))

    def peak(self, case: str, batch: int, label: str, threads: int) -> float:
        """Return the most memory that a process of this case held, in GiB, a median."""
        peaks = [
            r["peak_gib"]
            for r in self.records
            if (r["task"]["case"], r["task"]["batch"]) == (case, batch)
            and _label(r) == label
            and _of_full_width(r)
            and (case == "decode" or r["task"]["threads"] == threads)
        ]
        return float(statistics.median(peaks))

    def layer_batches(self) -> list[int]:
        """Return at which batches the layers were measured, the largest first."""
        tasks = [record["task"] for record in self.records]
        batches = {task["batch"] for task in tasks if task["case"] == "layers"}
        return sorted(batches, reverse=True)

    def layer_times(self, batch: int) -> dict[str, dict[str, list[float]]]:
        """Return the seconds of each layer and direction, by what measured them.

        Of PyTorch's two layouts the one that is better over all layers is left.
        """
        names = dict.fromkeys(
            name
            for record in self.records
            if record["task"]["case"] == "layers"
            for name in record["seconds"]
        )
        found = {name: self.series("layers", name, batch=batch) for name in names}
        labels = {label for series in found.values() for label in series}
        totals = {
            label: [sum(statistics.median(s[label]) for s in found.values())]
            for label in sorted(labels)
        }
        best = set(self.best_layouts(totals).values())
        return {
            name: {
                label: times
                for label, times in series.items()
                if not is_torch(label) or label in best
            }
            for name, series in found.items()
        }


def is_torch(label: str) -> bool:
    """Say whether a label is one of PyTorch's."""
    return label.startswith("PyTorch")


def _label(record: Record) -> str:
    task = record["task"]
    if record["program"] == "torch":
        return f"PyTorch {task['variant']} {task['layout']}"
    return str(task["variant"])


def _of_full_width(record: Record) -> bool:
    """Say whether a record is of the whole network, and not of a narrower one."""
    return bool(record["task"]["width"] == 1.0)
