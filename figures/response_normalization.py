"""What response normalisation does to the activities of a trained first layer.

Krizhevsky et al. 2012, section 3.3: normalisation "implements a form of lateral
inhibition inspired by the type found in real neurons, creating competition for big
activities amongst neuron outputs computed using different kernels".

Drawn are the activities of conv1 on a photograph before and after its normalisation,
of a map that is loud and of a neighbour that it silences; every activity against what
became of it, below the curve of an activity that has no neighbours; and map by map how
much is lost to the map's own activities and how much to its neighbours'.

The photograph is grace_hopper.jpg, which Matplotlib ships. The kernels are those of a
network trained on Tiny ImageNet in the 2012 code's profile at a quarter of its width:
conv1 has 24 maps, 12 in each tower, with no ReLU before the normalisation, k = 2, n = 5
and alpha = 0.0001 / 5. They are read from a record, which `--record` makes from the
checkpoint of such a run; nothing is trained here, and nothing is random.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from compare.frame import drawing_parser, run_command
from minialexnet import LocalResponseNormalization
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.pictures.kernels import kernel_tiles
from minialexnet.pictures.photograph import photograph
from minialexnet.pictures.style import COLOURS, caption, write_figure
from pieces.activities import draw_activities
from pieces.first_layer import FirstLayer, read, record
from pieces.inhibition import (
    Floats,
    left,
    loud_and_silenced,
    shares_lost,
    turning_point,
)

NAME = "response_normalization"
RECORDED = Path(__file__).parent / "results" / "tiny_imagenet_conv1.npz"
SIDE, SIZE = 256, 224  # pixels of the photograph and of what the network takes of it


def draw(first: FirstLayer) -> tuple[Any, str]:
    """Return the figure, and in words what it measures."""
    from matplotlib.figure import Figure

    lrn = first.lrn
    plain = Preprocessing(SIZE, first.mean)
    x = plain.center(photograph(SIDE))
    a = first.before.forward(x)  # (1, 24, 55, 55)
    b = lrn.forward(a)
    own, neighbours = shares_lost(lrn, a, b)
    loud, silenced = loud_and_silenced(lrn, a, b)
    whole = float(abs(b).sum() * lrn.k**lrn.beta / abs(a).sum())

    figure: Any = Figure(figsize=(7.2, 10.2), layout="constrained")
    maps, points, bars = figure.subfigures(3, height_ratios=(4.2, 2.7, 2.9))
    draw_activities(maps, first, (x, a, b), (loud, silenced))
    _draw_points(points.subplots(), lrn, a, b)
    _draw_bars(bars, first, own, neighbours, (loud, silenced))
    model = first.state["model"]
    caption(
        figure,
        f"Matplotlib's grace_hopper.jpg, {SIZE} x {SIZE} pixels. Kernels of a network "
        f"trained for {first.state['epochs']} epochs on {first.state['data']}, crops "
        f"of {model['input_size']} x {model['input_size']} pixels: profile "
        f"{model['profile']} at a width of {model['width']:g}, seed {model['seed']}. "
        f"Before the normalisation: {', '.join(n for n, _ in first.before.leaves())}. "
        f"Its k = {lrn.k:g}, n = {lrn.n}, alpha = {lrn.alpha:g}, beta = {lrn.beta:g}; "
        f"neighbours are {'all maps' if lrn.groups == 1 else 'of the same tower'}.",
        first.state["runs"],
    )
    words = (
        f"Of the activities' sum {1 - whole:.0%} is lost beside the constant division "
        f"by k^beta: from {(own + neighbours).min():.0%} in one map to "
        f"{(own + neighbours).max():.0%} in another. Map {loud + 1} is the loudest; "
        f"its neighbour {silenced + 1} loses {neighbours[silenced]:.0%} to others. "
        f"{(abs(a) > turning_point(lrn)).mean():.1%} of the activities lie beyond "
        f"{turning_point(lrn):.0f}, where one alone would come out the smaller the "
        "larger it is."
    )
    return figure, words


def _draw_points(
    axes: Any, lrn: LocalResponseNormalization, a: Floats, b: Floats
) -> None:
    """Draw every activity against what became of it, and the curve of a lone one."""
    a, b = abs(a).ravel(), abs(b).ravel()
    # Every third place of 24 x 55 x 55 looks the same, in a third of the file.
    axes.plot(
        *(a[::3], b[::3]),
        ".",
        color="0.55",
        markersize=1.5,
        rasterized=True,
        label="an activity of a map at a place",
    )
    line = np.linspace(0, 1.02 * a.max(), 500)
    axes.plot(
        *(line, line * lrn.k**-lrn.beta),
        "--",
        color=COLOURS[1],
        label=r"divided by $k^\beta$ only",
    )
    axes.plot(
        *(line, line * lrn.k**-lrn.beta * left(lrn, line**2)),
        color=COLOURS[0],
        linewidth=2,
        label="no neighbour active",
    )
    peak = turning_point(lrn)
    top = float(peak * lrn.k**-lrn.beta * left(lrn, peak**2))
    axes.annotate(
        f"largest output: {top:.0f}\nat an activity of {peak:.0f}",
        (peak, top),
        (peak * 1.5, top * 1.22),
        arrowprops={"arrowstyle": "-|>", "color": "0.25"},
        fontsize=9,
    )
    axes.set(xlabel="activity before, |a| (no unit)", ylabel="after, |b|")
    axes.set(xlim=(0, line[-1]), ylim=(0, 1.75 * top))
    axes.legend(frameon=False, fontsize=9, loc="upper right", markerscale=6)


def _draw_bars(
    part: Any,
    first: FirstLayer,
    own: Floats,
    neighbours: Floats,
    marked: tuple[int, int],
) -> None:
    """Draw for each map what it loses to itself and to its neighbours."""
    C = len(own)
    axes, pictures = part.subplots(2, height_ratios=(8, 1))
    places = np.arange(C)
    axes.bar(places, 100 * own, color=COLOURS[0], label="by its own activities")
    axes.bar(
        places,
        100 * neighbours,
        bottom=100 * own,
        color=COLOURS[5],
        hatch="///",
        edgecolor="white",
        linewidth=0,
        label="by its neighbours'",
    )
    for border in range(1, first.lrn.groups):
        place = border * C // first.lrn.groups - 0.5
        axes.axvline(place, ymax=0.75, color="0.3", linestyle="--", linewidth=1)
    for i in marked:
        top = 100 * float(own[i] + neighbours[i])
        axes.plot(i, top + 6, "v", color="black", markersize=6)
    axes.set(ylabel="lost (% of activity)", ylim=(0, 100))
    axes.set(xlim=(-0.6, C - 0.4), xticks=places)
    axes.set_xticklabels([str(i + 1) for i in places], fontsize=8)
    axes.legend(frameon=False, fontsize=9, ncols=2, loc="upper left")
    kernels = kernel_tiles(first.kernels, columns=C, gap=2)
    kernels = np.pad(kernels, ((0, 0), (1, 1), (0, 0)), constant_values=1)
    pictures.imshow(kernels, extent=(-0.5, C - 0.5, 0, 1), aspect="auto")
    pictures.set(xlim=(-0.6, C - 0.4), xticks=[], yticks=[])
    pictures.set_xlabel("map and its kernel; dashed: the towers' border")
    pictures.spines[:].set_visible(False)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, NAME)
    parser.add_argument(
        "--draw",
        type=Path,
        default=RECORDED,
        metavar="FILE",
        help=f"the recorded first layer (default: figures/results/{RECORDED.name})",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="CHECKPOINT",
        help="first record the first layer of a trained alexnet in FILE",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        if options.record is not None:
            record(options.record, options.draw)
        figure, words = draw(read(options.draw))
        options.out.mkdir(parents=True, exist_ok=True)
        return words, write_figure(figure, options.out / NAME)

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
