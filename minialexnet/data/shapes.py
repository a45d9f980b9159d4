"""A data set that is drawn on the spot: figures on textured grounds, ten classes.

A small stand-in for CIFAR-10 that needs no download: 32x32 RGB pictures of a figure in
a random colour, place, size and rotation, on a gradient, stripes, checks, a glow or
clouds, half of them with a ribbon across, and film grain over all.

The same seed gives the same pictures to the bit. Each random number hangs on its own
counter (see `minialexnet.engine.philox`), so a picture does not depend on how many
others are drawn, and pictures are worked out in whole numbers, so nor does it depend on
how a machine rounds.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..engine.philox import philox4x32
from .dataset import Dataset

__all__ = ["CLASS_NAMES", "draw", "load"]

CLASS_NAMES = (
    "circle",
    "triangle",
    "square",
    "hexagon",
    "star",
    "cross",
    "ring",
    "crescent",
    "heart",
    "arrow",
)
SPLITS = ("train", "test")

SIZE = 32  # pixels
POINTS = 60  # of an outline
UNIT = 1024  # stands for 1.0 where fractions are whole numbers
CHUNK = 128  # pictures drawn at a time, so that the work stays in the cache
GRAIN_WORDS = SIZE * SIZE // 2  # random words of 32 bits: two bytes a pixel
WORDS = GRAIN_WORDS + 84  # of a picture: `_paint` throws 83 dice

Integers = NDArray[np.int32]
Points = NDArray[np.float64]

Y, X = np.mgrid[:SIZE, :SIZE].astype(np.int32) - SIZE // 2
_ANGLES = 2 * np.pi * np.arange(UNIT) / UNIT
COSINE = np.rint(UNIT * np.cos(_ANGLES)).astype(np.int32)
SINE = np.rint(UNIT * np.sin(_ANGLES)).astype(np.int32)


def load(train: int = 2560, test: int = 1000, seed: int = 0) -> Dataset:
    """Draw the data set.

    Parameters
    ----------
    train, test : int
        How many pictures, at least 1. The classes take turns, so that multiples of
        ten hold as many of each.
    seed : int
        From 0 to 2**64 - 1. The two splits share no random number.

    Returns
    -------
    Dataset

    Raises
    ------
    TypeError
        If an argument is no whole number.
    ValueError
        If one is out of range.

    Examples
    --------
    >>> dataset = load(train=20, test=10)
    >>> dataset.train_images.shape, dataset.class_names[dataset.train_labels[3]]
    ((20, 3, 32, 32), 'hexagon')
    """
    for split, count in (("train", train), ("test", test)):
        if _whole(count, f"{split}, a number of pictures,") < 1:
            raise ValueError(f"expected {split} to be at least 1 picture, got {count}")
    train_images, train_labels = draw(np.arange(train), seed)
    test_images, test_labels = draw(np.arange(test), seed, split="test")
    return Dataset(
        "shapes", train_images, train_labels, test_images, test_labels, CLASS_NAMES
    )


def draw(
    indices: ArrayLike, seed: int = 0, split: str = "train"
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw pictures by their numbers in the endless row that a seed stands for.

    Parameters
    ----------
    indices : ndarray of int, shape (N,)
        At least 0.
    seed : int
        From 0 to 2**64 - 1.
    split : {"train", "test"}

    Returns
    -------
    images : ndarray of uint8, shape (N, 3, 32, 32)
        RGB pixels 0-255.
    labels : ndarray of int64, shape (N,)
        Picture i is of class i modulo 10, see `CLASS_NAMES`.

    Raises
    ------
    TypeError
        If the indices or the seed are no whole numbers.
    ValueError
        If one of them is out of range, or there is no such split.

    Examples
    --------
    >>> images, labels = draw([7, 1_000_007], seed=1)
    >>> images.shape, CLASS_NAMES[labels[1]]
    ((2, 3, 32, 32), 'crescent')
    """
    indices = np.asarray(indices)
    if not np.issubdtype(indices.dtype, np.integer):
        raise TypeError(f"expected indices to be whole numbers, got {indices.dtype}")
    if indices.ndim != 1 or (indices < 0).any():
        raise ValueError(
            f"expected one row of indices, none below 0, got {indices.tolist()}"
        )
    if split not in SPLITS:
        raise ValueError(f"expected split to be 'train' or 'test', got {split!r}")
    seed = _whole(seed, "seed")
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"expected seed from 0 to 2**64 - 1, got {seed}")

    labels = (indices % len(CLASS_NAMES)).astype(np.int64)
    images = np.empty((len(indices), 3, SIZE, SIZE), np.uint8)
    for start in range(0, len(indices), CHUNK):
        part = slice(start, start + CHUNK)
        words = _random_words(indices[part], seed, SPLITS.index(split))
        images[part] = _paint(labels[part], words)
    return images, labels


def _whole(value: Any, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"expected {name} to be a whole number, got {value!r}"
        ) from None


def _random_words(indices: NDArray[Any], seed: int, stream: int) -> NDArray[np.uint32]:
    """Return the WORDS random words of each picture, (N, WORDS)."""
    counter = np.arange(WORDS // 4, dtype=np.uint64)
    picture = indices.astype(np.uint64)[:, None]
    words = philox4x32([counter, stream, picture & 0xFFFFFFFF, picture >> 32], seed)
    return np.stack(words, axis=-1).reshape(len(indices), WORDS).astype(np.uint32)


class _Dice:
    """Throws the same dice for each of a row of pictures."""

    def __init__(self, words: NDArray[np.uint32]) -> None:
        self._columns = iter(words.T.astype(np.int64))

    def __call__(self, low: int, high: int) -> Integers:
        """Return a number from low to high - 1 for each picture, shape (N,)."""
        word: NDArray[np.int64] = next(self._columns)
        return (low + (word * (high - low) >> 32)).astype(np.int32)


# ---------------------------------------------------------------- the ten figures
# An outline is POINTS points around (0, 0), about 1 away, x to the right and y down.


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


# -------------------------------------------------------------------- one picture


def _paint(labels: NDArray[np.int64], words: NDArray[np.uint32]) -> Integers:
    """Paint ground, figure, ribbon and grain, one after the other."""
    dice = _Dice(words[:, GRAIN_WORDS:])
    figure, ribbon = _figure(labels, dice), _ribbon(dice)

    hue, value = dice(0, 1536), dice(50, 146)
    ground = _mix(
        _colour(hue, dice(70, 210), value),
        _colour(hue + dice(-280, 280), dice(70, 210), value + dice(-45, 56)),
        _texture(dice, kinds=5),
    )
    # The figure's hue lies across the circle from the ground's, and it is lighter.
    hue, saturation, value = hue + dice(400, 1136), dice(20, 180), dice(215, 256)
    paint = _mix(
        _colour(hue, saturation, value),
        _colour(hue + dice(-150, 150), saturation, value * dice(190, 240) >> 8),
        _texture(dice, kinds=2),
    )
    strip = _colour(dice(0, 1536), dice(40, 200), dice(90, 250))

    picture = _lay(ground, paint, figure, drop=2, shade=80)
    picture = _lay(picture, strip, ribbon, drop=1, shade=60)

    grain = words[:, :GRAIN_WORDS].astype("<u4").view(np.uint8).astype(np.int32)
    first, second = grain.reshape(len(words), 2, 1, SIZE, SIZE).swapaxes(0, 1)
    picture += (first + second - 255) * _each(dice(2, 10)) >> 7
    return np.clip(picture, 0, 255)


def _each(value: Integers) -> Integers:
    """Return (N, ...) values, one of each picture, to go with (N, 3, H, W)."""
    return value.reshape(value.shape + (1,) * (4 - value.ndim))


def _mix(first: Integers, second: Integers, share: Integers) -> Integers:
    """Return `share` / 256 of the second and the rest of the first."""
    return first + ((second - first) * share >> 8)


def _lay(
    picture: Integers, paint: Integers, mask: Integers, drop: int, shade: int
) -> Integers:
    """Put paint on a picture, with a shadow `drop` pixels below and `shade` dark."""
    shadow = np.zeros_like(mask)
    shadow[..., drop:, 1:] = mask[..., :-drop, :-1]
    return _mix(picture * (65536 - shadow * shade) >> 16, paint, mask)


def _colour(hue: Integers, saturation: Integers, value: Integers) -> Integers:
    """Return RGB (N, 3, 1, 1) of hues 0-1535, saturations 0-255 and values 0-255."""
    k = (np.array([1280, 768, 256], np.int32) + hue[:, None]) % 1536
    distance = np.clip(np.minimum(k, 1024 - k), 0, 256)
    value = value[:, None]
    return _each(value - (value * saturation[:, None] * distance >> 16))


def _texture(dice: _Dice, kinds: int) -> Integers:
    """Return patterns (N, 1, 32, 32) of 0-256: one of the first `kinds` below."""
    kind, angle = dice(0, kinds), dice(0, UNIT)
    c, s = COSINE[angle][:, None, None], SINE[angle][:, None, None]
    u, v = (X * c + Y * s) >> 6, (Y * c - X * s) >> 6  # sixteenths of a pixel
    frequency, phase = dice(51, 103)[:, None, None], dice(0, 512)[:, None, None]
    # A knot every 8 pixels, straight lines between: clouds.
    knots = np.stack([dice(0, 256) for _ in range(25)], axis=-1).reshape(-1, 5, 5)
    knot, share = np.divmod(np.arange(SIZE, dtype=np.int32), 8)
    rows = knots[:, knot] * (8 - share)[:, None] + knots[:, knot + 1] * share[:, None]
    clouds = (rows[..., knot] * (8 - share) + rows[..., knot + 1] * share) >> 6

    def wave(u: Integers) -> Integers:
        u = (u * frequency >> 4) + phase & 511
        return np.minimum(u, 512 - u)

    def sharper(pattern: Integers, times: int) -> Integers:
        return np.clip((pattern - 128) * times + 128, 0, 256)

    patterns = [
        np.clip(128 + (u * 5 >> 3), 0, 256),  # a gradient
        sharper(clouds, 2),
        sharper(wave(u), 2),  # stripes
        sharper(np.minimum(wave(u), wave(v)), 3),  # checks
        np.broadcast_to((X * X + Y * Y) >> 1, u.shape),  # a glow
    ]
    return np.choose(kind[:, None, None], patterns[:kinds])[:, None]


def _turned(points: Integers, angle: Integers) -> Integers:
    """Return points (N, P, 2) turned clockwise by angles (N,) of UNIT a full turn."""
    c, s = COSINE[angle % UNIT][:, None], SINE[angle % UNIT][:, None]
    x, y = points[..., 0], points[..., 1]
    return np.stack([x * c - y * s, x * s + y * c], axis=-1) // UNIT


def _figure(labels: NDArray[np.int64], dice: _Dice) -> Integers:
    """Return where the figures cover their pictures."""
    lean, full = OUTLINES[labels].swapaxes(0, 1)
    points = _mix(lean, full, dice(0, 257)[:, None, None])
    points[..., 1] = points[..., 1] * dice(205, 257)[:, None] >> 8
    points = _turned(points, dice(-60, 61))
    radius = dice(608, 833)[:, None, None]  # 9.5 to 13 pixels
    place = np.stack([dice(-320, 321), dice(-320, 321)], axis=-1)[:, None]
    return _cover(points * radius // UNIT + place)


def _ribbon(dice: _Dice) -> Integers:
    """Return where the ribbons cover their pictures: half of them not at all."""
    angle, middle, half = dice(0, UNIT), dice(320, 704), dice(64, 160)
    present = dice(0, 2)
    ends = np.array([-1, 1, 1, -1], np.int32) * 24 * 64
    sides = np.array([-1, -1, 1, 1], np.int32) * half[:, None] + middle[:, None]
    corners = np.stack([np.broadcast_to(ends, sides.shape), sides], axis=-1)
    return _cover(_turned(corners, angle)) * _each(present)


def _cover(points: Integers) -> Integers:
    """Return how much of each pixel an outline covers, (N, 1, 32, 32) of 0-256.

    Points (N, P, 2) are in 64ths of a pixel from the middle of the picture. Pillow's
    own polygons would do, were they the same from one version to the next.
    """
    N, P = points.shape[:2]
    points = points + 64 * SIZE // 2
    x0, y0 = points.reshape(N * P, 2).T
    x1, y1 = np.roll(points, -1, axis=1).reshape(N * P, 2).T
    # Eight scan lines a pixel, line l at 8 l + 4: an edge crosses those from the first
    # at or below its upper end to the last above its lower end.
    line0, line1 = np.clip([y0 + 3 >> 3, y1 + 3 >> 3], 0, 8 * SIZE)
    top, lines = np.minimum(line0, line1), np.abs(line1 - line0)
    edge = np.repeat(np.arange(N * P), lines)  # of each crossing
    line = np.arange(len(edge)) - (lines.cumsum() - lines - top)[edge]
    x = x0[edge] + (8 * line + 4 - y0[edge]) * (x1 - x0)[edge] // (y1 - y0)[edge]
    column, share = np.divmod(np.clip(x, 0, 64 * SIZE), 64)
    # A crossing fills the rest of its line to the right, or, on the way back, empties
    # it: the pixel that it falls in in part, the pixels behind it by the running sum.
    pixel = (edge // P * SIZE + line // 8) * (SIZE + 2) + column
    sign, shape = np.sign(line1 - line0)[edge], (N, 1, SIZE, SIZE + 2)
    fill = np.bincount(pixel, sign * (64 - share), minlength=N * SIZE * (SIZE + 2))
    fill += np.bincount(pixel + 1, sign * share, minlength=N * SIZE * (SIZE + 2))
    area = fill.astype(np.int32).reshape(shape)[..., :SIZE]
    covered: Integers = np.abs(area.cumsum(axis=-1, dtype=np.int32))
    return covered >> 1  # 8 lines of 64 are all of a pixel
