"""Exercise 12: ten crops of a picture, and the mean of what is said of them."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ..exercise import Case, Exercise, Mistake, Part


def five_crops(image: Array, size: int) -> Array:
    """Return five crops."""
    H, W = image.shape[1:]
    low, right = H - size, W - size
    middle = (H - size) // 2, (W - size) // 2
    corners = [(0, 0), (0, right), (low, 0), (low, right), middle]
    return np.stack([image[:, i : i + size, j : j + size] for i, j in corners])


def ten_crops(image: Array, size: int) -> Array:
    """Return ten crops."""
    crops = list(five_crops(image, size))
    for n in range(5):
        crops.append(np.stack([crops[n][:, :, size - 1 - j] for j in range(size)], 2))
    return np.stack(crops)


def softmax(x: Array) -> Array:
    """Return the softmax of each row."""
    p = np.zeros(x.shape)
    for n, row in enumerate(x):
        powers = [math.exp(value - max(row)) for value in row]
        p[n] = [power / sum(powers) for power in powers]
    return p


def average(logits: Array) -> Array:
    """Return the mean over ten rows."""
    p, N = softmax(logits), len(logits) // 10
    mean = np.zeros((N, p.shape[1]))
    for n, crop in np.ndindex(N, 10):
        mean[n] += p[10 * n + crop] / 10
    return mean


def pictures() -> Iterator[Case]:
    """Yield pictures that are not square, with borders even and odd."""
    for shape, size in (((1, 4, 6), 2), ((3, 6, 5), 3)):
        yield {"image": np.arange(np.prod(shape)).reshape(shape) * 1.0, "size": size}


def logits() -> Iterator[Case]:
    """Yield what a network might say of ten crops of each picture."""
    rng = np.random.default_rng(12)
    yield {"logits": rng.standard_normal((10, 2)) * 2}
    yield {"logits": rng.standard_normal((30, 4)) * 2}


def rows() -> Iterator[Case]:
    """Yield logits of a few crops."""
    yield {"x": np.array([[0.0, 1, 2], [3, 1, 1]])}


def five(code: Any, image: Array, size: int) -> dict[str, Array]:
    """Return five crops."""
    return {"crops": code.five_crops(image, size)}


def ten(code: Any, image: Array, size: int) -> dict[str, Array]:
    """Return ten crops."""
    return {"crops": code.ten_crops(image, size)}


def probabilities(code: Any, x: Array) -> dict[str, Array]:
    """Return the softmax."""
    return {"p": code.softmax(x)}


def mean(code: Any, logits: Array) -> dict[str, Array]:
    """Return the mean of the predictions."""
    return {"mean": code.average(logits)}


MATHS = "The mathematics"
CROPS = "One crop against ten"
EXERCISE = Exercise(
    12,
    "Averaging ten crops",
    "lesson_07_augmentation",
    "exercise_12_ten_crops",
    (five_crops, ten_crops, softmax, average),
    ("five_crops", "ten_crops", "softmax", "average"),
    (
        Part("five crops", five, pictures, "By hand"),
        Part("ten crops", ten, pictures, "By hand"),
        Part("the softmax", probabilities, rows, CROPS),
        Part("the mean of ten", mean, logits, CROPS),
    ),
    (
        Mistake(
            "the order of the corners",
            "(0, right), (low, 0)",
            "(low, 0), (0, right)",
            "Two corners have changed places: upper right comes before lower left.",
            "By hand",
        ),
        Mistake(
            "the centre is off",
            "middle = (H - size) // 2, (W - size) // 2",
            "middle = (H - size + 1) // 2, (W - size + 1) // 2",
            "Where the border is odd, its smaller half is above and left.",
            "By hand",
        ),
        Mistake(
            "off by one at the far side",
            "low, right = H - size, W - size",
            "low, right = H - size - 1, W - size - 1",
            "The last row and column of the picture are in no crop.",
            "By hand",
        ),
        Mistake(
            "upside down",
            "crops[n][:, :, size - 1 - j] for j in range(size)], 2)",
            "crops[n][:, size - 1 - j] for j in range(size)], 1)",
            "The mirror images stand on their heads. Left and right should change "
            "places.",
            "By hand",
        ),
        Mistake(
            "each beside its mirror image",
            "return np.stack(crops)",
            "return np.stack([crops[n] for m in range(5) for n in (m, m + 5)])",
            "All five come first, and then their mirror images.",
            "By hand",
        ),
        Mistake(
            "the mean before the softmax",
            "p, N = softmax(logits), len(logits) // 10",
            "N = len(logits) // 10\n"
            "    p = softmax(logits.reshape(N, 10, -1).mean(1).repeat(10, 0))",
            "These are the softmax of mean logits. The paper averages predictions of "
            "the softmax layer: which comes first?",
            CROPS,
        ),
        Mistake(
            "rows of other pictures",
            "p[10 * n + crop]",
            "p[n + N * crop]",
            "Right for one picture. With several, rows of different pictures were "
            "averaged: which ten belong together?",
            CROPS,
        ),
        Mistake(
            "the sum for the mean",
            "p[10 * n + crop] / 10",
            "p[10 * n + crop]",
            "The probabilities of a picture should sum to 1.",
            CROPS,
        ),
    ),
)
