"""The outlines of the ten figures of the data set that is drawn on the spot.

An outline is POINTS points around (0, 0), about 1 away, x to the right and y down.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

POINTS = 60  # of an outline
UNIT = 1024  # stands for 1.0 where fractions are whole numbers

Integers: TypeAlias = NDArray[np.int32]
Points: TypeAlias = NDArray[np.float64]


def _polar(radius: ArrayLike, turns: ArrayLike) -> Points:
    """Return points by their distance and by full turns clockwise from the top."""
    radius, angle = np.asarray(radius), 2 * np.pi * np.asarray(turns)
    return np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=-1)


def _polygon(corners: ArrayLike) -> Points:
    """Return points along the edges of a polygon, its corners among them."""
    corners = np.asarray(corners, dtype=np.float64)
    edges = np.roll(corners, -1, axis=0) - corners
    share = np.arange(POINTS // len(corners))[:, None] * len(corners) / POINTS
    points: Points = corners[:, None] + share * edges[:, None]
    return points.reshape(POINTS, 2)


def _regular(corners: int, radius: float) -> Points:
    return _polygon(_polar(radius, np.arange(corners) / corners))


def _square(half: float) -> Points:
    return _polygon([(-half, -half), (half, -half), (half, half), (-half, half)])


def _star(inner: float) -> Points:
    return _polygon(_polar([1.1, inner] * 5, np.arange(10) / 10))


def _cross(half: float, reach: float = 0.95) -> Points:
    w, r = half, reach
    upper = [(-r, w), (-r, -w), (-w, -w), (-w, -r), (w, -r), (w, -w)]
    return _polygon(upper + [(-x, -y) for x, y in upper])


def _ring(inner: float) -> Points:
    turns = np.linspace(0, 1, POINTS // 2)
    return np.concatenate([_polar(1, turns), _polar(inner, turns[::-1])])


def _crescent(bite: float, r: float = 0.85) -> Points:
    """Return a disc less one of radius r, whose centre lies `bite` to the right."""
    x = (1 - r**2 + bite**2) / (2 * bite)  # where the circles meet
    tip, bitten = np.arccos(x), np.arccos((x - bite) / r)
    outer = np.linspace(tip, 2 * np.pi - tip, POINTS // 2)
    inner = np.linspace(2 * np.pi - bitten, bitten, POINTS // 2)
    back = np.stack([np.cos(outer), np.sin(outer)], axis=-1)
    front = np.stack([bite + r * np.cos(inner), r * np.sin(inner)], axis=-1)
    middle = np.array([0.2, 0])  # of what is left, about
    return np.concatenate([back + middle, front + middle])


def _heart(notch: float) -> Points:
    t = 2 * np.pi * np.arange(POINTS) / POINTS
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - notch * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -2 - y], axis=-1) / 16


def _arrow(half: float, wing: float = 0.85) -> Points:
    right = [(wing / 2, -0.55), (wing, -0.05), (half, -0.05), (half, 1.0)]
    left = [(-x, y) for x, y in reversed(right)]
    return _polygon([(0, -1.05), *right, (0, 1), *left])


# Two outlines of each class, in units: a picture shows some shape in between.
OUTLINES: Integers = np.rint(
    UNIT
    * np.array(
        [
            (_regular(60, 0.95), _regular(60, 0.95)),
            (_regular(3, 1.1), _regular(3, 1.1)),
            (_square(0.85), _square(0.85)),
            (_regular(6, 1.0), _regular(6, 1.0)),
            (_star(0.42), _star(0.55)),
            (_cross(0.26), _cross(0.42)),
            (_ring(0.5), _ring(0.72)),
            (_crescent(0.45), _crescent(0.7)),
            (_heart(5.0), _heart(6.0)),
            (_arrow(0.22), _arrow(0.38)),
        ]
    )
).astype(np.int32)
