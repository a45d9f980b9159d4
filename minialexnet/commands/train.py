"""``minialexnet train``: train a network, go on with one, or fine-tune one."""

import argparse
import shlex
from contextlib import ExitStack
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from .. import model as models
from ..cuda_convnet import Network
from ..data import NAMES
from ..engine.blas import cores, limit_blas
from ..engine.devices import check_device
from ..engine.memory import keep_freed_memory
from ..files import checkpoint
from ..files.alone import alone
from ..files.records import provenance
from ..files.standard import complain
from ..fine_tune import fine_tuned
from ..model import Model
from ..run import load_pictures, new_training
from ..runs.config import Config
from ..runs.defaults import new_config, read_config
from ..runs.state import RUN
from ..train import DivergedError, Training
from . import epochs, fail
from .options import add_options, asked_for, option_of

ABOUT = """\
Train a network. OUT is given a checkpoint and, for each epoch, a line of JSON. A run
that was stopped, even by kill -9, goes on with --resume and ends with the same weights,
bit for bit, as one that was never stopped. AlexNet's defaults are the paper's.
"""
EXAMPLE = """\
example:
  minialexnet train --out runs/small --data shapes
  minialexnet train --out runs/small --resume --epochs 20
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description, parser.epilog = ABOUT, EXAMPLE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    # What is not given is left out, so --resume sees what was asked for.
    parser.argument_default = argparse.SUPPRESS
    add_options(parser)


def run(
    out: Path,
    resume: bool = False,
    data_dir: Path | None = None,
    workers: int = 1,
    **options: Any,
) -> int:
    """Train, or go on training; return the exit code."""
    asked = asked_for(options)
    try:
        with ExitStack() as ending:
            try:
                ending.enter_context(alone(out, "train"))
                training, config = _set_up(out, resume, data_dir, workers, asked)
            except (OSError, ValueError, RuntimeError) as error:
                return fail(error, 2, "train")
            ending.callback(training.close)
            try:
                epochs.train(training, config, out)
            except (OSError, DivergedError) as error:
                return fail(error, 1, "train")
    except KeyboardInterrupt:
        if not (out / checkpoint.NAME).exists():
            complain("\nStopped. Nothing was trained yet.")
            return 130
        words = ["minialexnet", "train", "--out", str(out), "--resume"]
        words += [] if data_dir is None else ["--data-dir", str(data_dir)]
        complain(
            "\nStopped. What the last checkpoint holds is kept; go on by\n"
            f"  {shlex.join(words)}"
        )
        return 130
    print(f"Trained: {out / checkpoint.NAME}; measured: {out / epochs.METRICS}")
    return 0


def _set_up(
    out: Path,
    resume: bool,
    data_dir: Path | None,
    workers: int,
    asked: dict[str, Any],
) -> tuple[Training, Config]:
    """Return the training, ready to go on, and what the run is to be."""
    keep_freed_memory()
    limit_blas(1)  # the threads are ours
    source = None
    if "pretrained" in asked and not resume:
        source = models.load(asked["pretrained"])
    config = _earlier(out, asked) if resume else _new(out, asked, source)
    if config.threads is None:
        config = replace(config, threads=cores())
    if "," not in config.device:
        check_device(config.device)
    dataset = load_pictures(config, data_dir)
    model = None
    if resume:
        model = models.load(out)
        if model.class_names != dataset.class_names:
            raise ValueError(
                f"expected the classes that the run in {out} has, got others in "
                f"{config.data}"
            )
    elif source is not None:
        model, notes = fine_tuned(config, dataset, source)
        print(*notes, sep="\n")
    elif config.kind == "cuda_convnet":
        model = models.begin(dataset, config.network())
        if "learning_rate" not in asked and isinstance(model.network, Network):
            config = replace(config, learning_rate=model.network.learning_rate)
    training = new_training(config, dataset, model, workers)
    if resume:
        training.load(out / checkpoint.NAME)
        done = len(training.history)
        if config.epochs < done:
            raise ValueError(
                f"expected --epochs of at least the {done} that the run in {out} has, "
                f"got {config.epochs}"
            )
    else:
        out.mkdir(parents=True, exist_ok=True)
        size = training.model.preprocessing.size
        print(training.model.network.table((3, size, size)))
    if len(training.history) < config.epochs:
        training.runs.append(provenance() | {"config": asdict(config)})
    return training, config


def _new(out: Path, asked: dict[str, Any], source: Model | None) -> Config:
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


def _earlier(out: Path, asked: dict[str, Any]) -> Config:
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
