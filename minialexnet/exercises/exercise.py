"""What an exercise is: a stub to fill in, a reference in plain loops, parts, mistakes.

An exercise is data. One file in ``numbered/`` holds each, and trial.py tries any of
them.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

STUBS = Path(__file__).parent / "stubs"
Case = dict[str, Any]  # the settings and arrays of one call, by their names


@dataclass(frozen=True)
class Part:
    """One thing that a solution must do, and is given a point for.

    Attributes
    ----------
    name : str
    run : callable -> dict of str to array
        Takes the student's or the reference's code and a case; returns what
        came out, by the names that a failure is told with.
    cases : callable () -> iterable of dict
        The settings and arrays of each call, small ones first.
    section : str
        Of the lesson: what to read when this part is wrong.
    """

    name: str
    run: Callable[..., Mapping[str, Any]]
    cases: Callable[[], Iterable[Case]]
    section: str = "The mathematics"


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: a change in the reference's text.

    Attributes
    ----------
    kind : str
        A few words for reports.
    old, new : str
        `old` stands once in the reference.
    hint : str
        What a student who made it should think about; no line of code.
    section : str
        Of the lesson.
    """

    kind: str
    old: str
    new: str
    hint: str
    section: str


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Attributes
    ----------
    number : int
    title : str
    lesson : str
        The file's name in lessons/, without its ending.
    name : str
        Of the stub: a text in stubs/, with ``...`` where something is to be filled in.
    reference : tuple of module, class or function
        Plain loops that compute what a solution should.
    names : tuple of str
        Of the classes and functions that a solution defines.
    parts : tuple of Part
    mistakes : tuple of Mistake
        Eight of them, which are also the broken versions that a student's own test
        is tried on.
    """

    number: int
    title: str
    lesson: str
    name: str
    reference: tuple[Any, ...]
    names: tuple[str, ...]
    parts: tuple[Part, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def stub(self) -> str:
        """The text of the file that a student begins with."""
        return (STUBS / f"{self.name}.txt").read_text(encoding="utf-8")

    @cached_property
    def reference_text(self) -> str:
        """The source of the reference, without the modules' imports."""
        text = "\n\n".join(inspect.getsource(one) for one in self.reference)
        kept = [x for x in text.splitlines() if not x.startswith(("import ", "from "))]
        return "\n".join(kept)

    def version(self, mistake: Mistake | None = None) -> SimpleNamespace:
        """Return the reference's names, right or with a mistake.

        Raises
        ------
        ValueError
            If the mistake's `old` does not stand once in the reference.
        """
        text = self.reference_text
        if mistake is not None:
            found = text.count(mistake.old)
            if found != 1:
                raise ValueError(
                    f"expected {mistake.old!r} once, found it {found} times"
                )
            text = text.replace(mistake.old, mistake.new)
        names: dict[str, Any] = {"np": np, "math": math, "Any": Any, "Array": Any}
        exec(compile(text, f"<reference {self.number}>", "exec"), names)
        return SimpleNamespace(**names)
