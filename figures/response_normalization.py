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

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.cbook
import numpy as np
from numpy.typing import NDArray

from command import run_command
from minialexnet import LocalResponseNormalization, Sequential, alexnet
from minialexnet.data.picture import read_image
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.files import checkpoint
from minialexnet.pictures.style import COLOURS, caption, write_figure

NAME = "response_normalization"
RECORDED = Path(__file__).parent / "results" / "tiny_imagenet_conv1.npz"
NEEDED = {"w/conv1.W", "w/conv1.b", "mean"}
SIDE, SIZE = 256, 224  # pixels of the photograph and of what the network takes of it

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class FirstLayer:
    """Conv1 of a trained network with its normalisation, and where it was trained.

    Attributes
    ----------
    before : Sequential
        Conv1 and what else stands before the normalisation.
    lrn : LocalResponseNormalization
    state : dict
        "model", "data", "runs" (the provenance of the training) and "epochs".
    mean : ndarray of float32, shape (3,)
        Of the training pixels, 0-255.
    """

    before: Sequential
    lrn: LocalResponseNormalization
    state: dict[str, Any]
    mean: NDArray[np.float32]

    @property
    def kernels(self) -> Floats:
        """Conv1's weights, (C, 3, 11, 11)."""
        kernels: Floats = self.before.parameters()["conv1.W"]
        return kernels


def record(trained: Path, out: Path) -> None:
    """Write the first layer of a run's checkpoint, and what it takes to read it."""
    arrays, state = checkpoint.load(trained)
    missing = {"model", "runs", "history", "config"} - state.keys()
    if missing or not arrays.keys() >= NEEDED:
        raise ValueError(f"expected the checkpoint of a run of alexnet, got {trained}")
    mean = arrays["mean"].reshape(3, -1).mean(axis=1, dtype=np.float64)
    kept = {name: arrays[name] for name in NEEDED} | {"mean": mean.astype(np.float32)}
    about = {
        "model": state["model"],
        "data": Path(state["config"]["data"]).name,
        "runs": state["runs"],
        "epochs": len(state["history"]),
    }
    checkpoint.save(out, dict(sorted(kept.items())), about)


def read(recorded: Path) -> FirstLayer:
    """Return what `record` wrote."""
    arrays, state = checkpoint.load(recorded)
    missing = {"model", "data", "runs", "epochs"} - state.keys()
    if missing or not arrays.keys() >= NEEDED:
        raise ValueError(f"expected a recorded first layer, got {recorded}")
    model = {key: v for key, v in state["model"].items() if key != "model"}
    leaves = list(alexnet(**model | {"seed": None}).leaves())
    names = [name for name, _ in leaves]
    if "lrn1" not in names:
        raise ValueError("expected conv1 to be normalised, got a profile without lrn1")
    before, lrn = leaves[: names.index("lrn1")], dict(leaves)["lrn1"]
    conv = before[0][1]
    if conv.params["W"].shape != arrays["w/conv1.W"].shape:
        raise ValueError(
            f"expected kernels {conv.params['W'].shape} in {recorded}, "
            f"got {arrays['w/conv1.W'].shape}"
        )
    conv.params = {name: arrays[f"w/conv1.{name}"] for name in ("W", "b")}
    assert isinstance(lrn, LocalResponseNormalization)
    return FirstLayer(Sequential(before), lrn, state, arrays["mean"])


def photograph() -> NDArray[np.uint8]:
    """Return the photograph's centre, (1, 3, 256, 256)."""
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return read_image(str(path), SIDE)[None]


def left(lrn: LocalResponseNormalization, squares: Floats | float) -> Floats:
    """Return (k / d)^beta for sums of squares: 1 where nothing is inhibited."""
    return np.asarray((lrn.k / (lrn.k + lrn.alpha * np.asarray(squares))) ** lrn.beta)


def turning_point(lrn: LocalResponseNormalization) -> float:
    """Return the activity whose output is largest, where no neighbour is active.

    The derivative of a (k + alpha a^2)^-beta is 0 at alpha a^2 (2 beta - 1) = k.
    """
    return float((lrn.k / (lrn.alpha * (2 * lrn.beta - 1))) ** 0.5)


def parts_left(lrn: LocalResponseNormalization, a: Floats) -> Floats:
    """Return (k / d)^beta for every activity."""
    # Where an activity is 0, one too small to change d shows what is left.
    shown = np.where(a == 0, a.dtype.type(1e-6), a)
    part: Floats = lrn.forward(shown) / shown * a.dtype.type(lrn.k**lrn.beta)
    return part


def shares_lost(
    lrn: LocalResponseNormalization, a: Floats, b: Floats
) -> tuple[Floats, Floats]:
    """Return for each map what part of its activity it and its neighbours take away.

    Of the sum of |a| over the picture, as against a layer that divides by k^beta and
    no more. Its own part is what a map loses where all its neighbours are silent.

    Parameters
    ----------
    lrn : LocalResponseNormalization
    a, b : ndarray, shape (1, C, H, W)
        Before and after.

    Returns
    -------
    own, neighbours : ndarray, shape (C,)
        From 0 to 1, and so is their sum.
    """
    places = (0, 2, 3)
    whole = abs(a).sum(axis=places)
    alone = (abs(a) * left(lrn, a * a)).sum(axis=places) / whole
    together = abs(b).sum(axis=places) * lrn.k**lrn.beta / whole
    return 1 - alone, alone - together


def loud_and_silenced(
    lrn: LocalResponseNormalization, a: Floats, b: Floats
) -> tuple[int, int]:
    """Return the map with the largest squares, and who loses most in its windows."""
    _, neighbours = shares_lost(lrn, a, b)
    loud = int((a * a).sum(axis=(0, 2, 3)).argmax())
    tower = a.shape[1] // lrn.groups
    near = [
        i
        for i in range(
            max(0, loud - lrn.n // 2), min(a.shape[1], loud + lrn.n // 2 + 1)
        )
        if i != loud and i // tower == loud // tower
    ]
    return loud, max(near, key=lambda i: neighbours[i])


def draw(first: FirstLayer) -> tuple[Any, str]:
    """Return the figure, and in words what it measures."""
    from matplotlib.figure import Figure

    lrn = first.lrn
    plain = Preprocessing(SIZE, first.mean)
    x = plain.center(photograph())
    a = first.before.forward(x)  # (1, 24, 55, 55)
    b = lrn.forward(a)
    own, neighbours = shares_lost(lrn, a, b)
    loud, silenced = loud_and_silenced(lrn, a, b)
    whole = float(abs(b).sum() * lrn.k**lrn.beta / abs(a).sum())

    figure: Any = Figure(figsize=(7.2, 10.2), layout="constrained")
    maps, points, bars = figure.subfigures(3, height_ratios=(4.2, 2.7, 2.9))
    _draw_maps(maps, first, x, a, b, (loud, silenced))
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


def _draw_maps(
    part: Any, first: FirstLayer, x: Floats, a: Floats, b: Floats, rows: tuple[int, int]
) -> None:
    """Draw two maps before and after, and what part was left at each place."""
    lrn = first.lrn
    panels = part.subplots(2, 4)
    pixels = x[0] + first.mean[:, None, None]
    panels[0, 0].imshow(_picture(pixels, 0, 255))
    panels[0, 0].set_title("photograph", fontsize=10)
    panels[1, 0].axis("off")
    kernels = panels[1, 0].inset_axes((0.05, 0.05, 0.9, 0.8))
    pair = [_kernel(first.kernels[i]) for i in rows]
    gap = np.ones((11, 2, 3))
    kernels.imshow(np.concatenate([pair[0], gap, pair[1]], axis=1))
    kernels.set_title(f"kernels {rows[0] + 1}, {rows[1] + 1}", fontsize=10)
    kernels.set(xticks=[], yticks=[])
    scale = {"cmap": "gray", "vmin": -1, "vmax": 1}
    parts = parts_left(lrn, a)
    for (_, before, share, after), i in zip(panels, rows, strict=True):
        largest = float(f"{np.quantile(abs(a[0, i]), 0.99):.2g}")
        shown = before.imshow(a[0, i] / largest, **scale)
        factor = share.imshow(parts[0, i], cmap="gray", vmin=0, vmax=1)
        after.imshow(b[0, i] * lrn.k**lrn.beta / largest, **scale)
        before.set_ylabel(f"map {i + 1}, unit {largest:g}")
    titles = ("before: $a$", r"left: $(k / d)^\beta$", r"after: $b \cdot k^\beta$")
    for axes, title in zip(panels[0, 1:], titles, strict=True):
        axes.set_title(title, fontsize=10)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
    for image, column, label, ticks in (
        (shown, 1, "activity (row's unit)", (-1, 0, 1)),
        (factor, 2, "part left", (0, 0.5, 1)),
        (shown, 3, "activity (row's unit)", (-1, 0, 1)),
    ):
        bar = part.colorbar(
            image, ax=panels[:, column], orientation="horizontal", aspect=12
        )
        bar.set_label(label, fontsize=9)
        bar.set_ticks(ticks)


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
    axes.set(
        xlabel="activity before, |a| (no unit)",
        ylabel="after, |b|",
        xlim=(0, line[-1]),
        ylim=(0, 1.75 * top),
    )
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
    axes.set(
        ylabel="lost (% of activity)",
        ylim=(0, 100),
        xlim=(-0.6, C - 0.4),
        xticks=places,
    )
    axes.set_xticklabels([str(i + 1) for i in places], fontsize=8)
    axes.legend(frameon=False, fontsize=9, ncols=2, loc="upper left")
    kernels = np.ones((11, 13 * C, 3))
    for i, kernel in enumerate(first.kernels):
        kernels[:, 13 * i + 1 : 13 * i + 12] = _kernel(kernel)
    pictures.imshow(kernels, extent=(-0.5, C - 0.5, 0, 1), aspect="auto")
    pictures.set(xlim=(-0.6, C - 0.4), xticks=[], yticks=[])
    pictures.set_xlabel("map and its kernel; dashed: the towers' border")
    pictures.spines[:].set_visible(False)


def _picture(image: Floats, low: float, high: float) -> Floats:
    """Return a picture (3, H, W) as (H, W, 3) from 0 to 1."""
    scaled: Floats = np.clip((image - low) / (high - low), 0, 1)
    return scaled.transpose(1, 2, 0)


def _kernel(kernel: Floats) -> Floats:
    """Return a kernel as a picture whose middle grey is 0, as bright as can be."""
    largest = float(abs(kernel).max())
    return _picture(kernel, -largest, largest)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    out = Path("runs") / NAME
    parser.add_argument("--out", type=Path, default=out, help=f"default: {out}")
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
