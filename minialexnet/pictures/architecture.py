"""Figure 2: the two rows of an architecture, drawn from the network object."""

import textwrap
from pathlib import Path
from typing import Any

from ..layers.base import Shape
from ..sequential import Sequential
from .stages import Stage, stages, two_towers
from .style import TOWERS, write_figure

SIZE = 9.5  # of the words, in points: legible where 9 inches are shown as 720 pixels


def draw_architecture(
    network: Sequential, input_shape: Shape, out: Path, title: str = "", note: str = ""
) -> list[Path]:
    """Draw a network as the paper's Figure 2: two rows, and where they are linked.

    Every block, number and link is read off the network. A block's height and depth go
    with the side of its maps, its width with the number of them. A dashed arrow leads
    from one tower to the other; a dotted line joins the two where a response
    normalisation's neighbours lie in both.

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
    words = textwrap.wrap(note, 108)
    below = 0.19 * len(words)
    height = 5.5 + below
    figure = Figure(figsize=(9, height))
    axes = figure.add_axes((0.005, (0.15 + below) / height, 0.99, 4.95 / height))
    rows = (1.15, -1.15) if two_towers(network) else (0.0,)
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
        before, edge = places, x + width + _depth(stage)
        x = edge + 0.5
    if len(rows) == 2:
        for number, (place, colour) in enumerate(zip(rows, TOWERS, strict=True), 1):
            how: dict[str, Any] = {"fontweight": "bold", "color": colour}
            how |= {"fontsize": 1.4 * SIZE, "va": "center"}
            axes.text(-0.2, 2 * place, f"GPU {number}", **how)
    axes.set(xlim=(-0.25, x - 0.35), ylim=(-2.6, 2.65))
    axes.axis("off")
    figure.suptitle(title, x=0.02, y=1 - 0.1 / height, ha="left", fontsize=13)
    figure.text(0.02, 0.1 / height, "\n".join(words), fontsize=SIZE, color="0.25")
    return write_figure(figure, out)


def _width(stage: Stage, towers: int) -> float:
    """Return a block's width: more maps or units, wider, by the square root."""
    share = stage.shape[0] / (1 if stage.name == "input" else towers)
    return float(0.1 + 0.022 * share**0.5 * (1 if len(stage.shape) == 3 else 0.3))


def _height(stage: Stage) -> float:
    """Return a block's height: larger maps, higher, by the square root."""
    if len(stage.shape) == 1:
        return 1.2
    return float(0.3 + 0.9 * (stage.shape[1] / 224) ** 0.5)


def _depth(stage: Stage) -> float:
    """Return how far a block's rear lies to the right of its front, and above it."""
    return 0.28 * _height(stage) if len(stage.shape) == 3 else 0.06


def _link(
    axes: Any, start: tuple[float, float], end: tuple[float, float], line: str
) -> None:
    """Draw an arrow from the right of one block to the left of another."""
    style = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 1.2, "linestyle": line}
    tail, tip = (start[0] + 0.02, start[1]), (end[0] - 0.01, end[1])
    axes.annotate("", tip, tail, arrowprops=style)


def _join(axes: Any, stage: Stage, x: float) -> None:
    """Draw that the normalisation after a stage has neighbours in both towers."""
    y = 1.15 - _height(stage) / 2 - 0.04
    style = {"arrowstyle": "<|-|>", "color": "0.25", "linewidth": 1.2, "linestyle": ":"}
    axes.annotate("", (x, y), (x, _depth(stage) - y), arrowprops=style)
    maps = f"{stage.neighbours} map" + "s" * (stage.neighbours > 1)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    how = {"ha": "center", "va": "center", "fontsize": SIZE, "bbox": box}
    axes.text(x, 0, f"LRN:\n{maps}\neach way", **how)


def _block(
    axes: Any,
    stage: Stage,
    place: tuple[float, float],
    width: float,
    colour: str,
    towers: int,
) -> None:
    """Draw a block with its front's left edge and middle at `place`, and what it is."""
    from matplotlib.patches import Polygon

    side = stage.shape[1] if len(stage.shape) == 3 else 0
    height, deep = _height(stage), _depth(stage)
    (x, y), right = place, place[0] + width
    low, high = y - height / 2, y + height / 2
    front = [(x, low), (right, low), (right, high), (x, high)]
    rear = [(right + deep, high + deep), (x + deep, high + deep)]
    top = [(x, high), (right, high), *rear]
    flank = [(right, low), (right + deep, low + deep), rear[0], (right, high)]
    for corners, alpha in ((front, 0.35), (top, 0.15), (flank, 0.55)):
        axes.add_patch(Polygon(corners, facecolor=colour, alpha=alpha, lw=0))
        axes.add_patch(Polygon(corners, fill=False, ec=colour, lw=1.2))
    count = -(-stage.shape[0] // towers) if stage.name != "input" else stage.shape[0]
    lines = [stage.name, f"{count} maps" if side else f"{count}"]
    lines += [f"{side} x {stage.shape[2]}"] if side else []
    lines += [stage.kernel] if stage.kernel else []
    lines += ["max pool"] if stage.pooled else []
    below = y <= 0
    edge = low - 0.05 if below else high + deep + 0.04
    how = {"ha": "center", "va": "top" if below else "bottom", "fontsize": SIZE}
    axes.text(x + (width + deep * (not below)) / 2, edge, "\n".join(lines), **how)
