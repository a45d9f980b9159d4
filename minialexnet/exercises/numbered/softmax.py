"""Exercise 9: softmax with its loss, and the gradient of both at once."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_function
from ..exercise import Case, Exercise, Mistake, Part
from ..oracles import SoftmaxCrossEntropy


def cases() -> Iterator[Case]:
    """Yield one picture, and several."""
    yield {"x": np.array([[1.0, 2, 3]]), "labels": np.array([0])}
    rng = np.random.default_rng(9)
    yield {"x": rng.standard_normal((4, 3)), "labels": np.array([2, 0, 1, 2])}
    yield {"x": rng.standard_normal((2, 6)), "labels": np.array([5, 3])}


def large() -> Iterator[Case]:
    """Yield logits whose powers are too large or too small for a float."""
    x = np.array([[1000.0, 1001, 998], [-2000, -2003, -2001]])
    yield {"x": x, "labels": np.array([0, 2])}


def loss(code: Any, x: Array, labels: Array) -> dict[str, Any]:
    """Return the loss."""
    return {"loss": code.SoftmaxCrossEntropy().forward(x, labels)}


def backward(code: Any, x: Array, labels: Array) -> dict[str, Array]:
    """Return dx."""
    layer = code.SoftmaxCrossEntropy()
    layer.forward(x, labels)
    return {"dx": layer.backward()}


def both(code: Any, x: Array, labels: Array) -> dict[str, Any]:
    """Return the loss and dx."""
    return loss(code, x, labels) | backward(code, x, labels)


def gradients(code: Any, x: Array, labels: Array) -> dict[str, Array]:
    """Check dx against measured slopes of the loss."""

    def slope(x: Array) -> Array:
        return backward(code, x, labels)["dx"]

    def value(x: Array) -> Any:
        return loss(code, x, labels)["loss"]

    check_function(value, slope, x)
    return {}


EXERCISE = Exercise(
    9,
    "Softmax and its loss",
    "lesson_10_initialization",
    "exercise_09_softmax_and_loss",
    (SoftmaxCrossEntropy,),
    ("SoftmaxCrossEntropy",),
    (
        Part("the loss", loss, cases),
        Part("backward", backward, cases),
        Part("large logits", both, large, "The loss itself"),
        Part("the gradient check", gradients, cases, "The gradient check"),
    ),
    (
        Mistake(
            "the sum for the mean",
            "return sum(losses) / len(losses)",
            "return sum(losses)",
            "It is right for one picture and grows with their number.",
            "The mathematics",
        ),
        Mistake(
            "backward without the mean",
            "(self.p[n, k] - t) / N",
            "(self.p[n, k] - t)",
            "Right for one picture, too large for several: the loss is a mean over "
            "them.",
            "The mathematics",
        ),
        Mistake(
            "divided by the classes",
            "(self.p[n, k] - t) / N",
            "(self.p[n, k] - t) / K",
            "The mean is taken over pictures, not over classes.",
            "The mathematics",
        ),
        Mistake(
            "the right class is not subtracted",
            "(self.p[n, k] - t) / N",
            "self.p[n, k] / N",
            "Only the numbers at the right classes are wrong: a step downhill would "
            "make the right class less probable.",
            "The mathematics",
        ),
        Mistake(
            "the sign of dx",
            "(self.p[n, k] - t) / N",
            "(t - self.p[n, k]) / N",
            "More of the right class's logit should lower the loss. Which sign has its "
            "slope?",
            "The mathematics",
        ),
        Mistake(
            "the sign of the loss",
            "return sum(losses) / len(losses)",
            "return -sum(losses) / len(losses)",
            "A probability is below 1, so its logarithm is below 0. Can a loss be?",
            "The mathematics",
        ),
        Mistake(
            "the softmax over the pictures",
            "[power / sum(powers) for power in powers]",
            "np.array(powers) / sum(np.exp(r - max(r)) for r in x)",
            "Whose numbers should sum to 1, those of a picture or those of a class?",
            "The mathematics",
        ),
        Mistake(
            "the probability for its logarithm",
            "losses.append(-math.log(self.p[n, labels[n]]))",
            "losses.append(1 - self.p[n, labels[n]])",
            "The loss of a picture is how surprising its class was, in nats. A "
            "probability is no surprise yet.",
            "By hand",
        ),
    ),
)
