"""Exercise 8: dropout in training and in testing."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_layer
from ..exercise import Case, Exercise, Mistake, Part


class Dropout:
    """The reference: number by number."""

    def __init__(self, drop_probability: float, seed: int) -> None:
        self.p, self.rng = drop_probability, np.random.default_rng(seed)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y."""
        self.factor, self.train = np.zeros(x.shape), train
        if train:
            u = self.rng.random(x.shape)
            for i in np.ndindex(x.shape):
                self.factor[i] = 1 if u[i] >= self.p else 0
        else:
            self.factor[...] = 1 - self.p
        return x * self.factor

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return dy * self.factor


def cases() -> Iterator[Case]:
    """Yield probabilities that are not one half too, and several examples."""
    rng = np.random.default_rng(8)
    for p, shape in ((0.5, (2, 4)), (0.25, (3, 8)), (0.8, (2, 3, 2, 4))):
        x, dy = rng.uniform(1, 2, shape).round(2), rng.uniform(1, 2, shape).round(2)
        yield {"drop_probability": p, "seed": len(shape), "x": x, "dy": dy}


def training(code: Any, x: Array, dy: Array, **settings: Any) -> dict[str, Array]:
    """Return y of two steps: each draws anew."""
    layer = code.Dropout(**settings)
    first = layer.forward(x, train=True)
    return {"y": first, "y of the second step": layer.forward(x, train=True)}


def testing(code: Any, x: Array, dy: Array, **settings: Any) -> dict[str, Array]:
    """Return y without training."""
    return {"y": code.Dropout(**settings).forward(x, train=False)}


def backward(code: Any, x: Array, dy: Array, **settings: Any) -> dict[str, Array]:
    """Return dx after a forward in training."""
    layer = code.Dropout(**settings)
    layer.forward(x, train=True)
    return {"dx": layer.backward(dy)}


def backward_testing(
    code: Any, x: Array, dy: Array, **settings: Any
) -> dict[str, Array]:
    """Return dx after a forward in testing."""
    layer = code.Dropout(**settings)
    layer.forward(x, train=False)
    return {"dx": layer.backward(dy)}


def gradients(code: Any, x: Array) -> dict[str, Array]:
    """Check dx in training against measured slopes."""
    check_layer(code.Dropout(0.25, 3), x, train=True)
    return {}


def some() -> Iterator[Case]:
    """Yield a small x."""
    yield {"x": np.linspace(-1.5, 2, 12).reshape(3, 4)}


EXERCISE = Exercise(
    8,
    "Dropout",
    "lesson_08_dropout",
    "exercise_08_dropout",
    (Dropout,),
    ("Dropout",),
    (
        Part("training", training, cases),
        Part("testing", testing, cases),
        Part("backward in training", backward, cases, "By hand"),
        Part("backward in testing", backward_testing, cases, "By hand"),
        Part("the gradient check", gradients, some, "The gradient check"),
    ),
    (
        Mistake(
            "testing is not scaled",
            "self.factor[...] = 1 - self.p",
            "self.factor[...] = 1",
            "In testing all numbers are there at once. How much larger is their sum "
            "then than it was in training?",
            "The mathematics",
        ),
        Mistake(
            "scaled by what is dropped",
            "self.factor[...] = 1 - self.p",
            "self.factor[...] = self.p",
            "With one half nobody sees it, with another probability it shows: with "
            "which probability was a number kept?",
            "The mathematics",
        ),
        Mistake(
            "the other form of dropout",
            "1 if u[i] >= self.p else 0",
            "1 / (1 - self.p) if u[i] >= self.p else 0",
            "What is kept comes out larger than it went in. That is the later form of "
            "dropout; the paper's leaves it as it is and scales in testing.",
            "The mathematics",
        ),
        Mistake(
            "kept and dropped change places",
            "u[i] >= self.p",
            "u[i] < self.p",
            "Just those numbers are 0 that should have stayed.",
            "By hand",
        ),
        Mistake(
            "backward without the mask",
            "return dy * self.factor",
            "return dy",
            "All of dy comes back. What was dropped had no part in y, so what is its "
            "gradient?",
            "By hand",
        ),
        Mistake(
            "backward draws a mask of its own",
            "return dy * self.factor",
            "return dy * (self.rng.random(dy.shape) >= self.p)",
            "Backward drops other numbers than forward did. Whose mask should it be?",
            "By hand",
        ),
        Mistake(
            "one mask for all examples",
            "self.factor[i] = 1 if u[i]",
            "self.factor[i] = 1 if u[(0, *i[1:])]",
            "Every example of the batch lost the same units. Each should toss its own "
            "coins.",
            "By hand",
        ),
        Mistake(
            "backward is scaled once more",
            "return dy * self.factor",
            "return dy * self.factor * ((1 - self.p) if self.train else 1)",
            "In training forward multiplied with 0 or 1. Where does the other factor "
            "come from?",
            "By hand",
        ),
    ),
)
