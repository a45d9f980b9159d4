"""``minialexnet convert``: weights from other programs' files, and between our own."""

import argparse
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import model as models
from .. import weights
from ..data.lists import read_classes
from ..engine.arrays import Array
from ..files import checkpoint
from ..files.printable import printable
from ..model import Model
from ..profiles import PROFILES
from ..weights import safetensors
from . import fail, positive
from .colours import add_options, seen_as

OUT = (".npz", ".safetensors")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Read the weights of an AlexNet, find out which it is, and write "
        "them with all that evaluate and predict need. What a file does not say is "
        "assumed and printed; the options set it."
    )
    parser.add_argument(
        "source",
        type=Path,
        metavar="IN",
        help=".caffemodel, .pth, .pt, .pth.tar, .bin, .ckpt, .onnx or .safetensors, or "
        "a file or the folder of a run of our own",
    )
    parser.add_argument(
        "target", type=Path, metavar="OUT", help=f"file ending in {' or '.join(OUT)}"
    )
    parser.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="the classes' names in the network's order, a line each, with or without "
        "a WordNet id before the name, as prepare takes them (default: those in IN, "
        "or else 0, 1, 2, ...)",
    )
    parser.add_argument(
        "--profile",
        choices=tuple(PROFILES),
        help="which AlexNet it is, see minialexnet describe (default: as IN says)",
    )
    parser.add_argument(
        "--size",
        type=positive,
        metavar="PIXELS",
        help="side of the pictures that it takes (default: as IN or the profile says)",
    )
    parser.add_argument(
        "--dtype",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in OUT; float16 halves the file, which is read as float32 "
        "all the same (default float32)",
    )
    add_options(parser)


def run(source: Path, target: Path, dtype: str, **asked: Any) -> int:
    """Convert a file; return the exit code."""
    try:
        _check_target(source, target)
        model, notes = _read(source, asked)
        form = checkpoint if target.suffix == ".npz" else safetensors
        form.save(target, *models.pack(model, _weights(model, dtype)))
    except (OSError, ValueError) as error:
        return fail(error, 2, "convert")
    except KeyboardInterrupt:
        return fail("stopped, nothing was written", 130, "convert")
    print(*_about(model), *notes, sep="\n")
    print(f"Written: {target} ({target.stat().st_size:,} bytes)")
    return 0


def _check_target(source: Path, target: Path) -> None:
    """See that OUT is a file to be written, and not what a run goes on from."""
    if target.suffix not in OUT:
        raise ValueError(f"expected OUT to end in {' or '.join(OUT)}, got {target}")
    if target.exists() and source.exists() and target.samefile(source):
        raise ValueError(f"expected another OUT than IN, got {target} for both")
    if target.suffix == ".npz" and target.exists():
        with suppress(checkpoint.CheckpointError):
            if "history" in checkpoint.load_state(target):
                raise ValueError(
                    f"expected another OUT than {target}, from which a run goes on: "
                    "what is written here has no more than its weights"
                )


def _read(source: Path, asked: dict[str, Any]) -> tuple[Model, list[str]]:
    """Return the model in a file, as it was asked for, and what else is to be said."""
    notes = []
    ending = weights.ending(source)
    own = source.is_dir() or ending == ".npz"
    if own or (ending == ".safetensors" and safetensors.is_own(source)):
        for name in ("profile", "size"):
            if asked[name] is not None:
                raise ValueError(f"expected no --{name}, since {source} says it")
        model = models.load(source)
    else:
        found = weights.read(source, asked["profile"], asked["size"])
        names = tuple(map(str, range(found.description["classes"])))
        model = models.Model(
            found.network, found.preprocessing, names, found.description
        )
        if found.taken:
            pairs = (f"{theirs} for {ours}" for ours, theirs in found.taken.items())
            notes.append(f"Taken, by order and shape: {', '.join(pairs)}")
        assumed = [how for name, how in found.assumed.items() if not asked.get(name)]
        if assumed:
            notes.append(
                f"Assumed, since the file does not say it: {'; '.join(assumed)}"
            )
    if asked["classes"] is not None:
        file = asked["classes"]
        listed = read_classes(file)
        names = tuple(words for _, words in listed)
        if len(names) != len(model.class_names):
            raise ValueError(
                f"{file}: expected {len(model.class_names)} lines, got {len(names)}"
            )
        folders = tuple(folder for folder, _ in listed)
        model = replace(model, class_names=names, class_folders=folders)
    return seen_as(model, asked), [printable(note, 1000) for note in notes]


def _weights(model: Model, dtype: str) -> dict[str, Array]:
    """Return the parameters as numbers of that type, none too large for it."""
    parameters = model.network.parameters()
    most = float(np.finfo(dtype).max)
    for name, w in parameters.items():
        largest = float(np.abs(w).max())
        if largest > most:
            raise ValueError(
                f"expected numbers up to {most:g} in {name}, as {dtype} holds them, "
                f"got {largest:g}"
            )
    return {name: w.astype(dtype) for name, w in parameters.items()}


def _about(model: Model) -> list[str]:
    """Return what was found, in two lines."""
    parameters = model.network.parameters()
    numbers = sum(int(w.size) for w in parameters.values())
    layers = len({name.rpartition(".")[0] for name in parameters})
    profile = model.description.get("profile")
    pictures = model.preprocessing
    mean = pictures.mean
    how = "mean image" if mean.ndim == 3 else f"mean {' '.join(f'{m:g}' for m in mean)}"
    return [
        f"Found: {model.description['model']}"
        f"{f', profile {profile}' if profile else ''}, {layers} layers with weights, "
        f"{numbers:,} parameters, {len(model.class_names):,} classes",
        f"Takes: {pictures.size} x {pictures.size} pixels in {pictures.order} order, "
        f"less the {how} (of RGB, 0-255), divided by "
        f"{' '.join(f'{d:g}' for d in pictures.divisor)}",
    ]
