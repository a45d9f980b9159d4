"""Which AlexNet a chain of layers is, told by their settings."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isclose
from typing import Any

from ..layers import (
    Convolution2D,
    Dropout,
    Flatten,
    LocalResponseNormalization,
    MaxPooling2D,
)
from ..profiles import PROFILES
from .chain import Link, square
from .file import WeightsError
from .network import Asked, Weights, assemble, empty

# Whose weights are published, and lie in files that others read.
PUBLISHED = ("caffe", "caffenet", "torchvision")


def from_chain(
    links: Sequence[Link],
    size: int,
    mean: Sequence[float] | None = None,
    divisor: float = 1,
    *,
    asked: Asked,
    assumed: Mapping[str, str] = {},
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
    asked : Asked
        The profile, if it has to be that one.
    assumed : dict of str to str
        See `Weights`.

    Raises
    ------
    WeightsError
        If no profile is such a chain. The message says where the nearest differs.
    """
    nearest = (-1, "")
    profiles = (asked.profile,) if asked.profile else PUBLISHED
    for profile in profiles:
        rounding = _rounding(links, profile)
        expected = _expected(profile, size, rounding)
        place, difference = _difference(expected, links)
        if not difference:
            arrays = {}
            for ours, link in zip(expected, links, strict=True):
                if link.W is not None:
                    arrays[f"{ours.name}.W"], arrays[f"{ours.name}.b"] = link.W, link.b
            described = {"profile": profile, "input_size": size}
            if rounding:
                described["change"] = {"pool_ceil_mode": list(rounding)}
            return assemble(described, arrays, mean, divisor, assumed=assumed)
        nearest = max(nearest, (place, f"{profile}, {difference}"), key=lambda n: n[0])
    raise WeightsError(
        f"expected an AlexNet of profile {', '.join(profiles)}; the nearest is "
        f"{nearest[1]}"
    )


def _rounding(links: Sequence[Link], profile: str) -> tuple[bool, ...]:
    """Return whether the pooling after conv1 to conv5 rounds up; () if as usual."""
    usual = (bool(PROFILES[profile].pool_ceil_mode),) * 5
    found, conv = list(usual), 0
    for link in links:
        conv += link.kind == "conv"
        up = link.settings.get("rounds_up")
        if link.kind == "pool" and up is not None and 1 <= conv <= 5:
            found[conv - 1] = up
    return () if tuple(found) == usual else tuple(found)


@lru_cache(maxsize=16)
def _expected(profile: str, size: int, rounding: tuple[bool, ...]) -> list[Link]:
    """Return a profile's chain; none if no network can be of such pictures."""
    changes = {"pool_ceil_mode": list(rounding)} if rounding else {}
    small = {"classes": 1, "width": 1 / 64, "input_size": size, "change": changes}
    try:
        network = empty({"profile": profile} | small)
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
            settings = {"across": layer.across, "n": layer.n, "k": layer.k}
            settings |= {"alpha / n": layer.alpha, "beta": layer.beta}
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
