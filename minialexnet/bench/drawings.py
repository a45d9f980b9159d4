"""What a bench has measured, as two pictures."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..files.records import Record
from ..pictures.style import COLOURS, caption, write_figure
from .results import Results

HATCHES = ("", "///", "...", "xxx")


def draw_layers(results: Results, programs: Sequence[Record], out: Path) -> list[Path]:
    """Draw each layer's time at the largest batch as bars, backward after forward.

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
    axes.set_title("Time of each layer in a training step", loc="left")
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    note = _note(results, programs)
    if any("custom" in label for label in labels):
        note += " Custom: PyTorch with a faster response normalisation than its own."
    caption(figure, note, programs)
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
        ("batch", f"pictures a step,\n{most} cores", {"width": 1.0, "threads": most}),
        (
            "width",
            f"width of the network,\nbatch {small}",
            {"batch": small, "threads": most},
        ),
        ("threads", f"cores,\nbatch {large}", {"batch": large, "width": 1.0}),
    )
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    for axes, (key, title, fixed) in zip(figure.subplots(1, 3), panels, strict=True):
        fitting = [t for t in steps if all(t[k] == fixed[k] for k in fixed)]
        values = sorted({task[key] for task in fitting})
        rates = []
        for value in values:
            series = results.series("step", "step", **fixed | {key: value})
            batch = value if key == "batch" else fixed["batch"]
            rates.append([batch / seconds for seconds in series["winograd"]])
        _draw_rates(axes, values, rates)
        axes.set_xlabel(title)
        if key == "batch":
            axes.set_xscale("log", base=2)
        shown = values[:: 2 if len(values) > 5 else 1]
        axes.set_xticks(shown, [f"{value:g}" for value in shown])
    figure.suptitle("Training speed against batch, width and cores")
    figure.axes[0].set_ylabel("training (pictures/s)")
    note = "Vertical lines reach from the slowest to the fastest round. "
    caption(figure, note + _note(results, programs), programs)
    return write_figure(figure, out)


def _draw_rates(axes: Any, values: list[float], rates: list[list[float]]) -> None:
    """Draw the median rate at each value, with a line from slowest to fastest."""
    lowest, highest = [min(rate) for rate in rates], [max(rate) for rate in rates]
    axes.vlines(values, lowest, highest, color="black")
    middle = [statistics.median(rate) for rate in rates]
    axes.plot(values, middle, "o-", color=COLOURS[0])
    axes.set_ylim(bottom=0)


def _note(results: Results, programs: Sequence[Record]) -> str:
    """Return what stands below a picture, but for when and where."""
    rounds = max(record["round"] for record in results.records)
    look = "A quick look. " if programs[0]["quick"] else ""
    return (
        f"{look}The paper's network, random pictures, median of {rounds} "
        f"round{'s' * (rounds > 1)}, NumPy {programs[0]['versions']['numpy']}."
    )
