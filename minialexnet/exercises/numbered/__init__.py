"""The exercises, by their numbers."""

from importlib import import_module

from ..exercise import Exercise

FILES = (
    "relu",
    "convolution",
    "response_normalization",
    "pooling",
    "towers",
    "shapes",
    "augmentation",
    "dropout",
    "softmax",
    "momentum",
    "plateau",
    "ten_crops",
)
NUMBERS = range(1, len(FILES) + 1)


def exercise(number: int) -> Exercise:
    """Return an exercise.

    Raises
    ------
    ValueError
        If there is none of that number.
    """
    if number not in NUMBERS:
        raise ValueError(
            f"expected the number of an exercise, 1 to {len(FILES)}, got {number}"
        )
    module = import_module(f".{FILES[number - 1]}", __name__)
    found: Exercise = module.EXERCISE
    return found
