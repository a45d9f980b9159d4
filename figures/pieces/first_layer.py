"""Conv1 of a trained network with its normalisation: recorded, and read again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet import LocalResponseNormalization, Sequential
from minialexnet.engine.arrays import Array
from minialexnet.files import checkpoint
from minialexnet.model import build

from .inhibition import Floats

NEEDED = {"w/conv1.W", "w/conv1.b", "mean"}


@dataclass(frozen=True)
class FirstLayer:
    """Conv1 of a trained network with its normalisation, and where it was trained.

    Attributes
    ----------
    before : Sequential
        Conv1 and what else stands before the normalisation.
    lrn : LocalResponseNormalization
    state : dict
        "model", "data", "runs" (the provenance of the training) and "epochs".
    mean : ndarray of float32, shape (3,)
        Of the training pixels, 0-255.
    """

    before: Sequential
    lrn: LocalResponseNormalization
    state: dict[str, Any]
    mean: NDArray[np.float32]

    @property
    def kernels(self) -> Floats:
        """Conv1's weights, (C, 3, 11, 11)."""
        kernels: Floats = self.before.parameters()["conv1.W"]
        return kernels


def record(trained: Path, out: Path) -> None:
    """Write the first layer of a run's checkpoint, and what it takes to read it.

    Raises
    ------
    OSError, ValueError
        If `trained` is no such checkpoint. Nothing is written.
    """
    arrays, state = checkpoint.load(trained)
    missing = {"model", "runs", "history", "config"} - state.keys()
    if missing or not arrays.keys() >= NEEDED:
        raise ValueError(f"expected the checkpoint of a run of alexnet, got {trained}")
    mean = arrays["mean"].reshape(3, -1).mean(axis=1, dtype=np.float64)
    kept = {name: arrays[name] for name in NEEDED} | {"mean": mean.astype(np.float32)}
    about = {
        "model": state["model"],
        "data": Path(state["config"]["data"]).name,
        "runs": state["runs"],
        "epochs": len(state["history"]),
    }
    _first_layer(kept, about, trained)
    out.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(out, dict(sorted(kept.items())), about)


def read(recorded: Path) -> FirstLayer:
    """Return what `record` wrote."""
    arrays, state = checkpoint.load(recorded)
    missing = {"model", "data", "runs", "epochs"} - state.keys()
    if missing or not arrays.keys() >= NEEDED:
        raise ValueError(f"expected a recorded first layer, got {recorded}")
    return _first_layer(arrays, state, recorded)


def _first_layer(
    arrays: dict[str, Array], state: dict[str, Any], source: Path
) -> FirstLayer:
    leaves = list(build(state["model"] | {"seed": None}).leaves())
    names = [name for name, _ in leaves]
    if "lrn1" not in names:
        raise ValueError("expected conv1 to be normalised, got a profile without lrn1")
    before, lrn = leaves[: names.index("lrn1")], dict(leaves)["lrn1"]
    conv = before[0][1]
    if conv.params["W"].shape != arrays["w/conv1.W"].shape:
        raise ValueError(
            f"expected kernels {conv.params['W'].shape} in {source}, "
            f"got {arrays['w/conv1.W'].shape}"
        )
    conv.params = {name: arrays[f"w/conv1.{name}"] for name in ("W", "b")}
    assert isinstance(lrn, LocalResponseNormalization)
    return FirstLayer(Sequential(before), lrn, state, arrays["mean"])
