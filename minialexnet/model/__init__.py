"""A model: a network with all that it takes to use it, begun, saved and loaded."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data.dataset import Dataset
from ..data.preprocessing import Preprocessing
from ..files import checkpoint
from ..weights import READERS, ending, safetensors
from .packing import Model, pack, unpack
from .registry import MODELS, build, profile_of

__all__ = ["MODELS", "Model", "begin", "build", "file_of", "load", "pack", "save"]

FOREIGN = READERS.keys() - {".safetensors"}  # which both write


def begin(dataset: Dataset, description: Mapping[str, Any]) -> Model:
    """Return an untrained model for the pictures of a data set.

    Parameters
    ----------
    dataset : Dataset
    description : dict
        See `build`. "classes" is the data set's. For an AlexNet "input_size" is, where
        it is None or left out, the profile's own if the pictures are at least as large,
        else 7/8 of their side, as the paper's 224 is of 256; for the 2012 code's files,
        which do not say it, the pictures' side.

    Raises
    ------
    ValueError
        If the network is made for other pictures, or they are not square.
    """
    description = dict(description, classes=len(dataset.class_names))
    side, width = dataset.train_images.shape[2:]
    if side != width:
        raise ValueError(f"expected square pictures, got {side} x {width} pixels")
    size = side
    if description["model"] == "alexnet":
        own = profile_of(description).input_size
        size = description.get("input_size") or (own if side >= own else side * 7 // 8)
    elif description["model"] == "cuda_convnet":
        size = description.get("input_size") or side
    if description["model"] != "cifar":
        description["input_size"] = size
    elif side != 32:
        raise ValueError(
            f"expected pictures of 32 pixels for the model cifar, got {side}: give "
            "another, such as --model alexnet"
        )
    if size > side:
        raise ValueError(
            f"expected pictures of at least {size} pixels, as the network takes them, "
            f"got {side}"
        )
    preprocessing = Preprocessing(size, dataset.mean(), side=side)
    names = dataset.class_names, description, dataset.class_folders
    return Model(build(description), preprocessing, *names)


def save(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model to a .npz file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what was at `path` is as it was.
    """
    checkpoint.save(path, *pack(model))


def file_of(path: str | os.PathLike[str]) -> Path:
    """Return the file of a model, which in the folder of a run is its checkpoint.

    Raises
    ------
    FileNotFoundError
        If it is not there, or the folder is no run's.
    """
    path = Path(path)
    file = path / checkpoint.NAME if path.is_dir() else path
    if not file.exists():
        what = "which is not there" if file == path else f"a folder without {file.name}"
        raise FileNotFoundError(
            f"expected a run or a file of weights, got {path}, {what}"
        )
    return file


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
        If it is not there, or cannot be read.
    """
    path = file_of(path)
    if ending(path) in FOREIGN:
        raise ValueError(
            f"{path}: expected a file of minialexnet, got one of another program, of "
            f"which minialexnet convert {path.name} {path.stem}.npz makes one"
        )
    reader = safetensors if path.suffix == ".safetensors" else checkpoint
    arrays, state = reader.load(path)
    try:
        return unpack(arrays, state)
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise ValueError(f"{path}: {error}") from error
