"""Where two results differ first, and what kind of difference it looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.arrays import Array

RELATIVE, ABSOLUTE = 1e-5, 1e-7  # float32 passes


@dataclass(frozen=True)
class Difference:
    """Where a result is wrong.

    Attributes
    ----------
    array : str
        The result's name: "y", "dx".
    expected, got : str
    index : tuple of int or None
        Of the first number that differs; None where no numbers can be compared.
    differ, size : int
        How many numbers differ, and how many there are.
    guess : str
        What this kind of difference often comes from, or "".
    """

    array: str
    expected: str
    got: str
    index: tuple[int, ...] | None = None
    differ: int = 0
    size: int = 0
    guess: str = ""

    def __str__(self) -> str:
        """Return array, index, expected and got, in one line."""
        place = "" if self.index is None else str(list(self.index))
        place = "" if self.index == () else place
        told = f"{self.array}{place}: expected {self.expected}, got {self.got}"
        if self.size > 1:
            told += f" ({self.differ} of {self.size} numbers differ)"
        return told


def compare(expected: Mapping[str, Any], got: Mapping[str, Any]) -> Difference | None:
    """Return the first difference of two results, or None."""
    for name, value in expected.items():
        found = _compare_one(name, np.asarray(value), got.get(name))
        if found is not None:
            return found
    return None


def agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two results are the same numbers, up to rounding."""
    return compare(one, other) is None


def _compare_one(name: str, expected: Array, value: Any) -> Difference | None:
    if value is None or value is Ellipsis:
        words = "nothing (None)" if value is None else "..., which is to be filled in"
        return Difference(name, _of_shape(expected), words)
    try:
        got = np.asarray(value)
        got = got.astype(complex if got.dtype.kind == "c" else float)
    except (TypeError, ValueError):
        return Difference(
            name, _of_shape(expected), f"{type(value).__name__} {value!r:.60}"
        )
    if got.shape != expected.shape:
        return Difference(
            name,
            f"shape {expected.shape}",
            f"shape {got.shape}",
            guess=_guess_shape(expected.shape, got.shape),
        )
    wrong = ~np.isclose(got, expected, RELATIVE, ABSOLUTE)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return Difference(
        name,
        _number(expected[index]),
        _number(got[index]),
        index,
        int(wrong.sum()),
        wrong.size,
        _guess(expected.astype(float), got, wrong),
    )


def _of_shape(expected: Array) -> str:
    return f"an array of shape {expected.shape}" if expected.shape else "a number"


def _number(value: Any) -> str:
    return str(value) if value.dtype.kind in "biu" else f"{value:.7g}"


def _guess_shape(expected: tuple[int, ...], got: tuple[int, ...]) -> str:
    if sorted(expected) == sorted(got):
        return "The lengths are right and in another order: which axis is which?"
    if len(expected) != len(got):
        return f"The number of axes should be {len(expected)}, and is {len(got)}."
    if 0 in got:
        return (
            f"Nothing is left along axis {got.index(0)}: does an index of yours count "
            "from the end, and what if it is 0?"
        )
    apart = [i for i, n in enumerate(expected) if n != got[i]]
    if all(abs(expected[i] - got[i]) == 1 for i in apart):
        return f"One too many or too few along axis {apart[0]}: count by hand."
    return f"Axis {apart[0]} has another length: what is it the number of?"


def _guess(expected: Array, got: Array, wrong: Array) -> str:
    """Return what a difference looks like, by the numbers alone."""
    if not np.isfinite(got).all():
        return (
            "There is an infinite number, or one that is no number: is something "
            "divided by 0, or too large for exp?"
        )
    if np.isclose(got, -expected, RELATIVE, ABSOLUTE).all():
        return "Every number has the wrong sign."
    if got.size > 1 and not got.any():
        return "Every number is 0: is the result ever written to?"
    ratios = got[expected != 0] / expected[expected != 0]
    if ratios.size > 1 and np.allclose(got, ratios[0] * expected, RELATIVE, ABSOLUTE):
        return f"Every number is {ratios[0].real:.6g} times what it should be: a scale."
    apart = got - expected
    if apart.size > 1 and np.allclose(apart, apart.flat[0], RELATIVE, ABSOLUTE):
        return f"Every number is off by {apart.flat[0].real:.6g}."
    if np.allclose(np.sort(got, None), np.sort(expected, None), RELATIVE, ABSOLUTE):
        return "The right numbers stand at other places: which index is which?"
    if wrong.ndim >= 2 and not _inside(wrong).any() and _inside(wrong).size:
        return (
            "Only numbers at the edges are wrong: where does the first window begin, "
            "and where does the last one end?"
        )
    return ""


def _inside(wrong: Array) -> Array:
    """Return the last two axes without their first and last places."""
    return wrong[..., 1:-1, 1:-1]
