"""``minialexnet train``: train a network, go on with one, or fine-tune one."""

import argparse
import shlex
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .. import model as models
from ..cuda_convnet import Network
from ..engine.blas import limit_blas
from ..engine.memory import keep_freed_memory
from ..files import checkpoint
from ..files.alone import alone
from ..files.records import provenance
from ..files.standard import complain
from ..fine_tune import fine_tuned
from ..parallel.launcher import PARTS
from ..parallel.place import device_of
from ..parallel.ranks import Ranks, RanksError
from ..run import load_pictures, new_training
from ..runs.config import Config
from ..step import DivergedError
from ..train import Training
from . import epochs, fail
from .options import add_options, asked_for
from .together import cores_of, facts_of, is_first, refusal, together
from .which_run import earlier_run, new_run

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
    report: bool = False,
    rank_timeout: float | None = None,
    **options: Any,
) -> int:
    """Train, or go on training; return the exit code."""
    how = resume, data_dir, workers, asked_for(options)
    try:
        with together("minialexnet train", rank_timeout) as ranks:
            return _train(ranks, report, out, *how)
    except RanksError as error:
        return fail(error, 2, "train") if is_first(None) else 2


def _train(ranks: Ranks | None, report: bool, out: Path, *how: Any) -> int:
    """Train, or go on training, on the ranks if there are any."""
    first, (resume, data_dir, *_) = is_first(ranks), how
    refused: Exception | None = None
    try:
        with ExitStack() as ending:
            try:
                if first:
                    ending.enter_context(alone(out, "train"))
                if report and ranks is None:
                    raise ValueError("expected --report under mpiexec, got one process")
                training, config = _set_up(ranks, out, *how)
                ending.callback(training.close)
            except (OSError, ValueError, RuntimeError) as error:
                refused = error
            facts = {} if refused or ranks is None else facts_of(training, config)
            if refused := refusal(ranks, refused, facts):
                return fail(refused, 2, "train") if first else 2
            if not resume:
                size = training.model.preprocessing.size
                print(training.model.network.table((3, size, size)))
            try:
                epochs.train(training, config, out, ranks, report)
            except DivergedError as error:  # on all ranks at once
                return fail(error, 1, "train") if first else 1
            except OSError as error:
                if ranks is not None:
                    raise
                return fail(error, 1, "train")
    except KeyboardInterrupt as stop:
        kept = "Nothing was trained yet."
        if (out / checkpoint.NAME).exists():
            words = ["minialexnet", "train", "--out", str(out), "--resume"]
            words += [] if data_dir is None else ["--data-dir", str(data_dir)]
            kept = "What the last checkpoint holds is kept; go on by\n  "
            kept += shlex.join(words)
        if ranks is not None:
            raise KeyboardInterrupt(kept) from stop
        complain(f"\nStopped. {kept}")
        return 130
    print(f"Trained: {out / checkpoint.NAME}; measured: {out / epochs.METRICS}")
    return 0


def _set_up(
    ranks: Ranks | None,
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
    config = earlier_run(out, asked) if resume else new_run(out, asked, source)
    if config.threads is None:
        config = replace(config, threads=cores_of(ranks))
    if config.parts is None:
        parts = config.threads if ranks is None else PARTS
        config = replace(config, parts=parts)
    if ranks is not None or "," not in config.device:
        device_of(ranks, config.device)
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
    training = new_training(config, dataset, model, workers, ranks)
    if resume:
        training.load(out / checkpoint.NAME)
        done = len(training.history)
        if config.epochs < done:
            raise ValueError(
                f"expected --epochs of at least the {done} that the run in {out} has, "
                f"got {config.epochs}"
            )
    if len(training.history) < config.epochs:
        where = {} if ranks is None else {"ranks": ranks.hosts}
        training.runs.append(provenance() | where | {"config": asdict(config)})
    return training, config
