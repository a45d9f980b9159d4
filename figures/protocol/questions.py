"""A question of one's own, asked on the command line: an arm that is no entry yet."""

from __future__ import annotations

import json
from dataclasses import fields

from minialexnet.files.records import Record
from minialexnet.profiles import Profile
from minialexnet.runs.config import Config

SEEDS = 3


def arm(text: str) -> Record:
    """Return an arm that changes a field of the config, or of the profile.

    Raises
    ------
    ValueError
        If there is no such field.

    Examples
    --------
    >>> arm("pooling=4"), arm("dropout=0.3")["change"]
    ({'name': 'pooling=4', 'pooling': 4}, {'dropout': 0.3})
    """
    name, equals, value = text.partition("=")
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    changes = {}
    if name in {field.name for field in fields(Config)}:
        changes = {name: read}
    elif name in {field.name for field in fields(Profile)}:
        changes = {"change": {name: read}}
    if not equals or not changes:
        raise ValueError(
            "expected --arm FIELD=VALUE, a field of a run's config or of a profile, "
            f"got {text!r}"
        )
    return {"name": text.replace("/", "-")} | changes


def question(text: str, data: str) -> Record:
    """Return the entry of a question.

    It is asked of the four-layer network, but what only AlexNet has, and of Tiny
    ImageNet, of AlexNet.
    """
    change = arm(text)
    large = data == "tiny-imagenet" or "change" in change
    return {
        "id": change["name"],
        "claim": text,
        "section": "",
        "sentence": "",
        "base": "tiny" if large else "four-layer",
        "measure": "test_error",
        "seeds": SEEDS,
        "arms": [change],
    }
