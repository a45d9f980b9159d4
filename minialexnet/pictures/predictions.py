"""Figure 4: test pictures with their top five classes and nearest pictures."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .style import TOWERS, write_figure

BARS = "Most probable classes"
NEIGHBOURS = "Nearest training pictures, in the last hidden layer"


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
    has neighbours, itself first. A neighbour of another class has a dashed frame.

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
    # In inches, from the upper left: a heading, a cell of the left half, one of the
    # right.
    head, cell, small = 0.4, (1.9, 3.45), (1.1, 1.4)
    left = across * cell[0] + 0.2, head + -(-len(predictions) // across) * cell[1]
    most = max((1 + len(p.neighbours) for p in near), default=0)
    right = most * small[0] + 0.25 if near else 0, head + len(near) * small[1]
    begin, top = (0.1, left[1]) if below else (left[0] + 0.1 * bool(near), 0)
    width = max(left[0], begin + right[0]) if below else begin + right[0]
    lines = textwrap.wrap(note, round(width * 13))
    high = max(left[1], top + right[1]) if near else left[1]
    height = high + 0.3 + 0.16 * len(lines)
    figure = Figure(figsize=(width, height))

    def place(x: float, y: float, w: float, h: float) -> Any:
        """Return axes whose upper left corner is at x, y."""
        at = (x / width, 1 - (y + h) / height, w / width, h / height)
        return figure.add_axes(at, xticks=[], yticks=[])

    # A class may have dollars in its name, which are no formula's.
    with matplotlib.rc_context({"text.parse_math": False}):
        for x, y, words in ((0.1, 0, BARS), (begin, top, NEIGHBOURS))[: 1 + bool(near)]:
            figure.text(x / width, 1 - (y + 0.1) / height, words, va="top", fontsize=11)
        for i, prediction in enumerate(predictions):
            x, y = 0.1 + i % across * cell[0], head + i // across * cell[1]
            _draw_picture(place(x, y, 1.7, 1.7), prediction.image)
            _draw_bars(place(x, y + 1.95, 1.7, 1.35), prediction)
        for i, prediction in enumerate(near):
            y = top + head + i * small[1]
            _draw_small(place(begin, y, 0.98, 0.98), prediction.image, prediction.title)
            for j, (image, distance, name) in enumerate(prediction.neighbours, 1):
                axes = place(begin + 0.15 + j * small[0], y, 0.98, 0.98)
                _draw_small(axes, image, name, f"{distance:#.4g}".rstrip("."))
                if prediction.truth not in (None, name):
                    how = {"color": TOWERS[1], "linestyle": "--", "linewidth": 2.5}
                    axes.spines[:].set(**how)
        figure.text(0.1 / width, 0.08 / height, "\n".join(lines), fontsize=8)
    return write_figure(figure, out)


def _draw_picture(axes: Any, image: NDArray[np.uint8]) -> None:
    axes.imshow(image.transpose(1, 2, 0), interpolation="nearest")
    axes.set_aspect("auto")


def _draw_small(axes: Any, image: NDArray[np.uint8], *words: str) -> None:
    """Draw a picture with words below it, of which the first may be long."""
    _draw_picture(axes, image)
    label = axes.set_xlabel(words[0], fontsize=8, labelpad=3)
    _fit(label, 1.0)
    label.set_text("\n".join([label.get_text(), *words[1:]]))


def _draw_bars(axes: Any, prediction: Prediction) -> None:
    """Draw five bars, and above them of what class the photograph is."""
    known = prediction.truth is not None
    weight, colour = ("bold", "black") if known else ("normal", "0.4")
    how = {"fontsize": 9, "fontweight": weight, "color": colour}
    _fit(axes.set_title(prediction.title, pad=4, **how), 1.75)
    for i, (name, p) in enumerate(prediction.classes[:5]):
        right = name == prediction.truth
        colour, weight = (TOWERS[1], "bold") if right else (TOWERS[0], "normal")
        # The words stand above their bar, which would hide them.
        axes.barh(
            -i - 0.34, p, 0.22, color=colour, hatch="///" * right, ec="white", lw=0
        )
        how = {"va": "center_baseline", "fontsize": 8, "fontweight": weight}
        _fit(axes.text(0.02, 0.14 - i, name, **how), 1.25)
        axes.text(0.98, 0.14 - i, f"{100 * p:.0f} %", ha="right", **how)
    axes.set(xlim=(0, 1), ylim=(-4.55, 0.45))
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
