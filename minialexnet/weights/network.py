"""The network that is made of arrays from a file, once they fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..alexnet import alexnet
from ..data.preprocessing import Preprocessing
from ..engine.arrays import Array
from ..profiles import changed_profile
from ..sequential import Sequential
from .file import MAX_BYTES, WeightsError

# Of ImageNet's training pictures, RGB, pixels 0-255.
CAFFE_MEAN = (123.0, 117.0, 104.0)
TORCHVISION_MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)
TORCHVISION_STD = (0.229 * 255, 0.224 * 255, 0.225 * 255)


@dataclass(frozen=True)
class Asked:
    """What a reader is told that a file may not say.

    Attributes
    ----------
    profile : str, optional
        Which network of `minialexnet.profiles.PROFILES` it is.
    size : int, optional
        Pixels of a side of the pictures.
    """

    profile: str | None = None
    size: int | None = None

    def side(self, said: int, default: int) -> tuple[int, dict[str, str]]:
        """Return the pictures' side, and what of it is assumed.

        Parameters
        ----------
        said : int
            What the file says, 0 if nothing.
        default : int

        Raises
        ------
        WeightsError
            If the file says another than was asked for.
        """
        if said and self.size not in (None, said):
            raise WeightsError(
                f"expected --size {said}, as the file has it, got {self.size}"
            )
        side = said or self.size
        if side:
            return side, {}
        return default, {"size": f"{default} x {default} pixels"}


@dataclass(frozen=True)
class Weights:
    """What a file of weights holds.

    Attributes
    ----------
    network : Sequential
        With the weights in it, float32; it returns logits.
    preprocessing : Preprocessing
        How the pictures were prepared that the network was trained on.
    description : dict
        How the network is built, see `minialexnet.model.build`.
    taken : dict of str to str
        Where layers were told by order and shape: which of the file's is which of ours.
    assumed : dict of str to str
        What the file does not say, as words: of "mean", "std", "order", "size" and
        "profile".
    """

    network: Sequential
    preprocessing: Preprocessing
    description: dict[str, Any]
    taken: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)


def empty(description: Mapping[str, Any]) -> Sequential:
    """Return the network of a description, without numbers and so without memory.

    Raises
    ------
    ValueError
        If there can be no such network.
    """
    arguments = dict(description, seed=None)
    changes = arguments.pop("change", {})
    return alexnet(changed_profile(arguments.pop("profile"), changes), **arguments)


def assemble(
    description: Mapping[str, Any],
    arrays: Mapping[str, Array],
    mean: Sequence[float] | None = None,
    divisor: float = 1,
    taken: Mapping[str, str] = {},
    assumed: Mapping[str, str] = {},
) -> Weights:
    """Return the network of a description with arrays in it, once they fit.

    Parameters
    ----------
    description : dict
        "profile", "input_size", and "change" where it differs from the profile; the
        numbers of classes and of hidden units are those of the arrays.
    arrays : dict of str to ndarray
        By the names "conv1.W" to "fc8.b".
    mean : three float, optional
        Of RGB pixels; ImageNet's by default.
    divisor : float
        What pixels less their mean are divided by, where the network is Caffe's.
    taken, assumed : dict of str to str
        See `Weights`; what is assumed of the pictures is added here.

    Raises
    ------
    WeightsError
        If they do not fit.
    """
    hidden, classes = arrays["fc6.b"].size, arrays["fc8.b"].size
    size = description["input_size"]
    built = {
        "profile": description["profile"],
        "classes": classes,
        "width": hidden / 4096,
        "input_size": size,
        "towers": 2,
        "seed": 0,
        **({"change": change} if (change := description.get("change")) else {}),
    }
    try:
        network = empty(built)
    except (ValueError, OverflowError) as error:
        raise WeightsError(f"expected an AlexNet, got {built}, {error}") from None
    parameters = network.parameters()
    for name, parameter in parameters.items():
        if arrays[name].shape != parameter.shape:
            raise WeightsError(
                f"expected {name} of shape {parameter.shape}, as in profile "
                f"{built['profile']} with {hidden} units in fc6 and {classes} classes, "
                f"got {arrays[name].shape}"
            )
    count = sum(w.size for w in parameters.values())
    if 4 * count > MAX_BYTES:
        raise WeightsError(
            f"expected at most {MAX_BYTES // 4:,} parameters, got {count:,}"
        )
    for name, layer in network.layers.items():
        for key in layer.params:
            layer.params[key] = _float32(f"{name}.{key}", arrays[f"{name}.{key}"])
    how, more = _preprocessing(built["profile"], size, mean, divisor)
    built = {"model": "alexnet"} | built
    return Weights(network, how, built, dict(taken), {**assumed, **more})


def _preprocessing(
    profile: str, size: int, mean: Sequence[float] | None, divisor: float
) -> tuple[Preprocessing, dict[str, str]]:
    """Return what is done to pictures, and what of it is assumed."""
    side = max(size, 256)
    if profile not in ("caffe", "caffenet"):
        pixel = np.array(TORCHVISION_MEAN, np.float32)
        how = Preprocessing(size, pixel, TORCHVISION_STD, side=side)
        mean_, std = "ImageNet's mean", "ImageNet's standard deviation"
        return how, {"mean": mean_, "std": std, "order": "RGB order"}
    pixel = np.array(CAFFE_MEAN if mean is None else mean, np.float32)
    how = Preprocessing(size, pixel, (divisor,) * 3, "BGR", side)
    return how, {"mean": "ImageNet's mean"} if mean is None else {}


def _float32(name: str, array: Array) -> Array:
    """Return a copy in float32, if it is of finite numbers."""
    if array.dtype.kind != "f":
        raise WeightsError(f"expected {name} of floating point, got {array.dtype}")
    with np.errstate(over="ignore"):
        copy = np.array(array, np.float32, order="C")
    if not np.isfinite(copy).all():
        raise WeightsError(f"expected finite numbers in {name}, got others")
    return copy
