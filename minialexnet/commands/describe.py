"""``minialexnet describe``: a network's table, how it learns, and Figure 2 of it."""

import argparse
from pathlib import Path
from typing import Any

from ..alexnet import alexnet
from ..cuda_convnet import Network, load, params_beside
from ..cuda_convnet.towers import join_towers
from ..pictures.architecture import draw_architecture
from ..profiles import PROFILES
from ..sequential import Sequential
from ..table import compare_profiles
from . import fail, finite, positive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Print the shapes, parameters, multiply-adds and memory of an "
        "AlexNet and how the profiles differ, and draw its two rows as Figure 2. "
        "With --layers, do this for a network in the 2012 code's own files, with the "
        "learning rates and GPUs that they give its layers."
    )
    # No defaults here: with --layers none of the first four may be given.
    parser.add_argument("--profile", choices=PROFILES, help="(default: paper)")
    parser.add_argument("--classes", type=positive, help="(default: 1000)")
    parser.add_argument(
        "--width",
        type=finite,
        help="multiplies the kernels of every layer (default: 1)",
    )
    parser.add_argument(
        "--towers",
        type=int,
        choices=(1, 2),
        help="two (default), or one of half the kernels",
    )
    parser.add_argument(
        "--input-size",
        type=positive,
        help="pixels of a side (default: the profile's own; 224 for --layers)",
    )
    parser.add_argument(
        "--layers", type=Path, metavar="FILE", help="a layers file of the 2012 code"
    )
    parser.add_argument(
        "--params",
        type=Path,
        metavar="FILE",
        help="its params file (default: beside it, x-params.cfg for x-layers.cfg)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/figure_2"),
        help="the picture, without its ending (default: runs/figure_2)",
    )


def run(
    out: Path,
    layers: Path | None,
    params: Path | None,
    input_size: int | None,
    **options: Any,
) -> int:
    """Print a network's table, and draw it; return the exit code."""
    asked = {name: value for name, value in options.items() if value is not None}
    try:
        if layers is None and params is None:
            _describe_profile(out, input_size, **asked)
        elif layers is None:
            raise ValueError("expected --layers beside --params, got none")
        elif asked:
            raise ValueError(
                "expected no --profile, --classes, --width or --towers beside "
                "--layers, which says all of that"
            )
        else:
            params = params or params_beside(layers)
            _describe_files(layers, params, input_size or 224, out)
    except (OSError, ValueError) as error:
        return fail(error, 2, "describe")
    return 0


def _describe_profile(
    out: Path,
    size: int | None,
    profile: str = "paper",
    classes: int = 1000,
    width: float = 1.0,
    towers: int = 2,
) -> None:
    """Print and draw an AlexNet, and print how the profiles differ."""
    size = size or PROFILES[profile].input_size
    network = alexnet(profile, classes, width, size, towers, seed=None)
    print(network.table((3, size, size)), compare_profiles(), sep="\n\n")
    title = f"AlexNet, profile {profile}, {size} x {size} pixels, {classes} classes"
    title += f", width {width:g}" if width != 1 else ""
    _draw(network, size, out, title)


def _describe_files(layers: Path, params: Path, size: int, out: Path) -> None:
    """Print a network of two files, how it learns and where; draw its two rows."""
    network = load(layers, params, (3, size, size), seed=None)
    print(network.table((3, size, size)), learning_table(network), sep="\n\n")
    try:
        joined = join_towers(network)
    except ValueError as why:
        print(f"\nNot drawn as Figure 2, which has two equal rows: {why}")
        return
    note = ""
    if 2 * len(joined.layers) > len(network.layers):
        last = next(reversed(network.layers))
        note = f"{last} lies on GPU 0 alone; it is drawn in both rows, as in Figure 2."
    _draw(joined, size, out, f"{layers.name}, {size} x {size} pixels", note)


def learning_table(network: Network) -> str:
    """Return where each layer with weights lies, and how each parameter learns."""
    width = max(map(len, network.learning))
    head = f"{'GPU':>3} {'rate':>8} {'momentum':>8} {'decay':>8}"
    lines = [f"{'parameter':{width}} {head}"]
    for name, own in network.learning.items():
        gpu = network.gpus[name.partition(".")[0]]
        numbers = f"{own.rate:8g} {own.momentum:8g} {own.decay:8g}"
        lines.append(f"{name:{width}} {gpu:3} {numbers}")
    return "\n".join(lines)


def _draw(
    network: Sequential, size: int, out: Path, title: str, note: str = ""
) -> None:
    """Draw a network as Figure 2."""
    out.parent.mkdir(parents=True, exist_ok=True)
    files = draw_architecture(network, (3, size, size), out, title, note)
    print(f"\nDrawn: {' and '.join(map(str, files))}")
