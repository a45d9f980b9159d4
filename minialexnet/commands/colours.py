"""What is done to pictures before a converted network, if its file does not say it."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..model import Model
from ..weights import caffe


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `seen_as` takes."""
    parser.add_argument(
        "--mean",
        metavar="R,G,B",
        help="what is subtracted from the pixels, which are 0-255, or Caffe's mean "
        "image, imagenet_mean.binaryproto (default: as IN says, or ImageNet's)",
    )
    parser.add_argument(
        "--std",
        metavar="R,G,B",
        help="what they are divided by after that (default: likewise)",
    )
    parser.add_argument(
        "--order", choices=("RGB", "BGR"), help="of the colours (default: likewise)"
    )


def seen_as(model: Model, asked: dict[str, Any]) -> Model:
    """Return the model with what was asked for done to the pictures before it.

    Raises
    ------
    ValueError
        If an option is not what it should be.
    OSError
        If the mean image cannot be read.
    """
    changes: dict[str, Any] = {}
    if asked["order"] is not None:
        changes["order"] = asked["order"]
    if asked["std"] is not None:
        changes["divisor"] = _colours("--std", asked["std"])
    mean = asked["mean"]
    if mean is not None and "," in mean and not Path(mean).exists():
        changes["mean"] = np.array(_colours("--mean", mean), np.float32)
    elif mean is not None:
        if (asked["order"] or model.preprocessing.order) != "BGR":
            raise ValueError(
                "expected no --mean image, since the network is not Caffe's"
            )
        changes["mean"] = caffe.read_mean(mean)
    try:
        return replace(model, preprocessing=replace(model.preprocessing, **changes))
    except ValueError as error:
        raise ValueError(f"{mean}: {error}" if mean else str(error)) from error


def _colours(option: str, text: str) -> tuple[float, ...]:
    """Read three numbers, of red, green and blue."""
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        numbers = ()
    least = 1e-6 if option == "--std" else 0
    if len(numbers) != 3 or not all(least <= n < 1e6 for n in numbers):
        raise ValueError(
            f"expected {option} to be three numbers R,G,B from {least} to 1e6, got "
            f"{text!r}"
        )
    if 0 < max(numbers) < 1:
        scaled = ",".join(f"{255 * n:g}" for n in numbers)
        raise ValueError(
            f"expected {option} for pixels 0-255, got {text} as for pixels 0-1; it is "
            f"{scaled} then"
        )
    return numbers
