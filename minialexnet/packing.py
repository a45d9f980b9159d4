"""A network with all that it takes to use it, and what a file of it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .build import build
from .data.preprocessing import Preprocessing
from .engine.arrays import Array
from .engine.transfer import to_numpy
from .model_state import MODEL
from .sequential import Sequential

__all__ = ["Model", "pack", "unpack"]


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
    class_folders : tuple of str
        The names of the folders that the classes lay in, where they are known.
    """

    network: Sequential
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    description: dict[str, Any]
    class_folders: tuple[str, ...] = ()


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
        "model", "preprocessing", "class_names" and "class_folders".
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
        "class_folders": list(model.class_folders),
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
    missing |= {"mean"} - arrays.keys()
    if missing:
        raise ValueError(f"expected a model, got a file without {sorted(missing)}")
    MODEL(state, "")
    weights = {name[2:]: a for name, a in arrays.items() if name.startswith("w/")}
    # First without numbers: the sizes that a file claims may be more than fits in
    # memory, and the arrays show what they are.
    empty = build(state["model"] | {"seed": None})
    empty.must_fit(weights, empty.states())
    empty.table((3, state["preprocessing"]["size"], state["preprocessing"]["size"]))
    *_, biases = empty.parameters().values()
    names = tuple(state["class_names"])
    if len(names) != biases.size:
        raise ValueError(
            f"expected a class name for each of {biases.size} outputs, got {len(names)}"
        )
    folders = tuple(state.get("class_folders", ()))
    if len(folders) not in (0, len(names)):
        raise ValueError(f"expected {len(names)} class folders, got {len(folders)}")
    network = build(state["model"])
    network.load(weights, network.states())
    how = dict(state["preprocessing"])
    how["divisor"] = tuple(how["divisor"])
    preprocessing = Preprocessing(mean=arrays["mean"], **how)
    return Model(network, preprocessing, names, dict(state["model"]), folders)
