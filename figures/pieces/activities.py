"""Section 3.3: maps of activities before the normalisation and after it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minialexnet.pictures.kernels import kernel_tiles

from .first_layer import FirstLayer
from .inhibition import Floats, parts_left


def draw_activities(
    part: Any,
    first: FirstLayer,
    arrays: tuple[Floats, Floats, Floats],
    rows: tuple[int, int],
) -> None:
    """Draw two maps before and after, and what part was left at each place.

    Parameters
    ----------
    part : matplotlib.figure.SubFigure
    first : FirstLayer
    arrays : tuple of ndarray
        The photograph as the network takes it, (1, 3, S, S), and the activities before
        the normalisation and after it, (1, C, H, W).
    rows : tuple of int
        The two maps.
    """
    x, a, b = arrays
    lrn = first.lrn
    panels = part.subplots(2, 4)
    pixels = x[0] + first.mean[:, None, None]
    panels[0, 0].imshow(np.clip(pixels / 255, 0, 1).transpose(1, 2, 0))
    panels[0, 0].set_title("photograph", fontsize=10)
    panels[1, 0].axis("off")
    kernels = panels[1, 0].inset_axes((0.05, 0.05, 0.9, 0.8))
    kernels.imshow(kernel_tiles(first.kernels[list(rows)], columns=2, gap=2))
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
