"""Exercise 5: two towers, and what they show each other."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ..exercise import Case, Exercise, Mistake, Part


def as_one(W1: Array, W2: Array) -> Array:
    """Return one layer's weights, number by number."""
    F, C = W1.shape
    W = np.zeros((2 * F, 2 * C))
    for f, c in np.ndindex(F, C):
        W[f, c] = W1[f, c]
        W[F + f, C + c] = W2[f, c]
    return W


class Exchange:
    """The reference: map by map."""

    def forward(self, x1: Array, x2: Array) -> tuple[Array, Array]:
        """Return what each tower sees."""
        C = self.C = x1.shape[1]
        y1, y2 = np.zeros((2, len(x1), 2 * C, *x1.shape[2:]))
        for c in range(C):
            y1[:, c], y1[:, C + c] = x1[:, c], x2[:, c]
            y2[:, c], y2[:, C + c] = x1[:, c], x2[:, c]
        return y1, y2

    def backward(self, dy1: Array, dy2: Array) -> tuple[Array, Array]:
        """Return dx1 and dx2."""
        C = self.C
        dx1, dx2 = np.zeros((2, len(dy1), C, *dy1.shape[2:]))
        for c in range(C):
            dx1[:, c] = dy1[:, c] + dy2[:, c]
            dx2[:, c] = dy1[:, C + c] + dy2[:, C + c]
        return dx1, dx2


def bytes_crossing(N: int, C: int, H: int, W: int) -> int:
    """Return the bytes that cross."""
    numbers = 2 * N * C * H * W
    return 4 * numbers


def weights() -> Iterator[Case]:
    """Yield the weights of two towers."""
    yield {"W1": np.array([[1.0, 2]]), "W2": np.array([[3.0, 4]])}
    W = np.arange(1.0, 13).reshape(2, 3, 2)
    yield {"W1": W[0], "W2": W[1]}


def maps() -> Iterator[Case]:
    """Yield maps of two towers and gradients of what each saw."""
    rng = np.random.default_rng(5)
    for N, C, H, W in ((1, 1, 1, 2), (2, 3, 2, 4)):
        x1, x2 = rng.integers(1, 9, (2, N, C, H, W)) + 0.5
        dy1, dy2 = rng.integers(1, 9, (2, N, 2 * C, H, W)) + 0.25
        yield {"x1": x1, "x2": x2, "dy1": dy1, "dy2": dy2}


def shapes() -> Iterator[Case]:
    """Yield sizes, the last of them those before conv3 in the paper."""
    yield {"N": 1, "C": 1, "H": 1, "W": 1}
    yield {"N": 2, "C": 3, "H": 5, "W": 7}
    yield {"N": 128, "C": 128, "H": 13, "W": 13}


def joined(code: Any, W1: Array, W2: Array) -> dict[str, Array]:
    """Return one layer's weights."""
    return {"W": code.as_one(W1, W2)}


def forward(
    code: Any, x1: Array, x2: Array, dy1: Array, dy2: Array
) -> dict[str, Array]:
    """Return what both towers see."""
    y1, y2 = code.Exchange().forward(x1, x2)
    return {"y1": y1, "y2": y2}


def backward(
    code: Any, x1: Array, x2: Array, dy1: Array, dy2: Array
) -> dict[str, Array]:
    """Return the gradients of both towers' maps."""
    layer = code.Exchange()
    layer.forward(x1, x2)
    dx1, dx2 = layer.backward(dy1, dy2)
    return {"dx1": dx1, "dx2": dx2}


def crossing(code: Any, **sizes: int) -> dict[str, Any]:
    """Return the bytes that cross."""
    return {"bytes": code.bytes_crossing(**sizes)}


EXERCISE = Exercise(
    5,
    "Two towers",
    "lesson_05_two_devices",
    "exercise_05_two_towers",
    (as_one, Exchange, bytes_crossing),
    ("as_one", "Exchange", "bytes_crossing"),
    (
        Part("two towers as one layer", joined, weights),
        Part("the exchange, forward", forward, maps, "By hand"),
        Part("the exchange, backward", backward, maps, "By hand"),
        Part("bytes that cross", crossing, shapes, "Bytes that cross"),
    ),
    (
        Mistake(
            "each tower looks at the other's maps",
            "W[F + f, C + c] = W2[f, c]",
            "W[f, C + c], W[F + f, c], W[f, c] = W1[f, c], W2[f, c], 0",
            "As you have placed them, each tower computes from the other one's inputs.",
            "The mathematics",
        ),
        Mistake(
            "outputs without zeros between",
            "W[F + f, C + c] = W2[f, c]",
            "W[F + f, c] = W2[f, c]",
            "Which columns are the inputs of tower 2?",
            "The mathematics",
        ),
        Mistake(
            "its own maps first",
            "y2[:, c], y2[:, C + c] = x1[:, c], x2[:, c]",
            "y2[:, c], y2[:, C + c] = x2[:, c], x1[:, c]",
            "Both towers see the maps in the network's order, not each its own first.",
            "By hand",
        ),
        Mistake(
            "the other tower's gradient is left out",
            "dx1[:, c] = dy1[:, c] + dy2[:, c]\n"
            "            dx2[:, c] = dy1[:, C + c] + dy2[:, C + c]",
            "dx1[:, c] = dy1[:, c]\n            dx2[:, c] = dy2[:, C + c]",
            "Two towers saw each map. Whose gradients have arrived?",
            "By hand",
        ),
        Mistake(
            "the mean for the sum",
            "dx1[:, c] = dy1[:, c] + dy2[:, c]\n"
            "            dx2[:, c] = dy1[:, C + c] + dy2[:, C + c]",
            "dx1[:, c] = (dy1[:, c] + dy2[:, c]) / 2\n"
            "            dx2[:, c] = (dy1[:, C + c] + dy2[:, C + c]) / 2",
            "The gradients were averaged. A map that two see changes the loss in two "
            "ways: what is their total?",
            "By hand",
        ),
        Mistake(
            "the halves change places",
            "dx2[:, c] = dy1[:, C + c] + dy2[:, C + c]",
            "dx1[:, c], dx2[:, c] = dy1[:, C + c] + dy2[:, C + c], dx1[:, c]",
            "The gradients of the first half of the maps belong to tower 1.",
            "By hand",
        ),
        Mistake(
            "one way only",
            "numbers = 2 * N * C * H * W",
            "numbers = N * C * H * W",
            "Half as many as it should be: who sends to whom?",
            "Bytes that cross",
        ),
        Mistake(
            "numbers for bytes",
            "return 4 * numbers",
            "return numbers",
            "These are numbers. How many bytes has each?",
            "Bytes that cross",
        ),
    ),
)
