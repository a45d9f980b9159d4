"""What a run is to be: a new one, or an earlier one that is gone on with."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..data import NAMES
from ..files import checkpoint
from ..model import Model
from ..runs.config import Config
from ..runs.defaults import new_config, read_config
from ..runs.state import RUN
from .options import option_of


def new_run(out: Path, asked: dict[str, Any], source: Model | None) -> Config:
    """Return what a new run is to be."""
    # A name with a dot in front is what a run killed at its very beginning leaves.
    if next(out.glob("[!.]*"), None):
        raise ValueError(
            f"expected an empty or a new --out, got {out}: go on with its run by "
            "--resume, or name another folder"
        )
    if source is None:
        return new_config(**asked)
    model = Config(model=source.description["model"])
    if model.kind == "cuda_convnet":
        raise ValueError("expected --from a cifar or an alexnet, got one of files")
    built = {
        name: source.description.get(name, value)
        for name, value in model.network().items()
        if name != "seed"
    }
    for name in asked.keys() & Config(model="alexnet").network().keys() - {"seed"}:
        if asked[name] != built.get(name):
            raise ValueError(
                f"expected {option_of(name)} {built.get(name)}, as "
                f"{asked['pretrained']} has it, got {asked[name]}"
            )
    return new_config(**built | asked)


def earlier_run(out: Path, asked: dict[str, Any]) -> Config:
    """Return what the run in `out` is, if it is not asked to be another."""
    path = out / checkpoint.NAME
    if not path.exists():
        raise ValueError(f"expected a checkpoint to go on from, got no {path}")
    try:
        state = checkpoint.load_state(path)
        if "config" in state:
            RUN(state, "")
        config = read_config(state.get("config", {}))
    except checkpoint.CheckpointError:
        raise
    except ValueError as error:
        raise ValueError(
            f"expected {path} to be written by minialexnet train: {error}"
        ) from error
    if "pictures" not in state:
        print(f"{path} is of an earlier version, which did not note its pictures.")
    free = {one.name for one in fields(Config) if one.metadata["free"]}
    if config.data not in NAMES and asked.get("data") not in NAMES:
        free.add("data")  # a folder may have moved
    for name, value in asked.items():
        if value != getattr(config, name) and name not in free:
            raise ValueError(
                f"expected {option_of(name)} {getattr(config, name)}, as the run in "
                f"{out} has it, got {value}"
            )
    return replace(config, **asked)
