"""Progress on standard error: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from typing import Any, Self, TypeAlias

from tqdm import tqdm

from .standard import complain

__all__ = ["EVERY", "Bar", "Lines", "on_terminal", "progress_bar"]

EVERY = 30.0  # seconds between lines where there is no terminal


def on_terminal() -> bool:
    """Return whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(total: int | None, **options: Any) -> Bar:
    """Return tqdm's bar where standard error is a terminal, or else `Lines`.

    Parameters
    ----------
    total : int, optional
    **options
        Those of tqdm; without a terminal "desc", "unit", "initial" and "disable".
    """
    if on_terminal():
        return tqdm(total=total, **options)
    return Lines(total, **options)


class Lines:
    """A count that is written on a line of its own, at most once in `EVERY` seconds.

    A log file takes these lines, where a bar that is drawn anew ten times a second
    would fill it. All such counts of a program share the seconds.

    Parameters
    ----------
    total : int, optional
    desc, unit : str
    initial : int
    disable : bool, optional
        True to write nothing.
    """

    last = time.monotonic()  # when any of them wrote

    def __init__(
        self,
        total: int | None,
        desc: str = "",
        unit: str = "",
        initial: int = 0,
        disable: bool | None = None,
        **others: Any,
    ) -> None:
        self.total, self.n = total, initial
        self.desc, self.unit, self.disable = desc, unit.strip(), disable
        self.notes: dict[str, Any] = {}

    def update(self, count: int = 1) -> None:
        """Count so many more."""
        self.n += count
        if self.disable or sys.stderr is None or time.monotonic() - Lines.last < EVERY:
            return
        Lines.last = time.monotonic()
        words = [f"{self.desc}:" if self.desc else "", f"{self.n:,}"]
        words += [] if self.total is None else [f"of {self.total:,}"]
        words += [self.unit, *(f"({name} {note})" for name, note in self.notes.items())]
        complain(" ".join(filter(None, words)))

    def set_postfix(self, refresh: bool = True, **notes: Any) -> None:
        """Set what is written after the count."""
        self.notes = notes

    def close(self) -> None:
        """End the count, which writes nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


Bar: TypeAlias = "tqdm[Any] | Lines"
