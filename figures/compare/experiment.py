"""An experiment: every arm from every seed, into a folder that can be gone on with."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from minialexnet.commands.together import cores_of, meet
from minialexnet.engine.devices import check_device
from minialexnet.files.records import Record, provenance, read_lines
from minialexnet.runs.config import Config

from .arms import Arm, runs_of
from .results import Results
from .training import Settings, pictures_of
from .workers import Workers


@contextmanager
def experiment(
    options: argparse.Namespace,
    base: Config,
    described: Record,
    most: int,
    splits: tuple[str, ...] = ("train", "test"),
    labels: tuple[str, ...] = ("arm", "seed"),
) -> Iterator[Workers]:
    """Yield workers that go on with what ``options.out`` holds, and end them.

    Parameters
    ----------
    options : argparse.Namespace
        What a `frame.parser` read.
    base : Config
        What all runs share.
    described : dict
        What this script's setup record says besides.
    most : int
        Runs that could train at once.
    splits, labels
        See `Settings` and `Results`.

    Raises
    ------
    ValueError
        If the folder holds a run and --resume was not asked for, or one on other
        pictures.
    """
    path: Path = options.out / "results.jsonl"
    records = read_lines(path) if path.exists() else []
    if records and not options.resume:
        raise ValueError(
            f"{options.out} holds an earlier run: go on with it by --resume "
            "(under make, ARGS=--resume), or name another folder by --out"
        )
    check_device(options.device)
    ranks = getattr(options, "ranks", None)
    jobs = min(cores_of(ranks), most) if options.device == "cpu" else 1
    jobs = options.jobs or jobs
    dataset = pictures_of(base, options.data_dir, options.pictures)
    digest = hashlib.sha256(dataset.train_images[:].tobytes()).hexdigest()
    earlier = [record for record in records if record["kind"] == "setup"]
    if any(setup["train_sha256"] != digest for setup in earlier):
        raise ValueError(f"{options.out} holds a run on other pictures")
    setup = {"kind": "setup"} | provenance()
    setup |= {
        "data": base.data,
        "train_pictures": len(dataset.train_labels),
        "train_sha256": digest,
        "classes": len(dataset.class_names),
        "base": asdict(base),
    }
    setup |= described
    names = ("seeds", "epochs", "batch_size", "convolution", "device")
    setup |= {name: getattr(options, name) for name in names} | {"jobs": jobs}
    measured = [len(getattr(dataset, f"{split}_labels")) for split in splits]
    pictures = len(dataset.train_labels) + sum(measured)
    del dataset
    (options.out / "runs").mkdir(parents=True, exist_ok=True)
    if ranks is not None:
        setup["ranks"] = ranks.hosts
    meet(ranks)  # all have read what was there, before anything is written
    workers = Workers(
        Settings(options.out, options.data_dir, options.pictures, splits, len(earlier)),
        Results(path, [*records, setup], labels),
        jobs,
        pictures,
        ranks,
    )
    try:
        yield workers
        workers.write()
    finally:
        workers.close()


def compare(
    options: argparse.Namespace,
    base: Config,
    arms: Sequence[Arm],
    **described: object,
) -> None:
    """Train every arm from every seed for all epochs, into ``options.out``.

    Both errors, of training and of testing, are measured after each epoch.

    Parameters
    ----------
    options, base
        See `experiment`.
    arms : sequence of Arm
    **described
        What the setup record says besides.
    """
    runs = runs_of(base, arms, options.seeds)
    described = {"arms": {arm.name: arm.changes for arm in arms}, **described}
    with experiment(options, base, described, len(runs)) as workers:
        workers.train("runs", runs, options.epochs)
