"""What a bench has measured, as a table of text."""

import statistics
from collections.abc import Sequence

from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..table import Table
from .results import Results, is_torch

RATIOS = ("to stock", "to custom")  # our time over that of PyTorch's better layout


def table(results: Results) -> str:
    """Return the rate of products, the whole networks and the layers, as text."""
    lines = [
        f"sgemm on {n} thread{'s' * (n > 1)}: {results.sgemm(n):.0f} GFLOP/s"
        for n in results.threads("sgemm")
    ]
    threads = results.threads()[-1]
    lines += ["", *columns(_whole_rows(results, threads))]
    for batch in results.layer_batches():
        lines += ["", *columns(_layer_rows(results, threads, batch))]
    return "\n".join(lines)


def _whole_rows(results: Results, threads: int) -> list[list[str]]:
    """Return a row for each case, batch and program, below the heads."""
    rows = [["", "seconds", "spread", "pictures/s", "of sgemm", "GiB", *RATIOS]]
    for case, measure, batch in results.wholes():
        task = {"batch": batch, "width": 1.0}
        if case != "decode":  # which takes one thread
            task["threads"] = threads
        series = results.series(case, measure, **task)
        for label, times in series.items():
            middle = statistics.median(times)
            rate = _operations(case, measure) * batch / middle / 1e9
            rows.append(
                [
                    f"{case} {batch}, {measure}, {label}",
                    f"{middle:.4g}",
                    f"{min(times):.4g} to {max(times):.4g}",
                    f"{batch / middle:.4g}",
                    f"{rate / results.sgemm(threads):.0%}" if rate else "",
                    f"{results.peak(case, batch, label, threads):.2f}",
                    *_ratios(results, label, series),
                ]
            )
    return rows


def _layer_rows(results: Results, threads: int, batch: int) -> list[list[str]]:
    """Return a row for each layer, direction and program, below the heads."""
    operations = {row.name: 2 * row.multiply_adds for row in _shapes("step").rows}
    rows = [[f"layers {batch}", "ms", "spread", "of sgemm", *RATIOS]]
    for name, series in results.layer_times(batch).items():
        work = operations.get(name.split()[0], 0) * batch
        # Backward has two products, dW and dx; conv1 needs no dx.
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
                    f"{rate / results.sgemm(threads):.0%}" if work else "",
                    *_ratios(results, label, series),
                ]
            )
    return rows


def _ratios(results: Results, label: str, series: dict[str, list[float]]) -> list[str]:
    """Return the medians of the rounds' ratios to PyTorch's better layouts."""
    best = results.best_layouts(series)
    cells = []
    for variant in ("stock", "custom"):
        if is_torch(label) or variant not in best:
            cells.append("")
            continue
        pairs = zip(series[label], series[best[variant]], strict=True)
        cells.append(f"{statistics.median(own / other for own, other in pairs):.2f}")
    return cells


def _shapes(case: str) -> Table:
    """Return the table of the network that a case takes, without drawing weights."""
    if case == "cifar":
        return cifar_net(seed=None).table((3, 32, 32))
    return alexnet(seed=None).table((3, 224, 224))


def _operations(case: str, measure: str) -> int:
    """Return the operations of one picture's matrix products, 0 where not counted.

    Winograd's count as those of the products that it replaces.
    """
    if case not in ("step", "cifar", "inference") or measure == "SGD":
        return 0
    shapes = _shapes(case)
    forward = 2 * shapes.multiply_adds
    backward = 2 * forward - 2 * shapes.rows[0].multiply_adds
    counts = {"forward": forward, "backward": backward, "step": forward + backward}
    return counts[measure]


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]
