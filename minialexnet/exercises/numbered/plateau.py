"""Exercise 11: a rate that falls when the error stops improving."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ..exercise import Case, Exercise, Mistake, Part


class PlateauRate:
    """The reference."""

    def __init__(
        self,
        learning_rate: float,
        patience: int = 3,
        drops: int = 3,
        factor: float = 10,
    ) -> None:
        self.learning_rate, self.patience = learning_rate, patience
        self.drops, self.factor = drops, factor
        self.best, self.waited, self.dropped = math.inf, 0, 0

    def rate(self) -> float:
        """Return the rate."""
        return self.learning_rate / self.factor**self.dropped

    def update(self, validation_error: float) -> None:
        """Take in an error."""
        if validation_error < self.best:
            self.best = validation_error
            self.waited = 0
            return
        self.waited += 1
        if self.waited >= self.patience and self.dropped < self.drops:
            self.dropped += 1
            self.waited = 0


def case(errors: str, patience: int, drops: int = 3, factor: float = 10) -> Case:
    """Return a schedule and the errors it is told, in percent."""
    settings = {"patience": patience, "drops": drops, "factor": factor}
    return settings | {"errors": np.array([float(error) for error in errors.split()])}


def falling() -> Iterator[Case]:
    """Yield errors that improve all the time."""
    yield case("60 50 45 44", 2)


def standing() -> Iterator[Case]:
    """Yield errors that stop improving once."""
    yield case("60 50 50 50 50 50", 2, 1)
    yield case("60 50 55 54 53 52", 3, 1)


def up_and_down() -> Iterator[Case]:
    """Yield errors that improve in between."""
    yield case("60 50 55 49 54 48 53", 2)
    yield case("60 50 51 52 49 50 51 52", 3)


def long() -> Iterator[Case]:
    """Yield errors that would let the rate fall more often than it may."""
    yield case("60 60 60 60 60 60 60 60 60", 2, 2)
    yield case("60 61 62 63 64 65 66 67", 1, 3, 2)


def rates(code: Any, errors: Array, **settings: Any) -> dict[str, Any]:
    """Return the rate at first and after each error."""
    schedule = code.PlateauRate(1.0, **settings)
    found = [schedule.rate()]
    for error in errors.tolist():
        schedule.update(error)
        found.append(schedule.rate())
    return {"rates": found}


EXERCISE = Exercise(
    11,
    "The plateau schedule",
    "lesson_09_optimization",
    "exercise_11_plateau_schedule",
    (PlateauRate,),
    ("PlateauRate",),
    (
        Part("an error that falls", rates, falling, "The schedule"),
        Part("an error that stands", rates, standing, "The schedule"),
        Part("an error that goes up and down", rates, up_and_down, "The schedule"),
        Part("drop after drop", rates, long, "The schedule"),
    ),
    (
        Mistake(
            "compared with the epoch before",
            "            return\n        self.waited += 1",
            "            return\n        self.best = validation_error\n"
            "        self.waited += 1",
            "An epoch may be better than the one before it and still no better than "
            "the best.",
            "The schedule",
        ),
        Mistake(
            "waiting goes on after an improvement",
            "            self.best = validation_error\n            self.waited = 0",
            "            self.best = validation_error",
            "The rate falls although the error has improved in between. One after the "
            "other, it says.",
            "The schedule",
        ),
        Mistake(
            "waiting does not begin anew",
            "            self.dropped += 1\n            self.waited = 0",
            "            self.dropped += 1",
            "After the first drop each further epoch brings another one.",
            "The schedule",
        ),
        Mistake(
            "no end of drops",
            " and self.dropped < self.drops",
            "",
            "The rate falls more often than it may.",
            "The schedule",
        ),
        Mistake(
            "one epoch too late",
            "self.waited >= self.patience",
            "self.waited > self.patience",
            "The rate falls one epoch later than it should: count the epochs of "
            "patience by hand.",
            "The schedule",
        ),
        Mistake(
            "an equal error counts as better",
            "validation_error < self.best",
            "validation_error <= self.best",
            "An error that stands still never lets the rate fall.",
            "The schedule",
        ),
        Mistake(
            "divided once for all",
            "self.factor**self.dropped",
            "(self.factor if self.dropped else 1)",
            "The first drop is right; the second one should divide once more.",
            "The schedule",
        ),
        Mistake(
            "not the factor given",
            "self.factor**self.dropped",
            "10**self.dropped",
            "It is right for the paper's 10 and wrong for another factor.",
            "The schedule",
        ),
    ),
)
