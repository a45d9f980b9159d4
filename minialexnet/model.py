"""A network with all that it takes to use it, and the file that it lies in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .alexnet import alexnet
from .cifar_net import cifar_net
from .data.augment import Preprocessing
from .data.dataset import Dataset
from .engine.arrays import Array
from .engine.transfer import to_numpy
from .files import checkpoint
from .profiles import changed_profile
from .sequential import Sequential
from .weights import READERS, ending, safetensors

__all__ = ["MODELS", "Model", "begin", "build", "copy_fitting", "load", "pack", "save"]


def alexnet_changed(
    profile: str = "paper", change: Mapping[str, Any] | None = None, **arguments: Any
) -> Sequential:
    """Build an AlexNet in a profile with some of its fields changed."""
    return alexnet(changed_profile(profile, change or {}), **arguments)


MODELS: dict[str, Callable[..., Sequential]] = {
    "alexnet": alexnet_changed,
    "cifar": cifar_net,
}

FOREIGN = READERS.keys() - {".safetensors"}  # which both write


@dataclass
class Model:
    """A network, the pictures that it takes and the names of what it tells apart.

    Attributes
    ----------
    network : Sequential
        Takes what `preprocessing` makes, and returns logits.
    preprocessing : Preprocessing
    class_names : tuple of str
    description : dict
        How the network is built, see `build`.
    """

    network: Sequential
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    description: dict[str, Any]


def build(description: Mapping[str, Any]) -> Sequential:
    """Build a network from its description.

    Parameters
    ----------
    description : dict
        "model" is a name out of `MODELS`, the rest that function's arguments.

    Raises
    ------
    ValueError
        If there is no such model, or it does not take such arguments.

    Examples
    --------
    >>> build({"model": "cifar", "classes": 4}).table((3, 32, 32)).rows[-1].output_shape
    (4,)
    """
    arguments = dict(description)
    name = arguments.pop("model", None)
    if name not in MODELS:
        raise ValueError(f"expected a model out of {', '.join(MODELS)}, got {name!r}")
    try:
        return MODELS[name](**arguments)
    except TypeError as error:
        raise ValueError(
            f"expected the arguments of {name}, got {arguments}: {error}"
        ) from error


def begin(dataset: Dataset, description: Mapping[str, Any]) -> Model:
    """Return an untrained model for the pictures of a data set.

    Parameters
    ----------
    dataset : Dataset
    description : dict
        See `build`. "classes" is the data set's. For an AlexNet "input_size" is, where
        it is None or left out, the profile's own if the pictures are at least as large,
        else 7/8 of their side, as the paper's 224 is of 256.

    Raises
    ------
    ValueError
        If the network is made for larger pictures, or they are not square.
    """
    description = dict(description, classes=len(dataset.class_names))
    side, width = dataset.train_images.shape[2:]
    if side != width:
        raise ValueError(f"expected square pictures, got {side} x {width} pixels")
    size = side
    if description["model"] == "alexnet":
        profile = description.get("profile", "paper")
        own = changed_profile(profile, description.get("change") or {}).input_size
        size = description.get("input_size") or (own if side >= own else side * 7 // 8)
        description["input_size"] = size
    if size > side:
        raise ValueError(
            f"expected pictures of at least {size} pixels, as the network takes them, "
            f"got {side}"
        )
    preprocessing = Preprocessing(size, dataset.mean(), side=side)
    return Model(build(description), preprocessing, dataset.class_names, description)


def copy_fitting(weights: Mapping[str, Array], network: Sequential) -> list[str]:
    """Copy into a network every layer that fits, but never its last.

    Fine-tuning begins so (Krizhevsky et al. 2012, section 6: pre-trained, then
    fine-tuned): what the layers have learned is kept, and the last one, whose classes
    are others, begins anew.

    Parameters
    ----------
    weights : dict of str to ndarray
        Another network's parameters, by the name "conv1.W".
    network : Sequential

    Returns
    -------
    list of str
        The layers copied, in the network's order.

    Raises
    ------
    ValueError
        If none fits; nothing is changed.
    """
    own = network.parameters()
    names: dict[str, list[str]] = {}
    for parameter in own:
        names.setdefault(parameter.rpartition(".")[0], []).append(parameter)
    copied = [
        layer
        for layer in list(names)[:-1]
        if all(p in weights and weights[p].shape == own[p].shape for p in names[layer])
    ]
    if not copied:
        raise ValueError(
            "expected a network with a layer of the same name and shape, got none"
        )
    for layer in copied:
        for parameter in names[layer]:
            own[parameter][...] = weights[parameter]
    return copied


def pack(
    model: Model, weights: Mapping[str, Array] | None = None
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays and the state that a file of the model holds.

    Parameters
    ----------
    model : Model
    weights : dict of str to ndarray, optional
        In place of the parameters that the model's own network has.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        ``"w/conv1.W"`` and the like, and ``"mean"``.
    state : dict
        "model", "preprocessing" and "class_names".
    """
    p = model.preprocessing
    if weights is None:
        weights = model.network.parameters()
    arrays = {f"w/{name}": to_numpy(w) for name, w in weights.items()}
    state = {
        "model": model.description,
        "preprocessing": {
            "size": p.size,
            "divisor": list(p.divisor),
            "order": p.order,
            "side": p.side,
        },
        "class_names": list(model.class_names),
    }
    return arrays | {"mean": np.asarray(p.mean)}, state


def unpack(arrays: Mapping[str, Array], state: Mapping[str, Any]) -> Model:
    """Return the model that `pack` took apart.

    Raises
    ------
    ValueError
        If something of it is missing or does not fit.
    """
    missing = {"model", "preprocessing", "class_names"} - state.keys()
    if missing or "mean" not in arrays:
        raise ValueError(f"expected a model, got a file without {sorted(missing)}")
    weights = {name[2:]: a for name, a in arrays.items() if name.startswith("w/")}
    # First without numbers: the sizes that a file claims may be more than fits in
    # memory, and the arrays show what they are.
    empty = build(state["model"] | {"seed": None})
    empty.check(weights, empty.states())
    network = build(state["model"])
    network.load(weights, network.states())
    how = dict(state["preprocessing"])
    how["divisor"] = tuple(how["divisor"])
    preprocessing = Preprocessing(mean=arrays["mean"], **how)
    names = tuple(state["class_names"])
    return Model(network, preprocessing, names, dict(state["model"]))


def save(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model to a .npz file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what was at `path` is as it was.
    """
    checkpoint.save(path, *pack(model))


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that `save` wrote, or the one in a checkpoint of a training.

    Parameters
    ----------
    path : str or path
        The file, or the folder of a run, whose checkpoint is read; a ``.safetensors``
        file that ``minialexnet convert`` wrote.

    Raises
    ------
    ValueError
        If the file is damaged, or holds no model.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        path = path / checkpoint.NAME
    if ending(path) in FOREIGN:
        raise ValueError(
            f"{path}: expected a file of minialexnet, got one of another program, of "
            f"which minialexnet convert {path.name} {path.stem}.npz makes one"
        )
    reader = safetensors if path.suffix == ".safetensors" else checkpoint
    arrays, state = reader.load(path)
    try:
        return unpack(arrays, state)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"{path}: {error}") from error
