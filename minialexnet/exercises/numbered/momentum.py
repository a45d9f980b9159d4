"""Exercise 10: the paper's step of gradient descent."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ..exercise import Case, Exercise, Mistake, Part
from ..oracles import MomentumSGD


def case(rates: tuple[float, ...], momentum: float, decay: float) -> Case:
    """Return weights, and a gradient and a rate for each step."""
    w = np.array([[1.0, -2], [0.5, 4]])
    gradients = [np.array([[1.0, 2], [-1, 0.5]]) * (n + 1) for n in range(len(rates))]
    constants = {"momentum": momentum, "weight_decay": decay}
    return {"w": w, "rates": rates, **constants, "gradients": np.array(gradients)}


def one_step() -> Iterator[Case]:
    """Yield one step, without decay and with it."""
    yield case((0.5,), 0.9, 0.0)
    yield case((0.5,), 0.9, 0.2)


def steps() -> Iterator[Case]:
    """Yield three steps."""
    yield case((0.5, 0.5, 0.5), 0.9, 0.0)
    yield case((0.25, 0.25, 0.25), 0.5, 0.1)


def other_rates() -> Iterator[Case]:
    """Yield three steps, the second of them with a smaller rate."""
    yield case((0.5, 0.05, 0.05), 0.9, 0.2)


def moved(
    code: Any,
    w: Array,
    rates: tuple[float, ...],
    momentum: float,
    weight_decay: float,
    gradients: Array,
) -> dict[str, Array]:
    """Return w after each step."""
    w = w.copy()
    sgd, found = code.MomentumSGD(w, rates[0], momentum, weight_decay), {}
    for n, rate in enumerate(rates):
        sgd.learning_rate = rate
        sgd.step(gradients[n])
        found[f"w after step {n + 1}"] = w.copy()
    return found


EXERCISE = Exercise(
    10,
    "Momentum SGD",
    "lesson_09_optimization",
    "exercise_10_momentum_sgd",
    (MomentumSGD,),
    ("MomentumSGD",),
    (
        Part("one step", moved, one_step, "By hand"),
        Part("several steps", moved, steps, "By hand"),
        Part("another rate", moved, other_rates, 'What "inside the rate" means'),
    ),
    (
        Mistake(
            "the decay outside the rate",
            "self.weight_decay * rate * self.w[i]",
            "self.weight_decay * self.w[i]",
            "The decay is too strong. At a tenth of the rate weights should decay a "
            "tenth as fast.",
            'What "inside the rate" means',
        ),
        Mistake(
            "uphill",
            "- decay - rate * dw[i]",
            "- decay + rate * dw[i]",
            "The gradient points to where the loss grows.",
            "The mathematics",
        ),
        Mistake(
            "the weights grow",
            "- decay - rate * dw[i]",
            "+ decay - rate * dw[i]",
            "Decay draws a weight towards 0. Which way does yours go?",
            "The mathematics",
        ),
        Mistake(
            "the velocity is forgotten",
            "momentum * self.v[i] - decay",
            "- decay",
            "The first step is right, the second one starts from rest again.",
            "By hand",
        ),
        Mistake(
            "a mean of gradients",
            "- rate * dw[i]",
            "- (1 - momentum) * rate * dw[i]",
            "The gradient is scaled as in a running mean. The paper's step takes all "
            "of it.",
            "The mathematics",
        ),
        Mistake(
            "the rate is outside the velocity",
            "- decay - rate * dw[i]\n            self.w[i] += self.v[i]",
            "- self.weight_decay * self.w[i] - dw[i]\n"
            "            self.w[i] += rate * self.v[i]",
            "Right as long as the rate stays. When it falls, the velocity that was "
            "gathered with the old rate goes on as it is.",
            'What "inside the rate" means',
        ),
        Mistake(
            "w is another array",
            "self.w[i] += self.v[i]",
            "pass",
            "The array that the network holds has not moved. Did you make a new one?",
            "The optimiser itself",
        ),
        Mistake(
            "momentum does not fade",
            "momentum * self.v[i]",
            "self.v[i]",
            "The old velocity stays whole. Each step should keep only a part of it.",
            "By hand",
        ),
    ),
)
