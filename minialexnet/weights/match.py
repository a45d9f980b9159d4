"""Which AlexNet a file of weights is for, and the network made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isclose
from typing import Any

import numpy as np

from ..alexnet import alexnet
from ..data.preprocessing import Preprocessing
from ..engine.arrays import Array
from ..layers import (
    Convolution2D,
    Dropout,
    Flatten,
    LocalResponseNormalization,
    MaxPooling2D,
)
from ..sequential import Sequential
from .file import MAX_BYTES, WeightsError

__all__ = ["Link", "Weights", "from_chain", "from_names", "square"]

# Whose weights are published, and lie in files that others read.
PROFILES = ("caffe", "caffenet", "torchvision")

# Of ImageNet's training pictures, RGB, pixels 0-255.
CAFFE_MEAN = (123.0, 117.0, 104.0)
TORCHVISION_MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)
TORCHVISION_STD = (0.229 * 255, 0.224 * 255, 0.225 * 255)

# Where torchvision.models.alexnet keeps what we call conv1 to fc8.
TORCHVISION = {
    **{f"conv{i}": f"features.{n}" for i, n in enumerate((0, 3, 6, 8, 10), 1)},
    **{f"fc{i}": f"classifier.{n}" for i, n in enumerate((1, 4, 6), 6)},
}


@dataclass(frozen=True)
class Link:
    """One layer of a chain of them, as a file describes it.

    Attributes
    ----------
    kind : {"conv", "relu", "lrn", "pool", "fc"}
    name : str
        Its name in the file.
    settings : dict
        What, besides the weights, makes it compute what it does; `square` pixels are
        one number.
    W, b : ndarray, optional
    """

    kind: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    W: Array | None = None
    b: Array | None = None


@dataclass(frozen=True)
class Weights:
    """What a file of weights holds.

    Attributes
    ----------
    network : Sequential
        With the weights in it, float32; it returns logits.
    preprocessing : Preprocessing
        What the network was trained behind.
    description : dict
        How the network is built: "model" and the arguments of
        `minialexnet.alexnet.alexnet`.
    """

    network: Sequential
    preprocessing: Preprocessing
    description: dict[str, Any]


def square(values: Iterable[int]) -> Any:
    """Return the one number that height and width share, or else all of them."""
    values = tuple(values)
    return values[0] if len(set(values)) == 1 else values


def from_names(tensors: Mapping[str, Array]) -> Weights:
    """Make a network of a state dict, whose names tell what is what.

    Parameters
    ----------
    tensors : dict of str to ndarray
        Those of ``torchvision.models.alexnet``.

    Raises
    ------
    WeightsError
        If it is another network's.
    """
    names = {
        f"{theirs}.{end}": f"{ours}.{key}"
        for ours, theirs in TORCHVISION.items()
        for end, key in (("weight", "W"), ("bias", "b"))
    }
    if tensors.keys() != names.keys():
        shown = ", ".join(f"{name!r:.50}" for name in list(tensors)[:2])
        odd = min(tensors.keys() ^ names.keys(), key=str)
        raise WeightsError(
            "expected the state dict of torchvision's alexnet, features.0.weight to "
            f"classifier.6.bias, 16 tensors, got {len(tensors)}: {shown}, ...; "
            f"{odd!r:.50} is {'unknown' if odd in tensors else 'missing'}"
        )
    return _make("torchvision", 224, {names[n]: t for n, t in tensors.items()})


def from_chain(
    links: Sequence[Link],
    size: int,
    mean: Sequence[float] | None = None,
    divisor: float = 1,
) -> Weights:
    """Make a network of a chain of layers, whose settings tell which it is.

    Parameters
    ----------
    links : sequence of Link
        From the pictures to the logits; what does nothing in testing is left out.
    size : int
        Pixels of a side of the pictures.
    mean : three float, optional
        Of RGB pixels; the profile's by default.
    divisor : float
        What pixels less their mean are divided by, where the profile is Caffe's.

    Raises
    ------
    WeightsError
        If no profile is such a chain. The message says where the nearest differs.
    """
    nearest = (-1, "")
    for profile in PROFILES:
        expected = _expected(profile, size)
        place, difference = _difference(expected, links)
        if not difference:
            arrays = {}
            for ours, link in zip(expected, links, strict=True):
                if link.W is not None:
                    arrays[f"{ours.name}.W"], arrays[f"{ours.name}.b"] = link.W, link.b
            return _make(profile, size, arrays, mean, divisor)
        nearest = max(nearest, (place, f"{profile}, {difference}"), key=lambda n: n[0])
    raise WeightsError(
        f"expected an AlexNet of profile {', '.join(PROFILES)}; the nearest is "
        f"{nearest[1]}"
    )


@lru_cache(maxsize=16)
def _expected(profile: str, size: int) -> list[Link]:
    """Return a profile's chain; none if no network can be of such pictures."""
    try:
        network = alexnet(profile, 1, 1 / 64, size, seed=None)
        rows = network.table((3, size, size)).rows
    except (ValueError, OverflowError):
        return []
    links = []
    for row, (name, layer) in zip(rows, network.layers.items(), strict=True):
        kind = name.rstrip("12345678")
        settings: dict[str, Any] = {}
        if isinstance(layer, Dropout | Flatten):
            continue
        if isinstance(layer, Convolution2D | MaxPooling2D):
            settings = {
                "kernel_size": square(layer.kernel_size),
                "stride": square(layer.stride),
                "padding": square(layer.padding),
                # Pixels of a side of its output: how sizes are rounded shows in it.
                "outputs": row.output_shape[1],
            }
        if isinstance(layer, Convolution2D):
            settings["groups"] = layer.groups
        if isinstance(layer, LocalResponseNormalization):
            settings = {
                "across": layer.across,
                "n": layer.n,
                "k": layer.k,
                "alpha / n": layer.alpha,
                "beta": layer.beta,
            }
        links.append(Link(kind, name, settings))
    return links


def _difference(expected: Sequence[Link], links: Sequence[Link]) -> tuple[int, str]:
    """Return how many links are as expected, and what is wrong with the next."""
    for place, (ours, link) in enumerate(zip(expected, links, strict=False)):
        here = f"whose {ours.name}, got {link.name!r:.50}"
        if ours.kind != link.kind:
            return place, f"{here}, which is {link.kind}"
        for key, value in ours.settings.items():
            if not _equal(value, link.settings[key]):
                got = f"got {link.settings[key]!s:.50}"
                return place, f"{here}: expected {key} {value}, {got}"
    if len(expected) != len(links):
        wrong = f"of {len(expected)} layers, got {len(links)}"
        return min(len(expected), len(links)), wrong
    return len(links), ""


def _equal(expected: Any, got: Any) -> bool:
    # Files keep 0.0001 as a float32.
    if isinstance(expected, float) and isinstance(got, float):
        return isclose(expected, got, rel_tol=1e-6)
    return bool(expected == got)


def _make(
    profile: str,
    size: int,
    arrays: Mapping[str, Any],
    mean: Sequence[float] | None = None,
    divisor: float = 1,
) -> Weights:
    """Return the network of a profile with the arrays in it, once they fit."""
    hidden, classes = arrays["fc6.b"].size, arrays["fc8.b"].size
    description = {
        "profile": profile,
        "classes": classes,
        "width": hidden / 4096,
        "input_size": size,
        "towers": 2,
        "seed": 0,
    }
    try:
        # Without numbers, so without memory, whatever sizes the file claims.
        network = alexnet(**(description | {"seed": None}))
    except (ValueError, OverflowError) as error:
        raise WeightsError(f"expected an AlexNet, got {description}, {error}") from None
    shapes = {name: w.shape for name, w in network.parameters().items()}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise WeightsError(
                f"expected {name} of shape {shape}, as in profile {profile} with "
                f"{hidden} units in fc6 and {classes} classes, got {arrays[name].shape}"
            )
    parameters = sum(w.size for w in network.parameters().values())
    if 4 * parameters > MAX_BYTES:
        raise WeightsError(
            f"expected at most {MAX_BYTES // 4:,} parameters, got {parameters:,}"
        )
    for name, layer in network.layers.items():
        for key in layer.params:
            layer.params[key] = _float32(f"{name}.{key}", arrays[f"{name}.{key}"])
    if profile == "torchvision":
        preprocessing = Preprocessing(
            size, np.array(TORCHVISION_MEAN, np.float32), TORCHVISION_STD
        )
    else:
        pixel = np.array(CAFFE_MEAN if mean is None else mean, np.float32)
        side = max(size, 256)
        preprocessing = Preprocessing(size, pixel, (divisor,) * 3, "BGR", side)
    return Weights(network, preprocessing, {"model": "alexnet"} | description)


def _float32(name: str, array: Array) -> Array:
    """Return a copy in float32, if it is of finite numbers."""
    if array.dtype.kind != "f":
        raise WeightsError(f"expected {name} of floating point, got {array.dtype}")
    with np.errstate(over="ignore"):
        copy = np.array(array, np.float32, order="C")
    if not np.isfinite(copy).all():
        raise WeightsError(f"expected finite numbers in {name}, got others")
    return copy
