"""The options of ``minialexnet train``, made from the fields of a config."""

import argparse
import json
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from ..files.headers import LARGEST
from ..runs.config import ALEXNET, FILES, Config, groups
from ..runs.defaults import AUGMENTATIONS, CIFAR
from . import finite

TITLES = {
    "data": "data",
    "network": "network",
    "training": "training",
    "augmentation": "augmentation of the training pictures",
    "machine": "machine, which changes a result by rounding only",
}
KINDS: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": finite}


def option_of(name: str) -> str:
    """Return the option of a field: --input-size."""
    (found,) = (one for one in fields(Config) if one.name == name)
    return str(found.metadata.get("option", "--" + name.replace("_", "-")))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the run's folder and, in groups, of every field of a config.

    What is not given must be left out (``argument_default=argparse.SUPPRESS``), so
    that --resume sees what was asked for.
    """
    run = parser.add_argument_group("run")
    for option, text, how in (
        ("--out", "folder of the run, made if need be", {"type": Path}),
        ("--resume", "go on with the run in OUT as it was", {"action": "store_true"}),
        ("--data-dir", "where data lies (default: $MINIALEXNET_DATA)", {"type": Path}),
        ("--workers", "threads that prepare batches (default: 1)", {"type": int}),
        (
            "--report",
            "under mpiexec, say after each epoch what the sum of the gradients took",
            {"action": "store_true"},
        ),
        (
            "--rank-timeout",
            "under mpiexec, seconds after which a rank that does not move ends the job "
            "(default: 300)",
            {"type": finite, "metavar": "SECONDS"},
        ),
    ):
        run.add_argument(option, help=text, required=option == "--out", **how)
    for name, own in groups(Config).items():
        group = parser.add_argument_group(TITLES[name])
        if name == "augmentation":
            group.add_argument(
                "--augment",
                help="crops: random crops and mirrors; paper: colour noise too; 2012: "
                "as in the code of 2012 (default: paper; none for cifar)",
                choices=AUGMENTATIONS,
            )
        for one in own:
            group.add_argument(
                option_of(one.name), dest=one.name, help=_help(one), **_how(one)
            )


def _help(one: Field[Any]) -> str:
    """Return what the help says of a field, with its default."""
    text: str = one.metadata["text"]
    if one.metadata["of"] in (ALEXNET, FILES):
        text = f"{'alexnet' if 'alexnet' in one.metadata['of'] else 'FILE.cfg'}: {text}"
    if isinstance(one.default, bool) or not one.default:
        return text
    if isinstance(one.default, str | int | float):
        small = f"; {CIFAR[one.name]} for cifar" if one.name in CIFAR else ""
        text += f" (default: {one.default}{small})"
    return text


def _how(one: Field[Any]) -> dict[str, Any]:
    """Return how argparse is to read a field's option."""
    kind = str(one.type).partition(" ")[0]
    if kind == "bool":
        return {"action": argparse.BooleanOptionalAction}
    if kind.startswith("Mapping"):
        metavar = one.metadata["metavar"]
        read = _pair(metavar, finite if one.name == "rate" else _value)
        return {"action": "append", "type": read, "metavar": metavar}
    how: dict[str, Any] = {"type": KINDS[kind]}
    if "least" in one.metadata:
        how["type"] = _at_least(one.metadata["least"])
    for name in ("choices", "metavar"):
        if name in one.metadata:
            how[name] = one.metadata[name]
    return how


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not least <= int(text) <= LARGEST:  # which a checkpoint gives back
            raise argparse.ArgumentTypeError(
                f"expected a whole number from {least} to {LARGEST:,}, got {text}"
            )
        return int(text)

    number.__name__ = "int"  # in argparse's own words for what is no number
    return number


def _pair(metavar: str, read: Callable[[str], Any]) -> Callable[[str], tuple[str, Any]]:
    def pair(text: str) -> tuple[str, Any]:
        name, equals, value = text.partition("=")
        if not equals:
            raise argparse.ArgumentTypeError(f"expected {metavar}, got {text!r}")
        return name, read(value)

    return pair


def _value(text: str) -> Any:
    """Read a value as JSON, or as the text that it is."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def asked_for(options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a config that options ask for."""
    asked = dict(options)
    if "augment" in asked:
        asked = AUGMENTATIONS[asked.pop("augment")] | asked
    for one in fields(Config):
        if one.name in asked and str(one.type).startswith("Mapping"):
            asked[one.name] = dict(asked[one.name])
    return asked
