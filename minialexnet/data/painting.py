"""One drawn picture: ground, figure, ribbon and grain, from its random words.

All of it is worked out in whole numbers, so that it is the same on every machine.
"""

import numpy as np
from numpy.typing import NDArray

from .outlines import OUTLINES, UNIT, Integers

SIZE = 32  # pixels
GRAIN_WORDS = SIZE * SIZE // 2  # random words of 32 bits: two bytes a pixel
WORDS = GRAIN_WORDS + 84  # of a picture: `paint` throws 83 dice

Y, X = np.mgrid[:SIZE, :SIZE].astype(np.int32) - SIZE // 2
_ANGLES = 2 * np.pi * np.arange(UNIT) / UNIT
COSINE = np.rint(UNIT * np.cos(_ANGLES)).astype(np.int32)
SINE = np.rint(UNIT * np.sin(_ANGLES)).astype(np.int32)


class _Dice:
    """Throws the same dice for each of a row of pictures."""

    def __init__(self, words: NDArray[np.uint32]) -> None:
        self._columns = iter(words.T.astype(np.int64))

    def __call__(self, low: int, high: int) -> Integers:
        """Return a number from low to high - 1 for each picture, shape (N,)."""
        word: NDArray[np.int64] = next(self._columns)
        return (low + (word * (high - low) >> 32)).astype(np.int32)


def paint(labels: NDArray[np.int64], words: NDArray[np.uint32]) -> Integers:
    """Paint ground, figure, ribbon and grain, one after the other.

    Parameters
    ----------
    labels : ndarray of int64, shape (N,)
        Which of `minialexnet.data.outlines.OUTLINES` each picture shows.
    words : ndarray of uint32, shape (N, WORDS)
        Its random words.

    Returns
    -------
    ndarray of int32, shape (N, 3, 32, 32)
        RGB pixels 0-255.
    """
    dice = _Dice(words[:, GRAIN_WORDS:])
    figure, ribbon = _figure(labels, dice), _ribbon(dice)

    hue, value = dice(0, 1536), dice(50, 146)
    ground = _mix(
        rgb(hue, dice(70, 210), value),
        rgb(hue + dice(-280, 280), dice(70, 210), value + dice(-45, 56)),
        _texture(dice, kinds=5),
    )
    # The figure's hue lies across the circle from the ground's, and it is lighter.
    hue, saturation, value = hue + dice(400, 1136), dice(20, 180), dice(215, 256)
    color = _mix(
        rgb(hue, saturation, value),
        rgb(hue + dice(-150, 150), saturation, value * dice(190, 240) >> 8),
        _texture(dice, kinds=2),
    )
    strip = rgb(dice(0, 1536), dice(40, 200), dice(90, 250))

    picture = _lay(ground, color, figure, drop=2, shade=80)
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
    picture: Integers, color: Integers, mask: Integers, drop: int, shade: int
) -> Integers:
    """Put a colour on a picture, with a shadow `drop` pixels below and `shade` dark."""
    shadow = np.zeros_like(mask)
    shadow[..., drop:, 1:] = mask[..., :-drop, :-1]
    return _mix(picture * (65536 - shadow * shade) >> 16, color, mask)


def rgb(hue: Integers, saturation: Integers, value: Integers) -> Integers:
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
    return cover(points * radius // UNIT + place)


def _ribbon(dice: _Dice) -> Integers:
    """Return where the ribbons cover their pictures: half of them not at all."""
    angle, middle, half = dice(0, UNIT), dice(320, 704), dice(64, 160)
    present = dice(0, 2)
    ends = np.array([-1, 1, 1, -1], np.int32) * 24 * 64
    sides = np.array([-1, -1, 1, 1], np.int32) * half[:, None] + middle[:, None]
    corners = np.stack([np.broadcast_to(ends, sides.shape), sides], axis=-1)
    return cover(_turned(corners, angle)) * _each(present)


def cover(points: Integers) -> Integers:
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
    # A crossing fills the rest of its line to the right if its edge goes down, and
    # empties it if it goes up: in part the pixel that it falls in, and those to the
    # right of that by the running sum.
    pixel = (edge // P * SIZE + line // 8) * (SIZE + 2) + column
    sign, shape = np.sign(line1 - line0)[edge], (N, 1, SIZE, SIZE + 2)
    fill = np.bincount(pixel, sign * (64 - share), minlength=N * SIZE * (SIZE + 2))
    fill += np.bincount(pixel + 1, sign * share, minlength=N * SIZE * (SIZE + 2))
    area = fill.astype(np.int32).reshape(shape)[..., :SIZE]
    covered: Integers = np.abs(area.cumsum(axis=-1, dtype=np.int32))
    return covered >> 1  # 8 lines of 64 are all of a pixel
