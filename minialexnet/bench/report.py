"""What a bench has measured, as a table and as pictures."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..pictures.style import COLOURS, caption, write_figure
from ..table import Table

__all__ = ["Results", "draw_costs", "draw_layers"]

Record = dict[str, Any]
HATCHES = ("", "///", "...", "xxx")


class Results:
    """The records of all rounds, ready to be compared.

    Parameters
    ----------
    records : iterable of dict
        As `minialexnet.bench.rounds.measure` returns them.
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
        """Return the machine's own rate of matrix products, in GFLOP/s."""
        for record in self.records:
            task = record["task"]
            if task["case"] == "sgemm" and task["threads"] == threads:
                side = task["batch"]
                times = self.series("sgemm", "product", threads=threads)
                seconds = statistics.median(next(iter(times.values())))
                return float(2e-9 * side**3 / seconds)
        raise ValueError(f"expected a record of sgemm on {threads} threads, got none")

    def table(self) -> str:
        """Return the whole networks, then the layers, as text."""
        counts = sorted({r["task"]["threads"] for r in self.records})
        lines = [
            f"sgemm on {n} thread{'s' * (n > 1)}: {self.sgemm(n):.0f} GFLOP/s"
            for n in counts
            if any(
                r["task"]["case"] == "sgemm" and r["task"]["threads"] == n
                for r in self.records
            )
        ]
        threads = counts[-1]
        tables: list[str] = []
        rows = [["", "seconds", "spread", "pictures/s", "of sgemm", "GiB", *_RATIOS]]
        for case, measure, batch in self._wholes():
            task = {"batch": batch, "width": 1.0}
            if case != "decode":
                task["threads"] = threads
            series = self.series(case, measure, **task)
            layouts = self.best_layouts(series)
            best = {variant: series[label] for variant, label in layouts.items()}
            for label, times in series.items():
                work = _operations(case, measure) * batch
                rate = work / statistics.median(times) / 1e9
                rows.append(
                    [
                        f"{case} {batch}, {measure}, {label}",
                        f"{statistics.median(times):.4g}",
                        f"{min(times):.4g} to {max(times):.4g}",
                        f"{batch / statistics.median(times):.4g}",
                        f"{rate / self.sgemm(threads):.0%}" if work else "",
                        f"{self._peak(case, batch, label, threads):.2f}",
                        *_ratios(label, times, best),
                    ]
                )
        for batch in self.layer_batches():
            tables += ["", *self._layers(threads, batch)]
        return "\n".join([*lines, "", *_columns(rows), *tables])

    def _wholes(self) -> list[tuple[str, str, int]]:
        """Return (case, measure, batch) of all that is no layer, each once."""
        wanted = [
            (r["task"]["case"], measure, r["task"]["batch"])
            for r in self.records
            if r["task"]["case"] not in ("sgemm", "layers") and _compared(r)
            for measure in r["seconds"]
        ]
        return list(dict.fromkeys(wanted))

    def _peak(self, case: str, batch: int, label: str, threads: int) -> float:
        peaks = [
            r["peak_gib"]
            for r in self.records
            if (r["task"]["case"], r["task"]["batch"]) == (case, batch)
            and _label(r) == label
            and _compared(r)
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
                if not label.startswith("PyTorch") or label in best
            }
            for name, series in found.items()
        }

    def _layers(self, threads: int, batch: int) -> list[str]:
        operations = {row.name: 2 * row.multiply_adds for row in _table("step").rows}
        rows = [[f"layers {batch}", "ms", "spread", "of sgemm", *_RATIOS]]
        for name, series in self.layer_times(batch).items():
            best = {v: series[label] for v, label in self.best_layouts(series).items()}
            work = operations.get(name.split()[0], 0) * batch
            if name.endswith("backward") and not name.startswith("conv1 "):
                work *= 2
            for label, times in series.items():
                milliseconds = [1e3 * seconds for seconds in times]
                middle = statistics.median(milliseconds)
                rate = work / middle / 1e6
                rows.append(
                    [
                        f"{name}, {label}",
                        f"{middle:.1f}",
                        f"{min(milliseconds):.1f} to {max(milliseconds):.1f}",
                        f"{rate / self.sgemm(threads):.0%}" if work else "",
                        *_ratios(label, times, best),
                    ]
                )
        return _columns(rows)


_RATIOS = ("to stock", "to custom")


def _label(record: Record) -> str:
    task = record["task"]
    if record["program"] == "torch":
        return f"PyTorch {task['variant']} {task['layout']}"
    return str(task["variant"])


def _compared(record: Record) -> bool:
    """Say whether a record is of more than the cost by batch, width or cores."""
    task = record["task"]
    return bool(task["width"] == 1.0)


def _ratios(
    label: str, times: Sequence[float], best: dict[str, list[float]]
) -> list[str]:
    """Return the medians of the rounds' ratios to PyTorch's better layouts."""
    cells = []
    for variant in ("stock", "custom"):
        if label.startswith("PyTorch") or variant not in best:
            cells.append("")
            continue
        pairs = zip(times, best[variant], strict=True)
        cells.append(f"{statistics.median(own / other for own, other in pairs):.2f}")
    return cells


def _table(case: str) -> Table:
    """Return the table of the network that a case takes, without drawing weights."""
    if case == "cifar":
        return cifar_net(seed=None).table((3, 32, 32))
    return alexnet(seed=None).table((3, 224, 224))


def _operations(case: str, measure: str) -> int:
    """Return the operations of one picture's matrix products, 0 where not counted.

    Winograd's are counted as those that it does the work of.
    """
    if case not in ("step", "cifar", "inference") or measure == "SGD":
        return 0
    table = _table(case)
    forward = 2 * table.multiply_adds
    backward = 2 * forward - 2 * table.rows[0].multiply_adds
    return {
        "forward": forward,
        "backward": backward,
        "step": forward + backward,
    }[measure]


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def draw_layers(results: Results, programs: Sequence[Record], out: Path) -> list[Path]:
    """Draw the time of each layer of the largest batch as bars, the ways stacked.

    Parameters
    ----------
    results : Results
    programs : sequence of dict
        What `minialexnet.files.records.provenance` said of each program that measured.
    out : Path
        Written as .png and .svg.

    Returns
    -------
    list of Path
    """
    from matplotlib.figure import Figure

    batch = results.layer_batches()[0]
    times = {
        name: series
        for name, series in results.layer_times(batch).items()
        if name.split()[0].startswith(("conv", "lrn", "pool", "fc"))
    }
    names = list(dict.fromkeys(name.split()[0] for name in times))
    labels = list(dict.fromkeys(label for series in times.values() for label in series))
    figure = Figure(figsize=(7.2, 6), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / len(labels)
    looks = zip(labels, COLOURS, HATCHES, strict=False)
    for number, (label, colour, hatch) in enumerate(looks):
        shift = (number - (len(labels) - 1) / 2) * height
        places = [place + shift for place in range(len(names))]
        left = [0.0] * len(names)
        for direction, alpha in (("forward", 1.0), ("backward", 0.5)):
            series = [times.get(f"{name} {direction}", {}) for name in names]
            widths = [1e3 * statistics.median(s.get(label, [0.0])) for s in series]
            axes.barh(
                places,
                widths,
                height,
                left,
                color=colour,
                alpha=alpha,
                hatch=hatch,
                edgecolor="white",
                linewidth=0,
                label=f"{label}, {direction}",
            )
            left = widths
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"time of a training step of {batch} pictures (ms)")
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    caption(figure, _note(results, programs), programs)
    return write_figure(figure, out)


def draw_costs(results: Results, programs: Sequence[Record], out: Path) -> list[Path]:
    """Draw pictures a second of training against batch, width and cores.

    Parameters
    ----------
    results, programs, out
        As for `draw_layers`.
    """
    from matplotlib.figure import Figure

    steps = [
        r["task"]
        for r in results.records
        if r["task"]["case"] == "step" and r["task"]["variant"] == "winograd"
    ]
    most = max(task["threads"] for task in steps)
    large = max(task["batch"] for task in steps)
    small = next(task["batch"] for task in steps if task["width"] < 1)
    panels = (
        ("batch", f"pictures at once,\n{most} cores", {"width": 1.0, "threads": most}),
        (
            "width",
            f"width of the network,\nbatch {small}",
            {"batch": small, "threads": most},
        ),
        ("threads", f"cores,\nbatch {large}", {"batch": large, "width": 1.0}),
    )
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    for axes, (key, title, fixed) in zip(figure.subplots(1, 3), panels, strict=True):
        values = sorted(
            {
                task[key]
                for task in steps
                if all(task[k] == value for k, value in fixed.items())
            }
        )
        rates = []
        for value in values:
            series = results.series("step", "step", **fixed | {key: value})
            batch = value if key == "batch" else fixed["batch"]
            rates.append([batch / seconds for seconds in series["winograd"]])
        middle = [statistics.median(rate) for rate in rates]
        lowest, highest = [min(rate) for rate in rates], [max(rate) for rate in rates]
        axes.vlines(values, lowest, highest, color="black")
        axes.plot(values, middle, "o-", color=COLOURS[0])
        axes.set_xlabel(title)
        axes.set_ylim(bottom=0)
        if key == "batch":
            axes.set_xscale("log", base=2)
        shown = values[:: 2 if len(values) > 5 else 1]
        axes.set_xticks(shown, [f"{value:g}" for value in shown])
    figure.axes[0].set_ylabel("training (pictures/s)")
    note = "Lines: from the slowest to the fastest round. "
    caption(figure, note + _note(results, programs), programs)
    return write_figure(figure, out)


def _note(results: Results, programs: Sequence[Record]) -> str:
    """Return what stands below a picture, but for when and where."""
    rounds = max(record["round"] for record in results.records)
    look = "A quick look. " if programs[0]["quick"] else ""
    return (
        f"{look}The paper's network, random pictures, median of {rounds} "
        f"round{'s' * (rounds > 1)}, NumPy {programs[0]['versions']['numpy']}."
    )
