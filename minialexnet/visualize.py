"""Pictures of networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checkpoint import replacing
from .layers import Convolution2D, FullyConnected, MaxPooling2D
from .layers.base import Shape
from .network import Sequential

__all__ = ["draw_architecture", "stages"]

# Okabe and Ito's colours of the two towers, light enough for text.
TOWERS = ("#0072B2", "#D55E00")


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
    """

    name: str
    shape: Shape
    kernel: str = ""
    pooled: bool = False
    sees_both: bool = False


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
            last = found.pop()
            found.append(
                Stage(last.name, last.shape, last.kernel, True, last.sees_both)
            )
    return found


def two_towers(network: Sequential) -> bool:
    """Say whether a network falls into two towers: a convolution has two groups."""
    return any(getattr(layer, "groups", 1) == 2 for _, layer in network.leaves())


def draw_architecture(
    network: Sequential, input_shape: Shape, out: Path, title: str = ""
) -> list[Path]:
    """Draw a network as the paper's Figure 2: two rows, and where they are linked.

    Every block, number and link is read off the network. A block's height goes with the
    side of its maps, its width with the number of them.

    Parameters
    ----------
    network : Sequential
    input_shape : tuple of int
        (C, H, W).
    out : Path
        Without an ending; ``.png`` and ``.svg`` are written.
    title : str

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
    import matplotlib
    from matplotlib.figure import Figure

    blocks = stages(network, input_shape)
    figure = Figure(figsize=(11, 4.6))
    axes = figure.add_axes((0.01, 0.02, 0.98, 0.9))
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
        before, edge = places, x + width
        x = edge + 0.75
    axes.set(xlim=(-0.3, x - 0.4), ylim=(-2.25, 2.25))
    axes.axis("off")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
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
    height = 0.3 + 0.9 * (side / 224) ** 0.5 if side else 1.1
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
