"""Pictures of networks, of their training and of what they predict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checkpoint import replacing
from .layers import (
    Convolution2D,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
)
from .layers.base import Shape
from .network import Sequential
from .records import provenance

__all__ = [
    "COLOURS",
    "Curves",
    "Prediction",
    "caption",
    "colour_shares",
    "draw_architecture",
    "draw_curves",
    "draw_predictions",
    "kernel_tiles",
    "stages",
    "write_figure",
]

# Okabe and Ito's colours, which colour-blind eyes tell apart; yellow, too pale for a
# line on white, is left out. The two towers have the first two, light enough for text.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
TOWERS = COLOURS[:2]
# One more than colours, so that a run has both in common with no other before the 57th.
MARKERS = "os^Dv*PX"


@dataclass(frozen=True)
class Stage:
    """What one block of the picture stands for: a layer with weights, or the input.

    Attributes
    ----------
    name : str
    shape : tuple of int
        (C, H, W) or (K,), both towers together, before any pooling behind it.
    kernel : str
        "11x11 / 4", or "" for a fully-connected layer.
    pooled : bool
        Whether max pooling stands behind it.
    sees_both : bool
        Whether it sees both towers.
    neighbours : int
        How many maps of the other tower a response normalisation behind it looks at,
        from the two maps at the border between the towers.
    """

    name: str
    shape: Shape
    kernel: str = ""
    pooled: bool = False
    sees_both: bool = False
    neighbours: int = 0


def stages(network: Sequential, input_shape: Shape) -> list[Stage]:
    """Return the blocks that `draw_architecture` draws, read off the network."""
    rows = {row.name: row for row in network.table(input_shape).rows}
    found = [Stage("input", tuple(input_shape))]
    for name, layer in network.leaves():
        shape = rows[name].output_shape
        if isinstance(layer, Convolution2D):
            (KH, KW), (S, _) = layer.kernel_size, layer.stride
            kernel = f"{KH}x{KW}" + (f" / {S}" if S > 1 else "")
            both = layer.groups == 1 and len(found) > 1
            found.append(Stage(name, shape, kernel, sees_both=both))
        elif isinstance(layer, FullyConnected):
            found.append(Stage(name, shape, sees_both=True))
        elif isinstance(layer, MaxPooling2D):
            found[-1] = replace(found[-1], pooled=True)
        elif (
            isinstance(layer, LocalResponseNormalization)
            and layer.across == "channels"
            and layer.groups == 1
        ):
            found[-1] = replace(found[-1], neighbours=layer.n // 2)
    return found


def two_towers(network: Sequential) -> bool:
    """Say whether a network falls into two towers: a convolution has two groups."""
    return any(getattr(layer, "groups", 1) == 2 for _, layer in network.leaves())


def draw_architecture(
    network: Sequential,
    input_shape: Shape,
    out: Path,
    title: str = "",
    note: str = "",
) -> list[Path]:
    """Draw a network as the paper's Figure 2: two rows, and where they are linked.

    Every block, number and link is read off the network. A block's height goes with the
    side of its maps, its width with the number of them. A dashed arrow leads from one
    tower to the other; a dotted line joins the two where a response normalisation's
    neighbours lie in both.

    Parameters
    ----------
    network : Sequential
    input_shape : tuple of int
        (C, H, W).
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.
    title : str
    note : str
        Written below.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    ValueError
        If the shapes do not fit the network.
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    from matplotlib.figure import Figure

    blocks = stages(network, input_shape)
    words = textwrap.wrap(note, 165)
    below = 0.16 * len(words)
    height = 4.6 + below
    figure = Figure(figsize=(11, height))
    axes = figure.add_axes((0.01, (0.1 + below) / height, 0.98, 4.1 / height))
    rows = (1.0, -1.0) if two_towers(network) else (0.0,)
    x, edge = 0.0, 0.0  # where this block begins, and where the one before it ended
    before: tuple[float, ...] = ()  # the rows of the one before
    for stage in blocks:
        width = _width(stage, len(rows))
        places = (0.0,) if stage.name == "input" else rows
        for place, colour in zip(places, TOWERS, strict=False):
            tint = "#777777" if stage.name == "input" else colour
            _block(axes, stage, (x, place), width, tint, len(places))
            for other in before:
                crosses = other not in (place, 0.0)
                if stage.sees_both or not crosses:
                    _link(axes, (edge, other), (x, place), "--" if crosses else "-")
        if stage.neighbours and len(places) == 2:
            _join(axes, stage, x + width / 2)
        before, edge = places, x + width
        x = edge + 0.75
    axes.set(xlim=(-0.3, x - 0.4), ylim=(-2.25, 2.25))
    axes.axis("off")
    figure.suptitle(title, x=0.02, y=1 - 0.1 / height, ha="left", fontsize=11)
    figure.text(0.02, 0.1 / height, "\n".join(words), fontsize=8, color="0.25")
    return write_figure(figure, out)


def write_figure(figure: Any, out: Path) -> list[Path]:
    """Write a figure as .png and .svg, the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    import matplotlib

    out = out.with_suffix("") if out.suffix.lower() in (".png", ".svg") else out
    written = []
    with matplotlib.rc_context({"svg.hashsalt": "minialexnet"}):
        for ending, metadata in (("png", None), ("svg", {"Date": None})):
            path = out.with_name(f"{out.name}.{ending}")
            with replacing(path) as file:
                figure.savefig(file, format=ending, dpi=150, metadata=metadata)
            written.append(path)
    return written


def _width(stage: Stage, towers: int) -> float:
    """Return a block's width: more maps or units, wider, by the square root."""
    share = stage.shape[0] / (1 if stage.name == "input" else towers)
    return float(0.12 + 0.011 * share**0.5 * (2 if len(stage.shape) == 3 else 0.6))


def _link(
    axes: Any, start: tuple[float, float], end: tuple[float, float], line: str
) -> None:
    """Draw an arrow from the right of one block to the left of another."""
    style = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 1, "linestyle": line}
    tail, tip = (start[0] + 0.04, start[1]), (end[0] - 0.04, end[1])
    axes.annotate("", tip, tail, arrowprops=style)


def _join(axes: Any, stage: Stage, x: float) -> None:
    """Draw that a normalisation behind a stage has neighbours in both towers."""
    y = 1 - _height(stage) / 2 - 0.04
    style = {"arrowstyle": "<|-|>", "color": "0.25", "linewidth": 1, "linestyle": ":"}
    axes.annotate("", (x, y), (x, -y), arrowprops=style)
    maps = f"{stage.neighbours} map" + "s" * (stage.neighbours > 1)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    how = {"ha": "center", "va": "center", "fontsize": 7.5, "bbox": box}
    axes.text(x, 0, f"LRN: {maps}\neach way", **how)


def _height(stage: Stage) -> float:
    """Return a block's height: larger maps, higher, by the square root."""
    if len(stage.shape) == 1:
        return 1.1
    return float(0.3 + 0.9 * (stage.shape[1] / 224) ** 0.5)


def _block(
    axes: Any,
    stage: Stage,
    place: tuple[float, float],
    width: float,
    colour: str,
    towers: int,
) -> None:
    """Draw a block with its left edge and middle at `place`, and what it is."""
    from matplotlib.patches import Rectangle

    side = stage.shape[1] if len(stage.shape) == 3 else 0
    height = _height(stage)
    x, y = place
    axes.add_patch(
        Rectangle(
            (x, y - height / 2), width, height, facecolor=colour, alpha=0.35, lw=0
        )
    )
    axes.add_patch(
        Rectangle((x, y - height / 2), width, height, fill=False, ec=colour, lw=1.2)
    )
    count = -(-stage.shape[0] // towers) if stage.name != "input" else stage.shape[0]
    size = f"{count} x {side} x {stage.shape[2]}" if side else f"{count}"
    lines = [stage.name, size]
    lines += [stage.kernel] if stage.kernel else []
    lines += ["max pool"] if stage.pooled else []
    below = y <= 0
    axes.text(
        x + width / 2,
        y - height / 2 - 0.05 if below else y + height / 2 + 0.05,
        "\n".join(lines),
        ha="center",
        va="top" if below else "bottom",
        fontsize=7.5,
    )


@dataclass(frozen=True)
class Curves:
    """A run of training to be drawn.

    Attributes
    ----------
    name, note : str
        The run's, and in words what it trained, where and when.
    epochs : sequence of dict
        Its entries in the order of "epoch", see `minialexnet.train.Training.history`;
        "epoch", "learning_rate" and "running_loss" must be there.
    """

    name: str
    note: str
    epochs: Sequence[Mapping[str, Any]]


# What a panel shows, as the key of an epoch's entry, in words and as a line.
LOSS = (
    ("running_loss", "training, while the weights changed", "--"),
    ("test_loss", "test", "-"),
)
ERROR = (("test_error", "top-1", "-"), ("test_top5_error", "top-5", "--"))


def draw_curves(runs: Sequence[Curves], out: Path) -> list[Path]:
    """Draw loss, errors and learning rate against epochs, of one run or several.

    A run has a colour and a mark, a measure a kind of line. A dotted line in its colour
    stands where a run's learning rate was lowered. What was not measured is left out.

    Parameters
    ----------
    runs : sequence of Curves
        At least one, each of at least one epoch.
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    tested = any("test_error" in entry for run in runs for entry in run.epochs)
    inches = (2.6, 2.6, 0.9) if tested else (2.6, 0.9)
    labels = [textwrap.fill(f"{run.name}: {run.note}", 115) for run in runs]
    below = 0.6 + sum(0.06 + 0.13 * (label.count("\n") + 1) for label in labels)
    height = sum(inches) + below
    figure = Figure(figsize=(7.2, height))
    # A folder may have dollars in its name, which are no formula's.
    with matplotlib.rc_context({"text.parse_math": False}):
        panels = figure.subplots(len(inches), sharex=True, height_ratios=inches)
        figure.subplots_adjust(0.12, below / height, 0.98, 1 - 0.1 / height, hspace=0.1)
        _draw_measures(panels[0], runs, LOSS)
        panels[0].set_ylabel("loss, nats per example")
        if tested:
            _draw_measures(panels[1], runs, ERROR)
            panels[1].set_ylabel("test error")
            panels[1].yaxis.set_major_formatter(lambda y, _: f"{100 * y:.3g} %")
        _draw_rates(panels[-1], runs)
        figure.legend(
            [Line2D([], [], **_style(number)) for number in range(len(runs))],
            labels,
            loc="lower left",
            bbox_to_anchor=(0, 0),
            frameon=False,
            fontsize=7.5,
        )
    return write_figure(figure, out)


def _style(number: int, points: int = 1) -> dict[str, Any]:
    """Return a run's colour and mark, on a dozen of its points or a few more."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "markevery": max(1, points // 12),
        "markersize": 4.5,
        "linewidth": 1.4,
    }


def _draw_measures(
    axes: Any, runs: Sequence[Curves], measures: Sequence[tuple[str, str, Any]]
) -> None:
    """Draw each measure of each run, and where the learning rate was lowered."""
    from matplotlib.lines import Line2D

    keys = {}
    for number, run in enumerate(runs):
        for key, words, line in measures:
            points = [(e["epoch"], e[key]) for e in run.epochs if key in e]
            if points:
                style = _style(number, len(points))
                axes.plot(*zip(*points, strict=True), linestyle=line, **style)
                keys[words] = Line2D([], [], linestyle=line, color="0.3")
        for before, entry in pairwise(run.epochs):
            if entry["learning_rate"] < before["learning_rate"]:
                style = {"linestyle": ":", "linewidth": 1, "zorder": 0}
                axes.axvline(before["epoch"], color=_style(number)["color"], **style)
                keys["learning rate lowered"] = Line2D([], [], color="0.3", **style)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    axes.legend(list(keys.values()), list(keys), edgecolor="none", fontsize=8.5)


def _draw_rates(axes: Any, runs: Sequence[Curves]) -> None:
    """Draw the learning rates, each over the epoch that it held for."""
    for number, run in enumerate(runs):
        rates = [entry["learning_rate"] for entry in run.epochs]
        epochs = [0, *(entry["epoch"] for entry in run.epochs)]
        style = _style(number, len(rates)) | {"drawstyle": "steps-pre"}
        axes.plot(epochs, [rates[0], *rates], **style)
    used = sorted({e["learning_rate"] for run in runs for e in run.epochs})
    # A tick at each rate that was used, but none too close to the one below it.
    ticks = used[:1]
    for rate in used[1:]:
        if rate / ticks[-1] >= (4 * used[-1] / used[0]) ** (1 / 6):
            ticks.append(rate)
    last = max(entry["epoch"] for run in runs for entry in run.epochs)
    axes.set(
        xlabel="epochs",
        xlim=(0, last + max(0.5, 0.02 * last)),
        yscale="log",
        ylabel="learning rate",
        ylim=(used[0] / 2, used[-1] * 2),
    )
    axes.set_yticks(ticks, [f"{rate:g}" for rate in ticks])
    axes.set_yticks([], minor=True)
    axes.xaxis.get_major_locator().set_params(integer=True)


@dataclass(frozen=True)
class Prediction:
    """What a network says of a photograph.

    Attributes
    ----------
    name : str
        The photograph's.
    image : ndarray of uint8, shape (3, S, S)
    classes : sequence of (str, float)
        Classes and their probabilities, the most probable first.
    truth : str, optional
        The class that it is of, where that is known.
    neighbours : sequence of (ndarray of uint8, float, str)
        Pictures near to it, (3, S', S'), their distances and classes.
    """

    name: str
    image: NDArray[np.uint8]
    classes: Sequence[tuple[str, float]]
    truth: str | None = None
    neighbours: Sequence[tuple[NDArray[np.uint8], float, str]] = ()

    @property
    def title(self) -> str:
        """The class that it is of, or else the file's name."""
        return self.truth or Path(self.name).name


def draw_predictions(
    predictions: Sequence[Prediction], out: Path, note: str = "", below: bool = False
) -> list[Path]:
    """Draw photographs with their first five classes, and their neighbours.

    As Figure 4 of Krizhevsky et al. 2012: left each photograph, its class and five
    bars, the one of its class in another colour; right a row for each photograph that
    has neighbours, itself first.

    Parameters
    ----------
    predictions : sequence of Prediction
        At least one.
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.
    note : str
        Written below.
    below : bool
        Put the neighbours below the bars and not to their right: a narrower figure,
        whose words a narrow page leaves large enough to read.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    import matplotlib
    from matplotlib.figure import Figure

    near = [prediction for prediction in predictions if prediction.neighbours]
    across = min(4, len(predictions))
    # In inches, from the upper left: a cell of the left half, one of the right.
    cell, small = (1.9, 3.15), (0.95, 1.25)
    left = across * cell[0] + 0.2, -(-len(predictions) // across) * cell[1]
    most = max((1 + len(p.neighbours) for p in near), default=0)
    right = most * small[0] + 0.25 if near else 0, len(near) * small[1]
    begin, top = (0.1, left[1]) if below else (left[0] + 0.1 * bool(near), 0)
    width = max(left[0], begin + right[0]) if below else begin + right[0]
    lines = textwrap.wrap(note, round(width * 15))
    high = max(left[1], top + right[1])
    height = high + 0.3 + 0.14 * len(lines)
    figure = Figure(figsize=(width, height))

    def place(x: float, y: float, w: float, h: float) -> Any:
        """Return axes whose upper left corner is at x, y."""
        at = (x / width, 1 - (y + h) / height, w / width, h / height)
        return figure.add_axes(at, xticks=[], yticks=[])

    # A class may have dollars in its name, which are no formula's.
    with matplotlib.rc_context({"text.parse_math": False}):
        for i, prediction in enumerate(predictions):
            x, y = 0.1 + i % across * cell[0], 0.1 + i // across * cell[1]
            _draw_picture(place(x, y, 1.7, 1.7), prediction.image)
            _draw_bars(place(x, y + 1.95, 1.7, 1.0), prediction)
        for i, prediction in enumerate(near):
            y = top + 0.1 + i * small[1]
            _draw_small(place(begin, y, 0.85, 0.85), prediction.image, prediction.title)
            for j, (image, distance, name) in enumerate(prediction.neighbours, 1):
                axes = place(begin + 0.15 + j * small[0], y, 0.85, 0.85)
                _draw_small(axes, image, name, f"{distance:#.4g}".rstrip("."))
        figure.text(0.1 / width, 0.08 / height, "\n".join(lines), fontsize=7)
    return write_figure(figure, out)


def _draw_picture(axes: Any, image: NDArray[np.uint8]) -> None:
    axes.imshow(image.transpose(1, 2, 0), interpolation="nearest")
    axes.set_aspect("auto")


def _draw_small(axes: Any, image: NDArray[np.uint8], *words: str) -> None:
    """Draw a picture with words below it, of which the first may be long."""
    _draw_picture(axes, image)
    label = axes.set_xlabel(words[0], fontsize=6.5, labelpad=2)
    _fit(label, 0.9)
    label.set_text("\n".join([label.get_text(), *words[1:]]))


def _draw_bars(axes: Any, prediction: Prediction) -> None:
    """Draw five bars, and above them of what class the photograph is."""
    known = prediction.truth is not None
    weight, colour = ("bold", "black") if known else ("normal", "0.4")
    how = {"fontsize": 8, "fontweight": weight, "color": colour}
    _fit(axes.set_title(prediction.title, pad=4, **how), 1.75)
    for i, (name, p) in enumerate(prediction.classes[:5]):
        right = name == prediction.truth
        colour, weight = (TOWERS[1], "bold") if right else (TOWERS[0], "normal")
        axes.barh(-i, p, 0.85, color=colour, alpha=0.45)
        how = {"va": "center_baseline", "fontsize": 7, "fontweight": weight}
        _fit(axes.text(0.02, -i, name, **how), 1.3)
        axes.text(0.98, -i, f"{100 * p:.0f} %", ha="right", **how)
    axes.set(xlim=(0, 1), ylim=(-4.5, 0.5))
    axes.spines[:].set_color("0.7")


def _fit(label: Any, inches: float) -> None:
    """Shorten what a text in a figure says until it is at most so wide."""
    whole = "".join(s if s.isprintable() else "?" for s in label.get_text())
    # "tench, Tinca tinca": ImageNet's words, the first of which is the plainest.
    first = whole.partition(",")[0]
    shorter = (first[:n].rstrip() + "…" for n in range(min(60, len(first) - 1), 0, -1))
    for text in (whole, first, *shorter):
        label.set_text(text)
        if label.get_window_extent().width <= inches * label.figure.dpi:
            break


def colour_shares(kernels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much of each first-layer kernel is colour: 0 grey, 1 nothing grey.

    A weight w[c] of the three channels at one place is the grey part m = (w[R] + w[G] +
    w[B]) / 3, the same for all three, and the rest, which is at right angles to it. So
    the sum of squares is the sum of theirs, and the share of the rest is ::

        1 - 3 * sum(m^2) / sum(w^2)

    with sums over all places. Of numbers drawn independently it is 2/3 on average: two
    of three directions are colour. Krizhevsky et al. 2012, section 6.1, speak of
    kernels that are "largely color-agnostic" and "largely color-specific", and give
    no measure; this one is ours.

    Parameters
    ----------
    kernels : ndarray, shape (F, 3, KH, KW)

    Returns
    -------
    ndarray of float64, shape (F,)
        NaN for a kernel that is zero everywhere.

    Examples
    --------
    >>> grey, red_green, red = [1, 1, 1], [1, -1, 0], [1, 0, 0]
    >>> kernels = np.array([grey, red_green, red], float).reshape(3, 3, 1, 1)
    >>> colour_shares(kernels).round(3).tolist()
    [0.0, 1.0, 0.667]
    """
    w = np.asarray(kernels, np.float64)
    whole = (w**2).sum((1, 2, 3))
    grey = 3 * (w.mean(1) ** 2).sum((1, 2))
    share = 1 - np.divide(grey, whole, np.full(len(w), np.nan), where=whole > 0)
    return np.asarray(share.clip(0, 1))


def kernel_tiles(
    kernels: NDArray[np.floating], columns: int, gap: int = 1
) -> NDArray[np.float64]:
    """Return first-layer kernels side by side as one picture, for ``imshow``.

    Each is scaled by its own largest weight: grey is a weight of 0, full red is the
    largest weight on red, no red its negative. So a kernel is seen in shape and colour,
    and its strength is not.

    Parameters
    ----------
    kernels : ndarray, shape (F, 3, KH, KW)
        Of R, G and B.
    columns : int
        Kernels in a row.
    gap : int
        White pixels between two.

    Returns
    -------
    ndarray of float64, shape (H, W, 3), 0 to 1
        White where the last row has no kernel.

    Examples
    --------
    >>> kernel_tiles(np.ones((5, 3, 11, 11)), columns=3).shape
    (23, 35, 3)
    """
    F, _, KH, KW = kernels.shape
    rows = -(-F // columns)
    picture = np.ones((rows * (KH + gap) - gap, columns * (KW + gap) - gap, 3))
    for f, kernel in enumerate(kernels):
        y, x = f // columns * (KH + gap), f % columns * (KW + gap)
        largest = float(np.abs(kernel).max()) or 1.0
        tile = 0.5 + kernel.transpose(1, 2, 0) / largest / 2  # (KH, KW, 3)
        picture[y : y + KH, x : x + KW] = tile
    return picture


def caption(
    figure: Any, text: str, recorded: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Write under a figure what it shows, and when and where that was computed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of constrained layout, which keeps the room for the words free.
    text : str
        Sentences that name the data and the seeds.
    recorded : sequence of dict, optional
        Where what is drawn was recorded earlier, what `minialexnet.records.provenance`
        returned for each of its runs; by default it was computed by this program now.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(figsize=(6, 3), layout="constrained")
    >>> caption(figure, "Drawn shapes, one seed.")
    >>> figure.get_supxlabel()
    'Drawn shapes, one seed. Computed 20...'
    """
    runs = [provenance()] if recorded is None else list(recorded)
    days = sorted(run["date"][:10] for run in runs)
    dates = " to ".join(dict.fromkeys((days[0], days[-1])))
    machines = dict.fromkeys(
        f"{run['machine']['cores']} cores of {run['machine']['processor']}"
        + "".join(f" and {name}" for name in run.get("gpu", {}).get("gpus", []))
        for run in runs
    )
    where = f"{dates} on {', '.join(machines)}"
    if recorded is None:
        words = f"{text} Computed {where}."
    else:
        commits = dict.fromkeys(_short(run["commit"]) for run in runs)
        words = f"{text} Recorded {where}, commit {', '.join(commits)}."
    letters = round(15 * figure.get_figwidth())  # that fit a line at this size
    label = textwrap.fill(words, letters)
    figure.supxlabel(label, x=0.01, ha="left", fontsize=8, color="0.25")


def _short(commit: str | None) -> str:
    """Return the first digits of a commit, and still "-dirty" if it was."""
    number, dash, dirty = (commit or "unknown").partition("-")
    return number[:7] + dash + dirty
