"""What response normalisation does to the activities of a trained first layer.

Krizhevsky et al. 2012, section 3.3: normalisation "implements a form of lateral
inhibition inspired by the type found in real neurons, creating competition for big
activities amongst neuron outputs computed using different kernels".

Three pictures are drawn. ``_maps`` shows the activities of conv1 on a photograph before
and after its normalisation, of a map with large activities and of a neighbour that it
inhibits. ``_curve`` shows every activity against what became of it, below the curve of
an activity that has no neighbours. ``_lost`` shows for each map how much is lost to its
own activities and how much to its neighbours'.

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
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.pictures.kernels import kernel_tiles
from minialexnet.pictures.photograph import photograph
from minialexnet.pictures.style import COLOURS, caption, write_figure
from pieces.activities import draw_activities, draw_points
from pieces.first_layer import FirstLayer, read, record
from pieces.inhibition import Floats, loud_and_silenced, shares_lost, turning_point

NAME = "response_normalization"
RECORDED = Path(__file__).parent / "results" / "tiny_imagenet_conv1.npz"
SIDE, SIZE = 256, 224  # pixels of the photograph and of what the network takes of it


def draw(first: FirstLayer) -> tuple[dict[str, Any], str]:
    """Return the figures by name, and in words what they measure."""
    from matplotlib.figure import Figure

    lrn = first.lrn
    plain = Preprocessing(SIZE, first.mean)
    x = plain.center(photograph(SIDE))
    a = first.before.forward(x)  # (1, 24, 55, 55)
    b = lrn.forward(a)
    own, neighbours = shares_lost(lrn, a, b)
    loud, silenced = loud_and_silenced(lrn, a, b)
    whole = float(abs(b).sum() * lrn.k**lrn.beta / abs(a).sum())

    figures = {
        name: Figure(figsize=(7.2, height), layout="constrained")
        for name, height in (("maps", 4.7), ("curve", 3.8), ("lost", 4.4))
    }
    draw_activities(figures["maps"], first, (x, a, b), (loud, silenced))
    draw_points(figures["curve"].subplots(), lrn, a, b)
    _draw_bars(figures["lost"], first, own, neighbours, (loud, silenced))
    figures["maps"].suptitle("Large activities inhibit those of neighbouring maps")
    figures["curve"].suptitle("What normalisation makes of an activity")
    figures["lost"].suptitle("What each map loses, and to whom")
    model, data = first.state["model"], first.state["data"]
    data = "Tiny ImageNet" if data == "tiny-imagenet" else data
    shown = (
        f"Matplotlib's grace_hopper.jpg, {SIZE} x {SIZE} pixels, in "
        f"{', '.join(n for n, _ in first.before.leaves())} of a network of the profile "
        f"{model['profile']}, width {model['width']:g}, trained for "
        f"{first.state['epochs']} epochs on {data}, seed {model['seed']}; k = "
        f"{lrn.k:g}, n = {lrn.n}, alpha = {lrn.alpha:g}, beta = {lrn.beta:g}, "
        f"neighbours {'among all maps' if lrn.groups == 1 else 'in the same tower'}."
    )
    for figure in figures.values():
        caption(figure, shown, first.state["runs"])
    words = (
        f"Of the activities' sum {1 - whole:.0%} is lost beside the constant division "
        f"by k^beta: from {(own + neighbours).min():.0%} in one map to "
        f"{(own + neighbours).max():.0%} in another. Map {loud + 1} is the loudest; "
        f"its neighbour {silenced + 1} loses {neighbours[silenced]:.0%} to others. "
        f"{(abs(a) > turning_point(lrn)).mean():.1%} of the activities lie beyond "
        f"{turning_point(lrn):.0f}, where one alone would come out the smaller the "
        "larger it is."
    )
    return figures, words


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
    axes.bar(places, 100 * own, color=COLOURS[0], label="to its own activities")
    axes.bar(
        places,
        100 * neighbours,
        bottom=100 * own,
        color=COLOURS[5],
        hatch="///",
        edgecolor="white",
        linewidth=0,
        label="to its neighbours'",
    )
    for border in range(1, first.lrn.groups):
        place = border * C // first.lrn.groups - 0.5
        axes.axvline(place, ymax=0.75, color="0.3", linestyle="--", linewidth=1)
    for i in marked:  # drawn as pictures
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
    names = " and ".join(str(i + 1) for i in marked)
    pictures.set_xlabel(
        f"map and its kernel; dashed: the towers' border; triangles: maps {names}"
    )
    pictures.spines[:].set_visible(False)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, NAME)
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--draw",
        type=Path,
        default=RECORDED,
        metavar="FILE",
        help=f"the recorded first layer (default: figures/results/{RECORDED.name})",
    )
    source.add_argument(
        "--record",
        type=Path,
        metavar="CHECKPOINT",
        help="record the first layer of a trained alexnet as OUT/first_layer.npz",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        recorded = options.draw
        if options.record is not None:
            recorded = options.out / "first_layer.npz"
            record(options.record, recorded)
        figures, words = draw(read(recorded))
        options.out.mkdir(parents=True, exist_ok=True)
        files = []
        for name, figure in figures.items():
            files += write_figure(figure, options.out / f"{NAME}_{name}")
        return words, files

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
