"""``minialexnet convert``: weights from other programs' files, and between our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import fail

if TYPE_CHECKING:
    from ..model import Model

__all__ = ["add"]

OUT = (".npz", ".safetensors")


def add(commands: Any) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "convert",
        description="Read the weights of an AlexNet, find out which it is, and write "
        "them with all that evaluate and predict need.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "source",
        type=Path,
        metavar="IN",
        help=".caffemodel, .pth, .pt, .onnx or .safetensors, or a file or the folder "
        "of a run of our own",
    )
    parser.add_argument(
        "target", type=Path, metavar="OUT", help=f"file ending in {' or '.join(OUT)}"
    )
    parser.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="the classes' names, a line each in the network's order, behind a "
        "WordNet id or not, as prepare takes them (default: those "
        "in IN, or else 0, 1, 2, ...)",
    )
    parser.add_argument(
        "--mean",
        type=Path,
        metavar="FILE",
        help="Caffe's mean image, imagenet_mean.binaryproto (default: its mean pixel)",
    )
    parser.set_defaults(run=run)


def run(source: Path, target: Path, classes: Path | None, mean: Path | None) -> int:
    """Convert a file; return the exit code."""
    from .. import model as models
    from ..weights import safetensors

    if target.suffix not in OUT:
        error = f"expected OUT to end in {' or '.join(OUT)}, got {target}"
        return fail(error, 2, "convert")
    try:
        model = _read(source, classes, mean)
        if target.suffix == ".npz":
            models.save(target, model)
        else:
            safetensors.save(target, *models.pack(model))
    except OSError as error:
        # A full disk is nothing that other arguments would mend.
        code = 1 if error.filename == str(target) else 2
        return fail(error, code, "convert")
    except ValueError as error:
        return fail(error, 2, "convert")
    except KeyboardInterrupt:
        return fail("stopped, nothing was written", 130, "convert")
    print(_about(model))
    print(f"Written: {target} ({target.stat().st_size:,} bytes)")
    return 0


def _read(source: Path, classes: Path | None, mean: Path | None) -> Model:
    """Return the model in a file, with other classes or another mean if asked for."""
    from dataclasses import replace

    from .. import model as models
    from .. import weights
    from ..data.lists import read_classes
    from ..weights import caffe, safetensors

    own = source.suffix == ".npz" or source.is_dir()
    if own or (source.suffix == ".safetensors" and safetensors.is_own(source)):
        model = models.load(source)
    else:
        found = weights.read(source)
        names = tuple(map(str, range(found.description["classes"])))
        model = models.Model(
            found.network, found.preprocessing, names, found.description
        )
    if classes is not None:
        names = tuple(words for _, words in read_classes(classes))
        if len(names) != len(model.class_names):
            raise ValueError(
                f"{classes}: expected {len(model.class_names)} lines, got {len(names)}"
            )
        model = replace(model, class_names=names)
    if mean is not None:
        if model.preprocessing.order != "BGR":
            raise ValueError(f"expected no --mean, {source} is not Caffe's")
        image = caffe.read_mean(mean)
        try:
            how = replace(model.preprocessing, mean=image)
        except ValueError as error:
            raise ValueError(f"{mean}: {error}") from error
        model = replace(model, preprocessing=how)
    return model


def _about(model: Model) -> str:
    """Return what was found, in two lines."""
    parameters = model.network.parameters()
    numbers = sum(int(w.size) for w in parameters.values())
    layers = len({name.rpartition(".")[0] for name in parameters})
    profile = model.description.get("profile")
    pictures = model.preprocessing
    mean = pictures.mean
    how = "mean image" if mean.ndim == 3 else f"mean {' '.join(f'{m:g}' for m in mean)}"
    return (
        f"Found: {model.description['model']}"
        f"{f', profile {profile}' if profile else ''}, {layers} layers with weights, "
        f"{numbers:,} parameters, {len(model.class_names):,} classes\n"
        f"Takes: {pictures.size} x {pictures.size} pixels in {pictures.order} order, "
        f"less the {how} (of RGB, 0-255), divided by "
        f"{' '.join(f'{d:g}' for d in pictures.divisor)}"
    )
