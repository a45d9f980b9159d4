"""Exercise 4: overlapping max pooling."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_layer
from ..exercise import Case, Exercise, Mistake, Part
from ..oracles import MaxPooling2D, window_starts


def case(z: int, s: int, x: Array) -> Case:
    """Return a case with a dy of the right shape, of small whole numbers."""
    N, C, H, W = x.shape
    shape = (N, C, 1 + (H - z) // s, 1 + (W - z) // s)
    dy = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    return {"kernel_size": z, "stride": s, "x": x, "dy": dy}


def shuffled(*shape: int) -> Array:
    """Return different numbers below 0 in a random order."""
    rng = np.random.default_rng(len(shape) + sum(shape))
    return rng.permutation(np.prod(shape)).reshape(shape) - 100.0


def side_by_side() -> Iterator[Case]:
    """Yield windows that share no pixel."""
    yield case(2, 2, np.array([[1.0, 2, 3, 4], [5, 9, 7, 8]])[None, None])
    yield case(2, 2, shuffled(2, 3, 5, 4))
    yield case(3, 3, shuffled(1, 2, 6, 9))


def overlapping() -> Iterator[Case]:
    """Yield windows that share rows and columns, and then any sizes drawn."""
    x = np.arange(1.0, 26).reshape(1, 1, 5, 5)
    x[0, 0, 2, 2] = 50
    yield case(3, 2, x)
    yield case(3, 2, shuffled(2, 2, 7, 6))
    yield case(3, 1, shuffled(1, 2, 4, 5))
    rng = np.random.default_rng(4)
    for _ in range(6):
        z, s, N, C = (int(n) for n in rng.integers((2, 1, 1, 1), (5, 4, 3, 3)))
        yield case(z, s, shuffled(N, C, *(int(z + n) for n in rng.integers(0, 5, 2))))


def ties() -> Iterator[Case]:
    """Yield windows with several largest pixels."""
    yield case(2, 2, np.array([[0.0, 7], [7, 7]])[None, None])
    yield case(3, 2, np.zeros((1, 2, 5, 5)))


def forward(
    code: Any, kernel_size: int, stride: int, x: Array, dy: Array
) -> dict[str, Array]:
    """Return y."""
    return {"y": code.MaxPooling2D(kernel_size, stride).forward(x)}


def backward(
    code: Any, kernel_size: int, stride: int, x: Array, dy: Array
) -> dict[str, Array]:
    """Return dx."""
    layer = code.MaxPooling2D(kernel_size, stride)
    layer.forward(x)
    return {"dx": layer.backward(dy)}


def gradients(code: Any, kernel_size: int, stride: int, x: Array) -> dict[str, Array]:
    """Check dx against measured slopes."""
    check_layer(code.MaxPooling2D(kernel_size, stride), x)
    return {}


def distinct() -> Iterator[Case]:
    """Yield maps without ties."""
    yield {"kernel_size": 3, "stride": 2, "x": shuffled(1, 2, 7, 5) / 10}


EXERCISE = Exercise(
    4,
    "Overlapping pooling",
    "lesson_04_overlapping_pooling",
    "exercise_04_overlapping_pooling",
    (window_starts, MaxPooling2D),
    ("MaxPooling2D",),
    (
        Part("forward, windows side by side", forward, side_by_side),
        Part("forward, windows that overlap", forward, overlapping),
        Part("backward, windows side by side", backward, side_by_side, "By hand"),
        Part("backward, windows that overlap", backward, overlapping, "By hand"),
        Part("backward, ties", backward, ties, "The layer itself"),
        Part("the gradient check", gradients, distinct, "The gradient check"),
    ),
    (
        Mistake(
            "what was given before is lost",
            "dx[one] += dy[place]",
            "dx[one] = dy[place]",
            "A pixel can win several windows. What becomes of its first gradient when "
            "the second one comes?",
            "By hand",
        ),
        Mistake(
            "a tie is counted more than once",
            "if value == largest][:1]",
            "if value == largest]",
            "More gradient comes out than went in: count how many pixels of a window "
            "get it when several are equally large.",
            "The layer itself",
        ),
        Mistake(
            "the last of equals wins",
            "if value == largest][:1]",
            "if value == largest][-1:]",
            "Of several largest pixels another one was agreed to win.",
            "The layer itself",
        ),
        Mistake(
            "the window is one pixel short",
            "np.ndindex(*self.z)",
            "np.ndindex(*(self.z - 1))",
            "The last row and column of each window are never looked at.",
            "The mathematics",
        ),
        Mistake(
            "the stride is left out",
            "window * self.s - self.p",
            "np.array(window) - self.p",
            "How far is it from one window's first pixel to the next window's?",
            "The mathematics",
        ),
        Mistake(
            "windows never overlap",
            "window * self.s - self.p",
            "window * self.z - self.p",
            "How far apart do windows begin, by z or by s?",
            "The mathematics",
        ),
        Mistake(
            "0 wins against numbers below 0",
            "y[place] = max(value for value, _ in self.pixels(place))",
            "y[place] = max(0, *(value for value, _ in self.pixels(place)))",
            "Where all pixels of a window are below 0, one of them is the largest all "
            "the same.",
            "The mathematics",
        ),
        Mistake(
            "a place in the window for one in the map",
            "dx[one] += dy[place]",
            "dx[one[:2] + tuple(one[2:] - place[2:] * self.s)] += dy[place]",
            "The winner's row is counted from the window's corner. Where is that "
            "corner in the map?",
            "By hand",
        ),
    ),
)
