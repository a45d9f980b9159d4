"""Which elements of each array are measured, and how far off its gradient is.

An array of up to 200 elements is checked at every element. Of a larger one 64 elements
are drawn, and three random directions move all the elements at once, so that one wrong
element anywhere still shows; it is then found by halving.

The relative error of backward's a against the measured b is ::

    |a - b| / max(|a|, |b|, floor),

floor being 1 % of the largest gradient in the same array or, if larger, 1e-4 of
norm(dy * y) / max(``|p|``), p the array that moves, and both times norm(v) along a
random v: what rounding leaves of a zero is not measured against itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..engine.arrays import Array
from .arrays import Arrays, index_of, only
from .report import METHODS, ArrayCheck, GradientError, Report
from .slopes import Slopes

EVERY_ELEMENT_UP_TO = 200  # elements; of larger arrays a sample and directions
SAMPLE = 64
DIRECTIONS = 3
TOLERANCE = {"complex": 1e-10, "central": 1e-6}


class Slope(NamedTuple):
    """A slope by the gradient and as it was measured, and the relative error."""

    error: float
    given: float
    measured: float
    place: int | None  # the one element that moved, counted flat
    v: Array | None  # the direction, where several moved


def compare(
    subject: str,
    slopes: Slopes,
    gradients: Arrays,
    method: str,
    tolerance: float | None,
    rng: np.random.Generator,
) -> Report:
    """Check every array; return the report or raise, naming each array that is off."""
    if method not in ("auto", *METHODS):
        raise ValueError(
            f"expected method to be 'auto', 'complex' or 'central', got {method!r}"
        )
    if method == "complex" and slopes.xp is not np:
        raise ValueError(
            f"the complex step is for NumPy arrays, got {slopes.xp.__name__} arrays"
        )
    checks = tuple(
        _check_array(slopes, name, gradient, method, tolerance, rng)
        for name, gradient in gradients.items()
    )
    failures = [check.failure(subject) for check in checks if check.off]
    if failures:
        raise GradientError("\n".join(failures))
    return Report(subject, checks)


def _check_array(
    slopes: Slopes,
    name: str,
    gradient: Array,
    method: str,
    tolerance: float | None,
    rng: np.random.Generator,
) -> ArrayCheck:
    """Measure elements, and directions if the array is large, against `gradient`."""
    shape, size, note = gradient.shape, gradient.size, ""
    if method == "auto":
        note = slopes.why_not_complex(name, rng.standard_normal(shape))
        method = "central" if note else "complex"
    tolerance = TOLERANCE[method] if tolerance is None else tolerance

    def along(v: Array) -> Slope:
        return _compare_slope(slopes, name, v, gradient, method)

    def unit_vector(place: int) -> Array:
        return only(np.ones(shape), place)

    def at(place: int) -> Slope:
        return along(unit_vector(place))._replace(place=place, v=None)

    everywhere = size <= EVERY_ELEMENT_UP_TO
    drawn = range(size) if everywhere else rng.choice(size, SAMPLE, replace=False)
    elements = [at(int(place)) for place in drawn]
    directions: list[Slope] = []
    for _ in range(0 if everywhere else DIRECTIONS):
        v = rng.standard_normal(shape)
        directions.append(along(v))
        missed = all(element.error <= tolerance for element in elements)
        if missed and directions[-1].error > tolerance:
            elements.append(at(_locate(along, v)))
    off = [slope for slope in elements + directions if slope.error > tolerance]
    # Where elements are off, name one of them rather than a direction.
    off_elements = [slope for slope in off if slope.place is not None]
    worst = max(off_elements or elements + directions, key=lambda slope: slope.error)
    v = unit_vector(worst.place) if worst.place is not None else worst.v
    return ArrayCheck(
        name=name,
        method=method,
        error=worst.error,
        tolerance=tolerance,
        index=None if worst.place is None else index_of(worst.place, shape),
        gradient=worst.given,
        measured=worst.measured,
        elements=len(elements),
        size=size,
        directions=len(directions),
        off=len(off),
        note=note,
        kink=slopes.kink(name, v, worst.given) if off else None,
    )


def _compare_slope(
    slopes: Slopes, name: str, v: Array, gradient: Array, method: str
) -> Slope:
    """Return the slope along v by the gradient and as measured."""
    given = float((gradient * v).sum())
    measured = slopes.measure(name, v, method)
    if given == measured:
        return Slope(0.0, given, measured, None, v)
    floor = max(1e-2 * float(abs(gradient).max()), 1e-4 * slopes.unit(name))
    unit = max(abs(given), abs(measured), floor * float(np.linalg.norm(v)))
    error = abs(given - measured) / unit
    error = error if np.isfinite(error) else np.inf
    return Slope(error, given, measured, None, v)


def _locate(along: Callable[[Array], Slope], v: Array) -> int:
    """Return an element that is off, following the half of v that is further off."""
    places = np.arange(v.size)
    while len(places) > 1:
        first, second = np.array_split(places, 2)
        slopes = along(only(v, first)), along(only(v, second))
        apart = [abs(slope.given - slope.measured) for slope in slopes]
        places = first if apart[0] > apart[1] else second
    return int(places[0])
