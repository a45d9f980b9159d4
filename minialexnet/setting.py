"""A setting of a run: a field of the config, and all that is said of it."""

from __future__ import annotations

from dataclasses import Field, field, fields
from typing import Any

__all__ = ["ALEXNET", "ALL", "FILES", "OURS", "groups", "say"]

# Kinds of model: those written here, and the 2012 code's files.
ALL = ("cifar", "alexnet", "cuda_convnet")
OURS, ALEXNET, FILES = ALL[:2], ALL[1:2], ALL[2:]


def say(default: Any, text: str, **how: Any) -> Any:
    """Return a field with its text in the help, and how its option is read.

    `group` begins a group of options; `of` are the only kinds of model that have the
    field; a `free` one may change on --resume; `choices` and `least` are what the
    option takes, `metavar` how the help shows it, `option` its name where it is not the
    field's.
    """
    how = {"text": text, "of": ALL, "free": False} | how
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=how)
    return field(default=default, metadata=how)


def groups(config: Any) -> dict[str, list[Field[Any]]]:
    """Return the fields of a config, or of its class, by the group of their options."""
    found: dict[str, list[Field[Any]]] = {}
    for one in fields(config):
        if "group" in one.metadata:
            group = found.setdefault(one.metadata["group"], [])
        group.append(one)
    return found
