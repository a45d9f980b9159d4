"""Exercise 7: random crops with their mirror images, and colour noise."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ..exercise import Case, Exercise, Mistake, Part


def crop(image: Array, top: int, left: int, size: int, mirrored: bool) -> Array:
    """Return a crop, pixel by pixel."""
    part = np.zeros((len(image), size, size))
    for i, j in np.ndindex(size, size):
        column = size - 1 - j if mirrored else j
        part[:, i, column] = image[:, top + i, left + j]
    return part


def random_crop(image: Array, size: int, rng: np.random.Generator) -> Array:
    """Return a crop at a random place."""
    H, W = image.shape[1:]
    top, left = rng.integers(H - size + 1), rng.integers(W - size + 1)
    return crop(image, int(top), int(left), size, bool(rng.integers(2)))


def covariance(images: Array) -> Array:
    """Return the covariance, pair by pair."""
    pixels, C = images.transpose(1, 0, 2, 3).reshape(3, -1), np.zeros((3, 3))
    means = pixels.mean(axis=1)
    for i, j in np.ndindex(3, 3):
        C[i, j] = ((pixels[i] - means[i]) * (pixels[j] - means[j])).mean()
    return C


def add_colour_noise(
    image: Array, eigenvalues: Array, eigenvectors: Array, alpha: Array
) -> Array:
    """Return the picture with its colours shifted, number by number."""
    noisy = image.astype(float)
    for c, k in np.ndindex(3, 3):
        noisy[c] += eigenvectors[c, k] * alpha[k] * eigenvalues[k]
    return noisy


def places() -> Iterator[Case]:
    """Yield a picture whose numbers tell rows from columns, and places in it."""
    image = np.arange(3 * 5 * 7.0).reshape(3, 5, 7)
    for top, left, mirrored in ((0, 0, False), (2, 1, False), (1, 4, True)):
        yield {
            "image": image, "top": top, "left": left, "size": 3, "mirrored": mirrored,
        }  # fmt: skip


def draws() -> Iterator[Case]:
    """Yield a picture and a size with few places."""
    for shape, size in (((3, 5, 6), 4), ((3, 4, 7), 4)):
        yield {"image": np.arange(np.prod(shape)).reshape(shape) * 1.0, "size": size}


def pictures() -> Iterator[Case]:
    """Yield pictures whose colours go together."""
    rng = np.random.default_rng(7)
    grey = rng.integers(0, 256, (3, 1, 4, 5))
    yield {"images": (grey + rng.integers(0, 60, (3, 3, 4, 5))) * 1.0}


def shifts() -> Iterator[Case]:
    """Yield axes that are no symmetric matrix."""
    axes = np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]])
    image, values = np.zeros((3, 2, 2)) + 100, np.array([9.0, 4, 1])
    for alpha in ([1.0, 0, 0], [0.5, -1, 2]):
        yield {
            "image": image, "eigenvalues": values, "eigenvectors": axes,
            "alpha": np.array(alpha),
        }  # fmt: skip


def cut(code: Any, **case: Any) -> dict[str, Array]:
    """Return a crop."""
    return {"crop": code.crop(**case)}


def drawn(code: Any, image: Array, size: int) -> dict[str, Any]:
    """Return where 300 crops began, counted and at most, and how many are mirrored."""
    rng, W = np.random.default_rng(0), image.shape[2]
    crops = [np.asarray(code.random_crop(image, size, rng)) for _ in range(300)]
    corners = [(one[0, 0, 0], one[0, 0, -1]) for one in crops]
    first = [min(ends) for ends in corners]
    rows, columns = {int(x // W) for x in first}, {int(x % W) for x in first}
    mirrored = np.mean([left > right for left, right in corners])
    return {
        "how many rows a crop can begin at": len(rows),
        "the last row that a crop began at": max(rows),
        "how many columns a crop can begin at": len(columns),
        "the last column that a crop began at": max(columns),
        "whether about half are mirrored": 0.4 < mirrored < 0.6,
    }


def spread(code: Any, images: Array) -> dict[str, Array]:
    """Return the covariance."""
    return {"covariance": code.covariance(images)}


def noise(code: Any, **case: Array) -> dict[str, Array]:
    """Return a picture with noise."""
    return {"noisy": code.add_colour_noise(**case)}


MATHS = "The mathematics"
EXERCISE = Exercise(
    7,
    "Crops and colours",
    "lesson_07_augmentation",
    "exercise_07_crops_and_colours",
    (crop, random_crop, covariance, add_colour_noise),
    ("crop", "random_crop", "covariance", "add_colour_noise"),
    (
        Part("a crop", cut, places),
        Part("random crops", drawn, draws),
        Part("the covariance", spread, pictures),
        Part("the colour noise", noise, shifts, "By hand"),
    ),
    (
        Mistake(
            "upside down",
            "part[:, i, column] = image[:, top + i, left + j]",
            "part[:, size - 1 - i if mirrored else i, j] = image[:, top + i, left + j]",
            "It stands on its head: left and right are to change places.",
            MATHS,
        ),
        Mistake(
            "the rows and columns of the corner",
            "image[:, top + i, left + j]",
            "image[:, (left + i) % image.shape[1], top + j]",
            "Row and column of the corner have changed places.",
            MATHS,
        ),
        Mistake(
            "the last place is never drawn",
            "rng.integers(H - size + 1), rng.integers(W - size + 1)",
            "rng.integers(max(1, H - size)), rng.integers(W - size)",
            "One place is missing at the end: at how many rows can a crop of 4 begin "
            "in a picture of 5?",
            MATHS,
        ),
        Mistake(
            "the mean is not taken off",
            "means = pixels.mean(axis=1)",
            "means = np.zeros(3)",
            "A covariance is about how colours differ from their means.",
            MATHS,
        ),
        Mistake(
            "rows for columns",
            "eigenvectors[c, k]",
            "eigenvectors[k, c]",
            "The eigenvectors stand in the columns.",
            "By hand",
        ),
        Mistake(
            "the eigenvalues are left out",
            "* alpha[k] * eigenvalues[k]",
            "* alpha[k]",
            "Every axis moves by the same amount. Along which do colours vary most?",
            "By hand",
        ),
        Mistake(
            "the root of the eigenvalues",
            "* alpha[k] * eigenvalues[k]",
            "* alpha[k] * eigenvalues[k] ** 0.5",
            "That is the standard deviation along each axis. The paper's formula says "
            "something else.",
            "Which unit?",
        ),
        Mistake(
            "one colour only",
            "noisy[c] += eigenvectors[c, k] * alpha[k]",
            "noisy[c] += (c == k) * eigenvectors[c, k] * alpha[k]",
            "Each axis has a part in R, in G and in B.",
            "By hand",
        ),
    ),
)
