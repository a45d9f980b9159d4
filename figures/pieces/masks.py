"""Section 4.2: which units dropout leaves out, in a tiny network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from minialexnet import Dropout
from minialexnet.pictures.style import COLOURS


def draw_masks(figure: Any, units: tuple[int, int, int, int] = (4, 6, 6, 3)) -> None:
    """Draw a tiny network as it is for three examples in training, and in testing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
    units : tuple of int
        Of the input, the two hidden layers, which have dropout, and the output.
    """
    layers = [Dropout(0.5, seed=seed) for seed in (0, 1)]
    masks = [
        layer.forward(np.ones((3, count)), train=True)
        for layer, count in zip(layers, units[1:3], strict=True)
    ]
    titles = [f"training, example {n}" for n in (1, 2, 3)] + ["testing: all, times ½"]
    for number, axes in enumerate(figure.subplots(1, 4)):
        tested = number == 3
        hidden = [np.full(m[0].shape, 0.5) if tested else m[number] for m in masks]
        outputs = [np.ones(units[0]), *hidden, np.ones(units[3])]
        _draw_network(axes, outputs)
        axes.set_title(titles[number], fontsize=10)


def _draw_network(axes: Any, outputs: Sequence[Any]) -> None:
    """Draw units in columns, struck out where what leaves them is 0.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    outputs : sequence of ndarray
        What each layer's units are multiplied with: 1, 0.5 or 0.
    """
    places = [np.arange(len(column)) - (len(column) - 1) / 2 for column in outputs]
    for x, (left, right) in enumerate(pairwise(outputs)):
        for i, j in np.ndindex(len(left), len(right)):
            if left[i] and right[j]:
                ends = (places[x][i], places[x + 1][j])
                axes.plot((x, x + 1), ends, color="0.6", linewidth=0.5, zorder=0)
    for x, column in enumerate(outputs):
        for y, output in zip(places[x], column, strict=True):
            face = {0: "white", 0.5: COLOURS[4], 1: COLOURS[0]}[float(output)]
            edge, size = ("0.5" if output == 0 else "black"), 9 + 7 * (output == 0.5)
            axes.plot(x, y, "o", markersize=size, color=face, markeredgecolor=edge)
            if output == 0:
                axes.plot(x, y, "x", markersize=7, color="0.4")
            elif output == 0.5:
                how = {"ha": "center", "va": "center_baseline", "fontsize": 12}
                axes.text(x, y, "½", **how)
    axes.set(xlim=(-0.3, len(outputs) - 0.7), ylim=(-3, 3))
    axes.axis("off")
