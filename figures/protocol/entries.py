"""What ``claims.toml`` says: claims, their arms, and the bases that they change."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from minialexnet.files.records import Record
from minialexnet.model.registry import build
from minialexnet.runs.config import Config

from .claim import Claim, Goal, Variant

TOML = Path(__file__).resolve().parents[1] / "claims.toml"
TRAINED = ("test_error", "train_error", "shifted_error", "epochs_to", "steps_to")
FROM_BASE = ("ten_crops", "average_five", "colour_split", "purity")
MEASURES = (*TRAINED, *FROM_BASE, "average_seven")
SIDE = 32  # pixels, of the pictures of a quick look
NOTES = ("others", "shows_not")  # no part of what was agreed before the runs
OF_ARM = {"name", "seeds", "first", "rates"}
TEXTS = ("id", "claim", "section", "sentence", "measure")
MORE = ("paper", "log", "others", "shows_not", "cannot", "earlier", "target", "rates")


def load(path: Path = TOML, quick: str = "", seeds: int | None = None) -> list[Claim]:
    """Return the claims, in the order of their runs.

    Parameters
    ----------
    path : Path
    quick : str
        A data set for a quick look, out of the file's own.
    seeds : int, optional
        At most so many.

    Raises
    ------
    ValueError
        If an entry says what is not known here.
    """
    told = tables(path)
    return [read(entry, told, quick, seeds) for entry in told["claim"]]


def tables(path: Path = TOML) -> Record:
    """Return the file as it stands."""
    with open(path, "rb") as file:
        return tomllib.load(file)


def read(
    entry: Record, told: Mapping[str, Any], quick: str = "", most: int | None = None
) -> Claim:
    """Return a claim from its entry and the tables that it refers to."""
    name = entry.get("id", "?")
    known = {*TEXTS, *MORE, "base", "direction", "seeds", "first_seed", "arms"}
    if odd := (entry.keys() - known) | (set(TEXTS) - entry.keys()):
        raise ValueError(f"claim {name}: missing or unknown: {', '.join(sorted(odd))}")
    if entry["measure"] not in MEASURES:
        raise ValueError(f"claim {name}: no measure {entry['measure']!r}")
    base_name = entry.get("base", next(iter(told["base"])))
    base = base_of(base_name, told)
    if quick:
        base = {k: v for k, v in base.items() if k not in ("classes", "skip_classes")}
        base |= told["quick"][quick]
    count = base.pop("seeds", entry.get("seeds", 0))
    first_seed = 0 if quick else entry.get("first_seed", 0)
    goal = Goal(**base.pop("goal", {}))
    said = {key: value for key, value in entry.items() if key not in NOTES}
    whole = [said, base_name, base, asdict(goal), told["protocol"]]
    arms = tuple(variant(arm, base, name) for arm in entry.get("arms", ()))
    claim = Claim(
        entry,
        Variant(base_name, {}),
        Config(**base),
        goal,
        arms,
        range(first_seed, first_seed + min(count, most or count)),
        told["protocol"]["sweep"],
        hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest(),
    )
    if quick:
        return quickly(claim)
    for one in claim.variants:
        rates, own = claim.rates_of(one), claim.config.learning_rate
        if rates and own not in rates:
            raise ValueError(f"claim {name}: the base's rate is not among those swept")
    return claim


def quickly(claim: Claim) -> Claim:
    """Return a claim of a quick look: without a sweep, and only what its data allow."""
    entry = claim.entry | {"rates": []}
    if any(v.first or "classes" in v.changes for v in claim.arms):
        entry |= {"cannot": "These pictures have ten classes, and no others."}
    for variant in claim.variants:
        config = replace(claim.config, **variant.changes)
        try:
            build(config.network() | {"seed": None}).table((3, SIDE, SIDE))
        except ValueError as error:
            entry |= {"cannot": f"Not with such pictures: {error}"}
    return replace(claim, entry=entry)


def base_of(name: str, told: Mapping[str, Any]) -> Record:
    """Return the fields of a base, with those of the base that it is like."""
    own = dict(told["base"][name])
    like = own.pop("like", None)
    return (base_of(like, told) if like else {}) | own


def variant(arm: Record, base: Record, name: str) -> Variant:
    """Return an arm, if all that it changes are fields of a config."""
    changes = {key: value for key, value in arm.items() if key not in OF_ARM}
    if odd := changes.keys() - {field.name for field in fields(Config)}:
        raise ValueError(f"claim {name}: no field {', '.join(sorted(odd))} of a config")
    if "change" in changes:
        changes["change"] = base.get("change", {}) | changes["change"]
    first = arm.get("first")
    return Variant(
        arm["name"],
        changes,
        arm.get("seeds"),
        None if first is None else variant(first, base, name),
        tuple(arm.get("rates", ())),
    )
