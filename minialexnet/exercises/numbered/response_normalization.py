"""Exercise 3: response normalisation across maps, and its backward."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_layer
from ..exercise import Case, Exercise, Mistake, Part
from ..oracles import LocalResponseNormalization


def cases() -> Iterator[Case]:
    """Yield constants that can be told apart, more maps than n and fewer, and drawn."""
    one = np.array([1.0, 2, 3]).reshape(1, 3, 1, 1)
    settings = {"k": 1, "n": 3, "alpha": 1.0, "beta": 1.0}
    yield settings | {"x": one, "dy": np.array([1.0, 10, 100]).reshape(one.shape)}
    rng = np.random.default_rng(3)
    drawn = [
        (tuple(rng.integers(1, (3, 8, 3, 3)).tolist()), int(n), 0.75)
        for n in rng.choice((1, 3, 5), 4)
    ]
    for shape, n, beta in (((1, 7, 1, 2), 5, 0.75), ((2, 4, 2, 1), 7, 0.5), *drawn):
        x, dy = rng.standard_normal(shape), rng.standard_normal(shape)
        yield {"k": 2, "n": n, "alpha": 0.5, "beta": beta, "x": x, "dy": dy}


def few() -> Iterator[Case]:
    """Yield the first three of them."""
    yield from islice(cases(), 3)


def forward(code: Any, x: Array, dy: Array, **constants: Any) -> dict[str, Array]:
    """Return y."""
    return {"y": code.LocalResponseNormalization(**constants).forward(x)}


def backward(code: Any, x: Array, dy: Array, **constants: Any) -> dict[str, Array]:
    """Return dx."""
    layer = code.LocalResponseNormalization(**constants)
    layer.forward(x)
    return {"dx": layer.backward(dy)}


def gradients(code: Any, x: Array, dy: Array, **constants: Any) -> dict[str, Array]:
    """Check dx against measured slopes."""
    check_layer(code.LocalResponseNormalization(**constants), x)
    return {}


EXERCISE = Exercise(
    3,
    "Response normalisation",
    "lesson_03_response_normalization",
    "exercise_03_response_normalisation",
    (LocalResponseNormalization,),
    ("LocalResponseNormalization",),
    (
        Part("forward", forward, cases, "By hand"),
        Part("backward", backward, cases, "Backward"),
        Part("the gradient check", gradients, few, "The gradient check"),
    ),
    (
        Mistake(
            "the window is one map short",
            "range(first, first + self.n)",
            "range(first, first + self.n - 1)",
            "The last neighbour is missing: count the maps of one window. Are there n?",
            "By hand",
        ),
        Mistake(
            "the window is one map long",
            "range(first, first + self.n)",
            "range(first, first + self.n + 1)",
            "There is one neighbour too many: count the maps of one window.",
            "By hand",
        ),
        Mistake(
            "alpha divided by n",
            "self.k + self.alpha * sum(squares)",
            "self.k + self.alpha / self.n * sum(squares)",
            "That is the 2012 code's alpha, which it divides by n. The formula of the "
            "paper, and of this exercise, does not.",
            "What copies disagree about",
        ),
        Mistake(
            "an index below 0",
            "[j for j in range(first, first + self.n) if 0 <= j < size]",
            "list(range(size))[first : first + self.n]",
            "The first maps are wrong: their window would begin before map 0. What "
            "does Python make of an index below 0?",
            "By hand",
        ),
        Mistake(
            "k is left out",
            "self.k + self.alpha * sum(squares)",
            "1 + self.alpha * sum(squares)",
            "With another k the same y comes out. Where does k stand?",
            "The mathematics",
        ),
        Mistake(
            "a factor is missing backward",
            "2 * self.alpha * self.beta",
            "self.alpha * self.beta",
            "The part through the neighbours is half as large as it should be. What is "
            "the slope of a square?",
            "Backward",
        ),
        Mistake(
            "only its own d",
            "around = self.neighbours(place)",
            "around = [place]",
            "A number enters the sums of others too. Who else feels it when it grows?",
            "Backward",
        ),
        Mistake(
            "the neighbours are left out backward",
            "- factor * shared",
            "",
            "That is right only as long as d does not change with x. Does it?",
            "Backward",
        ),
    ),
)
