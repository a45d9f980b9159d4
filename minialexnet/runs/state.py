"""What a checkpoint holds of a run besides its arrays, and how that is checked.

Nothing of it is believed before it is compared with `RUN`: a damaged file ends in a
line that says what was expected where, never in the middle of a training.
"""

from dataclasses import fields
from math import isfinite
from typing import Any

from ..files.headers import (
    Check,
    HeaderError,
    anything,
    choice,
    mapping,
    optional,
    real,
    record,
    row,
    text,
    truth,
    whole,
)
from ..model.packing import MODEL
from .config import Config
from .defaults import AUGMENTATIONS

DEEPEST = 20  # levels of lists and objects within each other


def _config() -> Check:
    """Return the check of a config's fields, and of those that version 1 had."""
    kinds: dict[str, Check] = {
        "str": text(),
        "int": whole(),
        "float": real(),
        "bool": truth,
        "Mapping[str, float]": mapping(real()),
        "Mapping[str, Any]": mapping(anything),
    }
    checks: dict[str, Check] = {
        "from": optional(text()),
        "augment": choice(*AUGMENTATIONS),
    }
    for one in fields(Config):
        kind, _, none = str(one.type).partition(" | ")
        check = kinds[kind]
        if "least" in one.metadata:
            check = whole(one.metadata["least"])
        if "choices" in one.metadata:
            check = choice(*one.metadata["choices"])
        checks[one.name] = optional(check) if none else check
    return record({}, checks)


BEGUN = record(
    {"batches": whole(), "loss": real(), "seconds": real(0), "cpu_seconds": real(0)}
)
SCHEDULE = record(
    {},
    {
        "learning_rate": real(0),
        "factor": real(1),
        "epochs": row(whole()),
        "epoch": whole(),
        "patience": whole(1),
        "drops": whole(),
        "best": real(finite=False),
        "waited": whole(),
        "dropped": whole(),
        "first": real(0),
        "warm_up": whole(1),
    },
)
EPOCH = record({"epoch": whole(1), "learning_rate": real(0), "running_loss": real()})
PARTS = record(
    {
        "config": _config(),
        "history": row(EPOCH),
        "layers": mapping(whole()),
        "schedule": optional(SCHEDULE),
    },
    {"begun": BEGUN, "pictures": text(), "runs": row(record({}))},
)


def RUN(value: Any, place: str) -> None:  # noqa: N802, a check like those above
    """Check the state of a run's checkpoint, which is one of its model too.

    Raises
    ------
    HeaderError
        If it is not as training left it.
    """
    MODEL(value, place)
    PARTS(value, place)
    for name in ("config", "history", "runs"):
        _finite(value.get(name), name)
    for number, epoch in enumerate(value["history"], 1):
        if epoch["epoch"] != number:
            raise HeaderError(
                f"expected epoch {number} in the history's place {number}, got "
                f"{epoch['epoch']}"
            )
        mapping(real())(epoch, f"history[{number - 1}]")


def _finite(value: Any, place: str) -> None:
    """Accept whatever JSON holds, but numbers that are infinite or none.

    What is read is written again, into a file that must not hold such numbers.
    """
    left = [(value, place, 0)]
    while left:
        one, where, depth = left.pop()
        if isinstance(one, float) and not isfinite(one):
            raise HeaderError(f"expected {where:.50} to be finite, got {one}")
        if depth > DEEPEST:
            raise HeaderError(f"expected {place} less deep, got {depth} levels")
        if isinstance(one, dict | list):
            items = one.items() if isinstance(one, dict) else enumerate(one)
            left += [(item, f"{where}.{key!s:.50}", depth + 1) for key, item in items]
