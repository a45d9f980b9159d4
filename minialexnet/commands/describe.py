"""``minialexnet describe``: a network's table, the profiles compared, Figure 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..alexnet import alexnet
from ..profiles import PROFILES
from ..table import compare_profiles
from . import fail, positive

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "describe",
        description="Print the shapes, parameters, multiply-adds and memory of an "
        "AlexNet and how the profiles differ, and draw its two rows as Figure 2.",
        allow_abbrev=False,
    )
    parser.add_argument("--profile", choices=PROFILES, default="paper")
    parser.add_argument("--classes", type=positive, default=1000)
    parser.add_argument("--width", type=float, default=1.0, help="of every layer")
    parser.add_argument("--input-size", type=positive, help="pixels of a side")
    parser.add_argument("--towers", type=int, choices=(1, 2), default=2)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/figure_2"),
        help="the picture, without its ending (default: runs/figure_2)",
    )
    parser.set_defaults(run=run)


def run(
    profile: str,
    classes: int,
    width: float,
    input_size: int | None,
    towers: int,
    out: Path,
) -> int:
    """Print a network's table and the profiles, and draw it; return the exit code."""
    from ..pictures.architecture import draw_architecture

    size = input_size or PROFILES[profile].input_size
    try:
        network = alexnet(profile, classes, width, size, towers, seed=None)
        print(network.table((3, size, size)), compare_profiles(), sep="\n\n")
        out.parent.mkdir(parents=True, exist_ok=True)
        title = f"AlexNet, profile {profile}, {size} x {size} pixels, {classes} classes"
        title += f", width {width:g}" if width != 1 else ""
        files = draw_architecture(network, (3, size, size), out, title)
    except (OSError, ValueError, MemoryError) as error:
        return fail(error, 2, "describe")
    print(f"\nDrawn: {' and '.join(map(str, files))}")
    return 0
