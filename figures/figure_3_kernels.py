"""Figure 3: the kernels that the first layer has learned, tower by tower.

Krizhevsky et al. 2012, section 6.1, of the 96 kernels of 11 x 11 x 3: "The network has
learned a variety of frequency- and orientation-selective kernels, as well as various
colored blobs. Notice the specialization exhibited by the two GPUs [...] The kernels on
GPU 1 are largely color-agnostic, while the kernels on GPU 2 are largely color-specific.
This kind of specialization occurs during every run and is independent of any particular
random weight initialization (modulo a renumbering of the GPUs)."

Drawn are the first layer's kernels of a network that has two towers or one, as they
are, in the network's order, each scaled by its own largest weight; and the share of
colour in each (minialexnet.pictures.kernels.colour_shares), tower beside tower. Nothing
is trained here: the kernels come from a run or a file of weights (--weights), whose
records are kept with them, or from what was recorded of one earlier (--draw). By
default that is figures/results/tiny_imagenet_kernels.jsonl: the network of the 2012
profile with a quarter of the kernels, 40 epochs on Tiny ImageNet, one seed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from compare.frame import drawing_parser, run_command
from compare.numbers import chance
from minialexnet.files.records import Record, read_lines, write_lines
from minialexnet.pictures.kernels import colour_shares, kernel_tiles
from minialexnet.pictures.style import COLOURS, caption, open_frame, write_figure
from pieces.kernels import Kernels, read, towers

NAME = "figure_3"
RECORDED = Path(__file__).parent / "results" / "tiny_imagenet_kernels.jsonl"


# From the record to the sentence and the picture


def sentence(records: list[Record]) -> str:
    """Say how the towers differ in colour."""
    shares = [colour_shares(part) for part in towers(records)]
    lines = []
    for number, share in enumerate(shares, 1):
        more = int((share > 0.5).sum())
        lines.append(
            f"{'Tower ' + str(number) if len(shares) > 1 else 'The layer'}: "
            f"{more} of {len(share)} kernels are more colour than grey; "
            f"colour share {share.mean():.2f} on average."
        )
    if len(shares) == 2:
        p = chance(*shares)
        lines.append(
            "If the same kernels are assigned to the towers at random, these differ at "
            f"least as much in {p:.0%} of cases: "
            f"{'no sign of' if p > 0.05 else 'a sign of'} specialisation."
        )
    return "\n".join(lines)


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the kernels and their colour shares as OUT/figure_3.png and .svg."""
    from matplotlib.figure import Figure

    parts = towers(records)
    setup = next(record for record in records if record["kind"] == "setup")
    most = max(map(len, parts))
    across = max(1, round((16 * most / 3) ** 0.5))  # 16 of 48, as in the paper
    columns = -(-most // -(-most // across))
    rows = -(-most // columns)
    width, right = 7.2, 1.9
    high = (width - right) * rows / columns + 0.2
    figure = Figure(figsize=(width, len(parts) * high + 1.15), layout="constrained")
    grid = figure.add_gridspec(len(parts), 2, width_ratios=(width - right, right))
    for number, kernels in enumerate(parts):
        axes = figure.add_subplot(grid[number, 0], xticks=[], yticks=[])
        axes.imshow(kernel_tiles(kernels, columns), interpolation="nearest")
        axes.spines[:].set_visible(False)
        name = f"tower {number + 1}" if len(parts) > 1 else setup["layer"]
        axes.set_title(f"{name}: {len(kernels)} kernels", fontsize=10, loc="left")
    _draw_shares(figure.add_subplot(grid[:, 1]), parts)
    figure.suptitle("What the first layer has learned")
    caption(figure, _words(setup, parts), setup.get("runs") or [setup])
    return write_figure(figure, out / NAME)


def _draw_shares(axes: Any, parts: list[Kernels]) -> None:
    """Draw a mark for each kernel's colour share, and a line at each tower's mean."""
    for place, (kernels, colour, mark) in enumerate(
        zip(parts, COLOURS, "os", strict=False)
    ):
        share = np.sort(colour_shares(kernels))
        x = place + np.linspace(-0.25, 0.25, len(share))
        axes.plot(x, share, mark, color=colour, markersize=4)
        axes.hlines(share.mean(), place - 0.35, place + 0.35, color=colour)
    axes.axhline(2 / 3, color="0.4", linewidth=0.8, linestyle=":")
    axes.text(0.02, 0.675, "random", transform=axes.get_yaxis_transform(), fontsize=9)
    axes.set(xlim=(-0.5, len(parts) - 0.5), ylim=(-0.02, 1.02))
    axes.set_title("share of colour", fontsize=10)
    shares = (0, 0.2, 0.4, 0.6, 0.8, 1)
    axes.set_yticks(shares, ["grey 0", *map(str, shares[1:-1]), "colour 1"])
    names = [f"tower {n}" for n in range(1, len(parts) + 1)]
    axes.set_xticks(range(len(parts)), names if len(parts) > 1 else ["all"])
    open_frame(axes)


def _words(setup: Record, parts: list[Kernels]) -> str:
    """Say what network the kernels are of, and how it was trained."""
    network = setup["network"]
    profile = f", profile {network['profile']}" if "profile" in network else ""
    count, (_, high, wide) = sum(map(len, parts)), parts[0].shape[1:]
    name = {"alexnet": "AlexNet"}.get(network["model"], network["model"])
    words = f"{count} kernels of {high} x {wide} x 3: {name}{profile}"
    if network.get("width", 1) != 1:
        words += f", {network['width']:g} of the kernels"
    if setup.get("runs"):
        config, last = setup["runs"][-1]["config"], setup["last"]
        data = "Tiny ImageNet" if "tiny-imagenet" in config["data"] else config["data"]
        words += f", {last['epoch']} epochs on {data}, seed {config['seed']}"
        if "test_error" in last:
            words += f", top-1 error {last['test_error']:.1%}"
    else:
        words += f", from {Path(setup['weights']).name}"
    return (
        f"{words}. Each is scaled by its own largest weight, grey is 0. Right: each "
        "kernel's share of colour, and their mean; dotted, what independent random "
        "weights have."
    )


# The command


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, NAME)
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--weights",
        type=Path,
        metavar="RUN_OR_FILE",
        help="the folder of a run, or a file that train or convert wrote",
    )
    source.add_argument(
        "--draw",
        type=Path,
        default=RECORDED,
        metavar="JSONL",
        help="draw from kernels recorded earlier (default: %(default)s)",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        if options.weights is None:
            records = read_lines(options.draw)
        else:
            records = read(options.weights)
        text = sentence(records)
        options.out.mkdir(parents=True, exist_ok=True)
        if options.weights is not None:
            write_lines(options.out / "results.jsonl", records)
        return text, draw(records, options.out)

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
