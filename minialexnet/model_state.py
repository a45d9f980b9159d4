"""What a file holds of a model besides its arrays, and how that is checked."""

from __future__ import annotations

from .files.headers import choice, optional, real, record, row, text, whole

__all__ = ["MODEL"]

SIDES = whole(1, 100_000)

# Beside these each kind of network has arguments of its own, which its function checks.
DESCRIPTION = record(
    {"model": text(100)},
    {
        "classes": whole(1, 1_000_000),
        "width": real(0, 1000),
        "input_size": optional(SIDES),
        "seed": optional(whole(0, 2**63)),
    },
)

MODEL = record(
    {
        "model": DESCRIPTION,
        "preprocessing": record(
            {
                "size": SIDES,
                "divisor": row(real(0), 3, 3),
                "order": choice("RGB", "BGR"),
                "side": SIDES,
            }
        ),
        "class_names": row(text(1000), 1, 1_000_000),
    },
    {"class_folders": row(text(1000), 0, 1_000_000)},
)
