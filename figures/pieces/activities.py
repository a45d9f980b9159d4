"""Section 3.3: activities before the normalisation and after it, drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from minialexnet import LocalResponseNormalization
from minialexnet.pictures.kernels import kernel_tiles
from minialexnet.pictures.style import COLOURS

from .first_layer import FirstLayer
from .inhibition import Floats, left, parts_left, turning_point


def draw_activities(
    part: Any,
    first: FirstLayer,
    arrays: tuple[Floats, Floats, Floats],
    rows: tuple[int, int],
) -> None:
    """Draw two maps before and after, and what part was left at each place.

    Parameters
    ----------
    part : matplotlib.figure.Figure
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
        before.set_ylabel(f"map {i + 1}")
        before.set_xlabel(f"1 is {largest:g}", fontsize=9)
        after.set_xlabel(f"1 is {largest:g}", fontsize=9)
    titles = ("before: $a$", r"part kept: $(k / d)^\beta$", r"after: $b \cdot k^\beta$")
    for axes, title in zip(panels[0, 1:], titles, strict=True):
        axes.set_title(title, fontsize=10)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
    for image, column, label, ticks in (
        (shown, 1, "activity", (-1, 0, 1)),
        (factor, 2, "part kept", (0, 0.5, 1)),
        (shown, 3, "activity", (-1, 0, 1)),
    ):
        bar = part.colorbar(
            image, ax=panels[:, column], orientation="horizontal", aspect=12
        )
        bar.set_label(label, fontsize=9)
        bar.set_ticks(ticks)


def draw_points(
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
        label="one activity, at one place of one map",
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
    axes.set(xlabel="activity before, |a|", ylabel="after, |b|")
    axes.set(xlim=(0, line[-1]), ylim=(0, 1.75 * top))
    axes.legend(frameon=False, fontsize=9, loc="upper right", markerscale=6)
