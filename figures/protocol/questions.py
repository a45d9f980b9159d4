"""A question of one's own, asked on the command line: an arm that is no entry yet."""

from __future__ import annotations

import argparse
from dataclasses import fields

from minialexnet.commands.options import add_options, asked_for, option_of
from minialexnet.files.records import Record
from minialexnet.profiles import Profile
from minialexnet.runs.config import Config

SEEDS = 3
FIELDS = {field.name: field for field in fields(Config)}
# What is the same in all runs of a question, or is no change of what is trained.
FIXED = {"data", "tested_on", "seed", "pretrained", "device", "threads", "parts"}


def arm(text: str) -> Record:
    """Return an arm that changes a field of the config, or of the profile.

    Values are read as ``minialexnet train`` reads its options.

    Raises
    ------
    ValueError
        If there is no such field, or it does not take this value.

    Examples
    --------
    >>> arm("pooling=4"), arm("dropout=0.3")["change"]
    ({'name': 'pooling=4', 'pooling': 4}, {'dropout': 0.3})
    """
    name, equals, value = text.partition("=")
    known = FIELDS.keys() | {field.name for field in fields(Profile)}
    if not equals or name not in known - FIXED:
        raise ValueError(
            "expected --arm FIELD=VALUE, a field of a run's config or of a profile, "
            f"and not {', '.join(sorted(FIXED))}; got {text!r}"
        )
    option = f"--change={text}"
    if name in FIELDS:
        option = f"{option_of(name)}={value}"
        if isinstance(FIELDS[name].default, bool):
            if value not in ("true", "false"):
                raise ValueError(f"expected --arm {name}=true or false, got {text!r}")
            option = f"--{'no-' * (value == 'false')}{name}"
    parser = argparse.ArgumentParser(
        argument_default=argparse.SUPPRESS, exit_on_error=False
    )
    add_options(parser)
    try:
        options = vars(parser.parse_args(["--out=.", option]))
    except argparse.ArgumentError as error:
        raise ValueError(f"--arm {text}: {error.message}") from error
    del options["out"]
    return {"name": text.replace("/", "-")} | asked_for(options)


def question(text: str, data: str) -> Record:
    """Return the entry of a question.

    It is asked of the four-layer network, but what only AlexNet has, and of Tiny
    ImageNet, of AlexNet.

    Raises
    ------
    ValueError
        See `arm`; or if what only AlexNet has is asked of CIFAR-10.
    """
    change = arm(text)
    ours = all(
        "cifar" in FIELDS[name].metadata["of"] for name in change.keys() & FIELDS
    )
    if not ours and data == "cifar10":
        raise ValueError(
            f"--arm {text}: only AlexNet has it; expected --data shapes or "
            "tiny-imagenet"
        )
    return {
        "id": change["name"],
        "claim": text,
        "section": "",
        "sentence": "",
        "base": "four-layer" if ours and data != "tiny-imagenet" else "tiny",
        "measure": "test_error",
        "direction": 0,  # it claims nothing
        "seeds": SEEDS,
        "arms": [change],
    }
