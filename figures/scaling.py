"""What a step costs on more ranks: the model beside what was measured, and beyond.

The model has three constants: the seconds of a rank for a picture, the bytes a second
and the seconds of the smallest message between ranks. Two of them are measured on two
ranks of this machine::

    mpiexec -n 2 python figures/scaling.py --measure --out runs/scaling

The third is that of one rank in the record of ``minialexnet bench --ranks``, whose
other numbers of ranks are what the model has to foretell. What lies beyond, up to 1,024
ranks on other links, is a prediction, for data parallelism and for the scheme of 2014.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compare.frame import drawing_parser, run_command
from minialexnet import alexnet
from minialexnet.bench.results import Results
from minialexnet.bench.scaling import table
from minialexnet.files.records import Record, read_lines
from minialexnet.files.replacing import replacing
from minialexnet.parallel.cost import Machine, step_cost
from minialexnet.pictures.style import (
    COLOURS,
    caption,
    look,
    open_frame,
    write_figure,
)
from pieces.messages import ROUNDS, Link, link_of, measure
from pieces.points import Series, series_of

NAME = "scaling"
RESULTS = Path(__file__).resolve().parent / "results"
BENCH = RESULTS / "bench_3.jsonl"  # a step of AlexNet on one core
SHAPE, EACH, WHOLE = (3, 224, 224), 128, 2048  # pictures of a rank, or of all
RANKS = [1 << power for power in range(11)]
# Bytes a second and seconds a message, published: of NVLink 4, 900 GB/s both ways
# together (NVIDIA, H100). The latencies are assumed.
LINKS = {
    "10 Gbit/s": (1.25e9, 3e-5),
    "100 Gbit/s": (12.5e9, 1e-5),
    "NVLink": (450e9, 5e-6),
}
GPU = 1 / 6000  # seconds a picture, assumed: a GPU of today
TITLES = {"data": "by pictures", "2014": "scheme of 2014"}
WORDS = (
    f"Above: messages between two ranks of this machine, the shortest of {ROUNDS} "
    "each; steps of ranks that share its cores, with the same batch for all (strong) "
    "or as large a one for each (weak). Below: predicted by the model for AlexNet, not "
    "measured; the three links have published bandwidths, their latencies and a GPU's "
    "6,000 pictures/s are assumed, the other rate is that of one core here. NVLink, "
    "450 GB/s each way, joins far fewer GPUs."
)


def draw_messages(axes: Any, records: Sequence[Record]) -> None:
    """Draw the time of messages by their size, and that of the two constants."""
    bandwidth, latency = link_of(records)
    found = [(r["bytes"], r["seconds"]) for r in records if r["kind"] == "message"]
    sizes = np.array([size for size, _ in found])
    times = [1e6 * seconds for _, seconds in found]
    axes.plot(sizes, times, "o", color=COLOURS[0], label="measured")
    line = 1e6 * (latency + sizes / bandwidth)
    words = f"{1e6 * latency:.2g} µs + bytes / ({bandwidth / 1e9:.2g} GB/s)"
    axes.plot(sizes, line, color="0.3", label=words)
    axes.set(xscale="log", yscale="log", xlabel="bytes of a message", ylabel="µs")
    axes.set_title("two ranks of this machine", size=9)
    axes.legend(frameon=False, fontsize=7)


def draw_series(axes: Any, series: Sequence[Series], link: Link) -> None:
    """Draw the measured seconds of steps, and beside them what the model foretells."""
    for number, own in enumerate(series):
        ranks, one, style = list(own.seconds), own.seconds[1], look(number)
        measured = [seconds / one for seconds in own.seconds.values()]
        axes.plot(ranks, measured, label=own.label, linestyle="", **style)
        model = [own.foretold(n, link) / one for n in ranks]
        axes.plot(ranks, model, color=style["color"])
    axes.set_xticks(list(series[0].seconds))
    axes.set(xlabel="ranks", ylabel="times the step of one rank", ylim=(0, None))
    axes.set_title("measured, and by the model (lines)", size=9)
    axes.legend(frameon=False, fontsize=7)


def draw_prediction(axes: Any, a_picture: float, weak: bool) -> None:
    """Draw the share of a step that is computing against the ranks, for each link."""
    network = alexnet("paper", seed=None)
    for number, (name, link) in enumerate(LINKS.items()):
        for scheme, line in zip(("data", "2014"), ("-", "--"), strict=True):
            shares = []
            for ranks in RANKS:
                how = EACH * ranks if weak else WHOLE, ranks, scheme
                cost = step_cost(network, SHAPE, *how, Machine(a_picture, *link))
                shares.append(100 * cost.compute / cost.seconds)
            label = f"{TITLES[scheme]}, {name}"
            style = look(number) | {"linestyle": line, "markersize": 4}
            axes.plot(RANKS, shares, label=label, **style)
    axes.set_xscale("log", base=2)
    axes.set_xticks(RANKS[::2], [f"{ranks:,}" for ranks in RANKS[::2]])
    batch = f"{EACH} pictures a rank" if weak else f"{WHOLE:,} pictures in all"
    axes.set_title(
        f"PREDICTION: {1 / a_picture:,.0f} pictures/s a rank\n{batch}", size=9
    )
    axes.set(ylim=(0, 105), xlabel="ranks")


def draw(bench: Sequence[Record], sent: Sequence[Record], out: Path) -> list[Path]:
    """Draw the constants and what was measured above, and predictions below."""
    from matplotlib.figure import Figure

    steps = Results(read_lines(BENCH)).series("step", "step", threads=1)
    core = statistics.median(steps["winograd"]) / EACH
    figure = Figure(figsize=(7.2, 9), layout="constrained")
    panels = figure.subplots(3, 2)
    draw_messages(panels[0, 0], sent)
    draw_series(panels[0, 1], series_of(bench), link_of(sent))
    for row, a_picture in zip(panels[1:], (core, GPU), strict=True):
        for axes, weak in zip(row, (True, False), strict=True):
            draw_prediction(axes, a_picture, weak)
        row[0].set_ylabel("share of a step that computes (%)")
    panels[1, 0].legend(frameon=False, fontsize=7, handlelength=4)  # shows dashes
    open_frame(*panels.ravel())
    runs = [record for record in sent if "commit" in record]
    runs += [record["run"] for record in bench if "run" in record]
    caption(figure, WORDS, runs)
    return write_figure(figure, out / NAME)


def write_table(
    bench: Sequence[Record], sent: Sequence[Record], out: Path
) -> list[Path]:
    """Write what was measured, and beside it what the model foretells."""
    lines = [table(bench), "", "Times the step of one rank, and what the model says:"]
    for own in series_of(bench):
        one, link = own.seconds[1], link_of(sent)
        words = [
            f"{n} ranks {seconds / one:.2f} ({own.foretold(n, link) / one:.2f})"
            for n, seconds in own.seconds.items()
            if n > 1
        ]
        lines.append(f"{own.label}: {'; '.join(words)}")
    with replacing(out / f"{NAME}.txt") as file:
        file.write("\n".join([*lines, ""]).encode())
    return [out / f"{NAME}.txt"]


def main(arguments: list[str] | None = None) -> int:
    """Measure or draw; return the exit code."""
    parser = drawing_parser(__doc__, NAME)
    add = parser.add_argument
    add("--measure", action="store_true", help="time messages; on two ranks of mpiexec")
    add("--messages", type=Path, default=RESULTS / "messages.jsonl", metavar="JSONL")
    add(
        "--bench",
        type=Path,
        default=RESULTS / "ranks.jsonl",
        metavar="JSONL",
        help="of minialexnet bench --ranks",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        if options.measure:
            return "", measure(options.out)
        bench, sent = read_lines(options.bench), read_lines(options.messages)
        if not any("ranks" in line for line in bench):
            raise ValueError(
                f"{options.bench}: expected what minialexnet bench --ranks records"
            )
        if not any(line.get("kind") == "message" for line in sent):
            raise ValueError(f"{options.messages}: expected what --measure records")
        options.out.mkdir(parents=True, exist_ok=True)
        files = write_table(bench, sent, options.out)
        return "", draw(bench, sent, options.out) + files

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
