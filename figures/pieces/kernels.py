"""Figure 3's record: the kernels of a network's first layer, tower by tower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet import Convolution2D, model
from minialexnet.files import checkpoint
from minialexnet.files.records import Record, provenance
from minialexnet.model import file_of
from minialexnet.pictures.stages import two_towers

DIGITS = 4  # significant ones, in the record

Kernels = NDArray[np.floating]


def read(path: Path) -> list[Record]:
    """Return the records of a network's first layer, and of how it was trained."""
    trained = model.load(path)
    name, layer = next(iter(trained.network.leaves()))
    if not isinstance(layer, Convolution2D) or layer.params["W"].shape[1] != 3:
        raise ValueError(
            f"expected a network that begins with a convolution of three channels, "
            f"got one that begins with {name}"
        )
    kernels = np.asarray(layer.params["W"], np.float64)  # (F, 3, KH, KW)
    if trained.preprocessing.order == "BGR":
        kernels = kernels[:, ::-1]
    towers = 2 if two_towers(trained.network) else 1
    setup = provenance() | {
        "weights": str(path),
        "network": trained.description,
        "layer": name,
        "classes": len(trained.class_names),
        **training_of(path),
    }
    parts = np.split(kernels, towers)
    return [
        {"kind": "setup", **setup},
        *(
            {"kind": "kernel", "tower": t, "weights": rounded(kernel)}
            for t, part in enumerate(parts, 1)
            for kernel in part
        ),
    ]


def training_of(path: Path) -> Record:
    """Return what a checkpoint says of the training behind it, if it is one."""
    path = file_of(path)
    if path.suffix == ".safetensors":
        return {}
    state = checkpoint.load(path)[1]
    if not state.get("runs") or not state.get("history"):
        return {}
    last = state["history"][-1]
    keys = ("epoch", "test_error", "test_top5_error")
    return {"runs": state["runs"], "last": {k: last[k] for k in keys if k in last}}


def rounded(kernel: Kernels) -> list[Any]:
    """Return weights (3, KH, KW) with a few significant digits."""
    numbers: list[Any] = np.vectorize(lambda w: float(f"{w:.{DIGITS}g}"))(
        kernel
    ).tolist()
    return numbers


def towers(records: list[Record]) -> list[Kernels]:
    """Return each tower's kernels, (F, 3, KH, KW)."""
    found: dict[int, list[Kernels]] = {}
    for record in records:
        if record.get("kind") == "kernel":
            kernel = np.array(record["weights"], np.float64)
            found.setdefault(record["tower"], []).append(kernel)
    if not found or not any(record.get("kind") == "setup" for record in records):
        raise ValueError("expected the records of kernels, got none")
    shapes = sorted({kernel.shape for part in found.values() for kernel in part})
    if len(shapes) > 1 or len(shapes[0]) != 3 or shapes[0][0] != 3:
        raise ValueError(f"expected kernels of one shape (3, KH, KW), got {shapes}")
    return [np.array(found[tower]) for tower in sorted(found)]
