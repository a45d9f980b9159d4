"""A network with all that it takes to use it, and what a file of it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data.preprocessing import Preprocessing
from ..engine.arrays import Array
from ..engine.transfer import to_numpy
from ..files.headers import choice, optional, real, record, row, text, whole
from ..sequential import Sequential
from .registry import build

# What a file says of a model besides its arrays, and how that is checked.
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
