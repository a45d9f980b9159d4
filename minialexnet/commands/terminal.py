"""A photograph's first classes as lines for a terminal of any width and encoding."""

import shutil
import sys
import unicodedata
from collections.abc import Sequence

from ..files.printable import printable
from ..pictures.predictions import Prediction

EIGHTHS = "▏▎▍▌▋▊▉"


def lines(prediction: Prediction, top: int, names: Sequence[str]) -> list[str]:
    """Return the lines that show a photograph's first classes, with their bars."""
    classes = prediction.classes[:top]
    head = prediction.name
    if prediction.truth is not None:
        among = prediction.truth in [name for name, _ in classes]
        head += f": {prediction.truth}{' *' if among else ', not among these'}"
    width = shutil.get_terminal_size().columns - len("* ") - len("  100.0 %  ")
    room = min(max(columns(visible(name)) for name in names), max(10, width // 2))
    found = [visible(head)]
    for name, p in classes:
        mark = "*" if name == prediction.truth else " "
        bar = bar_of(p, max(5, width - room))
        line = f"{mark} {_fitted(visible(name), room)}  {100 * p:5.1f} %  {bar}"
        found.append(line.rstrip())
    return found


def bar_of(share: float, width: int) -> str:
    """Return a bar of a share of the width, in eighths where they can be printed."""
    if not _encodable("█" + EIGHTHS):
        return "#" * round(share * width)
    whole, rest = divmod(round(share * width * 8), 8)
    return "█" * whole + EIGHTHS[:rest][-1:]


def _fitted(text: str, room: int) -> str:
    """Return the text cut or filled up to so many columns of the terminal."""
    if columns(text) > room:
        dots = "…" if _encodable("…") else "..."
        while columns(text) > room - len(dots):
            text = text[:-1]
        text += dots
    return text + " " * (room - columns(text))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese signs take two."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "ascii"


def _encodable(text: str) -> bool:
    return text == text.encode(_encoding(), "replace").decode(_encoding())


def visible(text: str) -> str:
    """Return the text in one line, with ? for what this terminal cannot show."""
    return printable(text, max(3, len(text)), _encoding())
