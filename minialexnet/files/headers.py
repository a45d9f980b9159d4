"""One check for every JSON object that is read: checkpoints, safetensors, data sets.

What such an object has to hold is written as a value, a `Check`, and compared in one
place, so that a damaged file ends in a line that says what was expected where:

>>> shard = record({"pictures": whole(0), "sha256": text(64)})
>>> what = record({"side": whole(1, 4096), "train": row(shard)}, {"held_out": whole()})
>>> what({"side": 64, "train": [{"pictures": 3, "sha256": "ab"}]}, "")
>>> what({"side": 64, "train": [{"pictures": -1, "sha256": "ab"}]}, "")
Traceback (most recent call last):
minialexnet.files.headers.HeaderError: expected train[0].pictures to be a whole number \
from 0 to 9,007,199,254,740,992, got -1
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

__all__ = [
    "Check",
    "HeaderError",
    "anything",
    "choice",
    "mapping",
    "optional",
    "read_object",
    "real",
    "record",
    "row",
    "text",
    "truth",
    "whole",
]

# Given a value and the name of its place, it returns if the value is right.
Check = Callable[[Any, str], None]

LARGEST = 2**53  # up to which a float holds every whole number


class HeaderError(ValueError):
    """A JSON object that is damaged, or holds something else than it has to."""


def read_object(
    source: bytes | str, check: Check | None = None, most: int = 2**24
) -> dict[str, Any]:
    """Return the JSON object in a text, once it is known to be right.

    Parameters
    ----------
    source : bytes or str
    check : Check, optional
        Of the whole object.
    most : int
        How long the text may be.

    Raises
    ------
    HeaderError
        If it is too long, no JSON, no object, names something twice, or is not as
        `check` has it.
    """
    if len(source) > most:
        raise HeaderError(f"expected JSON of at most {most:,} bytes, got more")
    try:
        found = json.loads(source, object_pairs_hook=_once)
    # Brackets within brackets by the thousand end in a RecursionError.
    except (ValueError, RecursionError) as error:
        raise HeaderError(f"expected JSON, got {error!s:.80}") from error
    if not isinstance(found, dict):
        raise HeaderError(f"expected a JSON object, got {type(found).__name__}")
    if check is not None:
        check(found, "")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _refuse(value: Any, place: str, expected: str) -> None:
    # The text of a long list, or of a list within lists, is not made to be thrown away.
    plain = value is None or isinstance(value, str | bool | int | float)
    got = f"{value!r:.50}" if plain else type(value).__name__
    raise HeaderError(f"expected {place or 'it'} to be {expected}, got {got}")


# What a value can be


def anything(value: Any, place: str) -> None:
    """Accept any value."""


def whole(least: int = 0, most: int = LARGEST) -> Check:
    """Accept a whole number, both bounds included."""

    def check(value: Any, place: str) -> None:
        if type(value) is not int or not least <= value <= most:
            _refuse(value, place, f"a whole number from {least:,} to {most:,}")

    return check


def real(least: float = -inf, most: float = inf, finite: bool = True) -> Check:
    """Accept a number, whole or not, both bounds included; infinite only if asked."""

    def check(value: Any, place: str) -> None:
        right = type(value) in (int, float) and least <= value <= most
        if not right or (finite and not -inf < value < inf):
            _refuse(value, place, f"a number from {least:g} to {most:g}")

    return check


def truth(value: Any, place: str) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        _refuse(value, place, "true or false")


def text(longest: int = 1000) -> Check:
    """Accept a text."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or len(value) > longest:
            _refuse(value, place, f"a text of at most {longest:,} characters")

    return check


def choice(*values: Any) -> Check:
    """Accept one of some values, of their types."""

    def check(value: Any, place: str) -> None:
        if not any(type(value) is type(one) and value == one for one in values):
            _refuse(value, place, " or ".join(map(repr, values)))

    return check


def optional(inner: Check) -> Check:
    """Accept null too."""

    def check(value: Any, place: str) -> None:
        if value is not None:
            inner(value, place)

    return check


def row(of: Check, least: int = 0, most: int = 10**7) -> Check:
    """Accept a list of values that are alike."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            _refuse(value, place, f"a list of {least:,} to {most:,}")
        for number, item in enumerate(value):
            of(item, f"{place}[{number}]")

    return check


def mapping(of: Check) -> Check:
    """Accept an object of any names, whose values are alike."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            _refuse(value, place, "an object")
        for name, item in value.items():
            of(item, _inside(place, name))

    return check


def record(needed: Mapping[str, Check], free: Mapping[str, Check] = {}) -> Check:
    """Accept an object that has the needed names; it may have others too."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            _refuse(value, place, "an object")
        for name, of in (*needed.items(), *free.items()):
            if name in value:
                of(value[name], _inside(place, name))
            elif name in needed:
                raise HeaderError(f"expected {_inside(place, name)}, got nothing there")

    return check


def _inside(place: str, name: str) -> str:
    return f"{place}.{name:.50}" if place else f"{name:.50}"
