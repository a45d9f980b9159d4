"""A figure drawn again and again: a film to step through on a page or in a window."""

import html
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from PIL import Image

from .source import SHOWN_BY

# What Matplotlib's buttons show comes from another host's font; these are letters.
SIGNS = {
    "fa-minus": "&minus;",
    "fa-fast-backward": "|&lt;",
    "fa-step-backward": "&lt;",
    "fa-play fa-flip-horizontal": "&#9664;",
    "fa-pause": "||",
    "fa-play": "&#9654;",
    "fa-step-forward": "&gt;",
    "fa-fast-forward": "&gt;|",
    "fa-plus": "+",
}


class Film:
    """A figure and how each frame changes it.

    A notebook and the site show Matplotlib's player for it; without JavaScript the last
    frame stands there. A script plays it when it shows its figures.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of `matplotlib.pyplot`, laid out as it is now. Its label says what is to be
        seen, see `minialexnet.pictures.style.caption`.
    draw : callable
        Takes a frame's number, from 0, and draws all of this frame.
    frames : int
        How many there are.
    seconds : float
        How long a frame is shown.

    Examples
    --------
    >>> figure, axes = plt.subplots()
    >>> film = Film(figure, lambda frame: axes.set_title(f"step {frame}"), frames=3)
    >>> plt.close(figure)
    """

    def __init__(
        self,
        figure: Any,
        draw: Callable[[int], Any],
        frames: int,
        seconds: float = 0.5,
    ) -> None:
        self.figure = figure
        self.animation = FuncAnimation(
            figure, draw, frames, interval=1000 * seconds, repeat=False
        )
        figure.canvas.draw()
        figure.set_layout_engine("none")  # nothing moves but what is drawn anew
        if any(name in sys.modules for name in SHOWN_BY):
            plt.close(figure)  # or it would be shown a second time, as a still picture

    def _repr_html_(self) -> str:
        """Return the player: it asks no other host, and each control has a name."""
        page = re.sub(r"<link[^>]*>", "", self.animation.to_jshtml(default_mode="once"))
        for icon, sign in SIGNS.items():
            page = page.replace(f'<i class="fa {icon}"></i>', sign)
        page = re.sub(r'(?<=base64,)[^"]+', _fewer_bytes, page)
        page = page.replace('type="range"', 'type="range" aria-label="Frame"')
        last = re.findall(r'frames\[\d+\] = "([^"]+)"', page)[-1]
        words = html.escape(self.figure.get_label())
        return page.replace(
            '<img id="_anim_img', f'<img alt="{words}" src="{last}" id="_anim_img'
        )


def _fewer_bytes(png: re.Match[str]) -> str:
    """Return a frame in 128 colours, about a third of the bytes."""
    frame = Image.open(BytesIO(b64decode(png[0]))).convert("RGB").quantize(128)
    frame.save(made := BytesIO(), "png", optimize=True)
    return b64encode(made.getvalue()).decode()
