"""Exercise 1: ReLU and tanh, forward and backward."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_layer
from ..exercise import Case, Exercise, Mistake, Part


class ReLU:
    """The reference: number by number."""

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y."""
        self.x, y = x, np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            y[i] = max(x[i], 0)
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dx = np.zeros(dy.shape)
        for i in np.ndindex(dy.shape):
            dx[i] = dy[i] if self.x[i] > 0 else 0
        return dx


class Tanh:
    """The reference: number by number."""

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y."""
        self.x, self.y = x, np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            self.y[i] = np.tanh(x[i])
        return self.y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dx = np.zeros(dy.shape)
        for i in np.ndindex(dy.shape):
            y = self.y[i]
            dx[i] = dy[i] * (1 - y * y)
        return dx


def cases() -> Iterator[Case]:
    """Yield numbers on both sides of 0, and 0 itself."""
    x = np.array([[-2.0, -0.5, 0, 0.25, 3]])
    yield {"x": x, "dy": np.array([[1.0, -2, 3, -4, 5]])}
    rng = np.random.default_rng(1)
    for shape in ((2, 3), (2, 3, 4, 5)):
        yield {"x": rng.standard_normal(shape), "dy": rng.standard_normal(shape)}


def forward(name: str) -> Any:
    """Return a part's function for the forward of a layer of that name."""
    return lambda code, x, dy: {"y": getattr(code, name)().forward(x)}


def backward(name: str) -> Any:
    """Return a part's function for the backward of a layer of that name."""

    def run(code: Any, x: Array, dy: Array) -> dict[str, Array]:
        layer = getattr(code, name)()
        layer.forward(x)
        return {"dx": layer.backward(dy)}

    return run


def gradients(code: Any, x: Array) -> dict[str, Array]:
    """Check both gradients against measured slopes."""
    check_layer(code.ReLU(), x)
    check_layer(code.Tanh(), x)
    return {}


def away_from_0() -> Iterator[Case]:
    """Yield numbers away from ReLU's kink."""
    yield {"x": np.array([[-1.5, -0.5, 0.25], [0.75, 1.25, 2]])}


EXERCISE = Exercise(
    1,
    "ReLU and tanh",
    "lesson_01_relu",
    "exercise_01_relu_and_tanh",
    (ReLU, Tanh),
    ("ReLU", "Tanh"),
    (
        Part("forward of ReLU", forward("ReLU"), cases),
        Part("backward of ReLU", backward("ReLU"), cases, "By hand"),
        Part("forward of Tanh", forward("Tanh"), cases),
        Part("backward of Tanh", backward("Tanh"), cases),
        Part("the gradient check", gradients, away_from_0, "The gradient check"),
    ),
    (
        Mistake(
            "the size of x",
            "max(x[i], 0)",
            "abs(x[i])",
            "What should come out for a number below 0? Look at the curve.",
            "The mathematics",
        ),
        Mistake(
            "the wrong side is kept",
            "max(x[i], 0)",
            "min(x[i], 0)",
            "Which side of 0 passes, and which becomes 0?",
            "The mathematics",
        ),
        Mistake(
            "the sign of dy decides",
            "self.x[i] > 0",
            "dy[i] > 0",
            "Whether the gradient passes depends on what forward saw, not on the "
            "gradient's own sign.",
            "By hand",
        ),
        Mistake(
            "dy is left out",
            "dy[i] if self.x[i] > 0 else 0",
            "1 if self.x[i] > 0 else 0",
            "That is the slope alone. The loss changes with y by dy: where is it?",
            "By hand",
        ),
        Mistake(
            "the slope at 0",
            "self.x[i] > 0",
            "self.x[i] >= 0",
            "All is right except where x is exactly 0. Which slope was agreed there?",
            "The mathematics",
        ),
        Mistake(
            "everything passes",
            "dy[i] if self.x[i] > 0 else 0",
            "dy[i]",
            "All of dy comes back. Where forward gave 0, a small change of x changes "
            "nothing.",
            "By hand",
        ),
        Mistake(
            "y is not squared",
            "1 - y * y",
            "1 - y",
            "The slope of tanh is largest at 0 and falls on both sides alike. Does "
            "yours?",
            "The mathematics",
        ),
        Mistake(
            "x for y",
            "1 - y * y",
            "1 - self.x[i] * self.x[i]",
            "The slope is written with what came out of tanh, not with what went in.",
            "The mathematics",
        ),
    ),
)
