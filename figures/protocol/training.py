"""One run of the protocol, from where it was left to its end."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from compare.training import loaded
from minialexnet import model as models
from minialexnet.data.dataset import Dataset
from minialexnet.files.records import Record
from minialexnet.fine_tune import fine_tuned
from minialexnet.run import new_training
from minialexnet.runs.config import Config, groups
from minialexnet.step import DivergedError
from minialexnet.train import Training

from .ending import ending
from .planned import Planned
from .store import Store
from .watch import ReachedError, Watch

DIGITS = 6  # of the numbers in the records


@dataclass(frozen=True)
class Place:
    """Where a run is trained, and what its records say of that.

    Attributes
    ----------
    store : Store
    setup : dict
        How and where is measured, see `minialexnet.files.records.provenance`, with the
        protocol's commit and date.
    data_dir : str, optional
    device : str
    """

    store: Store
    setup: Record = field(default_factory=dict)
    data_dir: str | None = None
    device: str = "cpu"


def dataset_of(config: Config, data_dir: str | None) -> Dataset:
    """Return the pictures of a run; a process keeps those of its last one."""
    about = {one.name: getattr(config, one.name) for one in groups(config)["data"]}
    return loaded(data_dir, None, **about)


@lru_cache(maxsize=1)
def digest(dataset: Dataset) -> str:
    """Return the sha256 of the training pictures."""
    return hashlib.sha256(dataset.train_images[:].tobytes()).hexdigest()


def begin(run: Planned, dataset: Dataset, place: Place) -> Training:
    """Return the training of a run, of which nothing is done yet."""
    config = replace(run.config, device=place.device)
    model = None
    if run.first is not None:
        source = models.load(place.store.kept(run.first))
        model, _ = fine_tuned(config, dataset, source)
    return new_training(config, dataset, model, workers=0)


def train(run: Planned, place: Place, report: Callable[[str, Any], None]) -> None:
    """Train a run to its end, and write its records.

    Parameters
    ----------
    run : Planned
    place : Place
    report : callable (what, value)
        Told ("pictures", count) of each batch.
    """
    dataset = dataset_of(run.config, place.data_dir)
    training, path = begin(run, dataset, place), place.store.checkpoint(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        training.load(path, run.asked())
        report("pictures", len(dataset.train_labels) * len(training.history))
    training.runs.append(place.setup)
    while not is_finished(run, training.history):
        epoch(run, training, report)
        training.history[-1]["setup"] = len(training.runs) - 1
        if not is_finished(run, training.history) or "kept" in run.wants:
            training.save(path, run.asked())
    measured, arrays = ending(run, training)
    place.store.finish(run, lines(run, training, measured), arrays)
    if "kept" in run.wants:
        path.replace(place.store.kept(run))
    path.unlink(missing_ok=True)


def is_finished(run: Planned, history: list[Record]) -> bool:
    """Say whether a run is at its goal, diverged, or out of epochs."""
    if not history:
        return False
    last, goal = history[-1], run.goal
    return (
        len(history) >= run.config.epochs
        or "diverged" in last
        or "reached" in last
        or last.get("steps", 0) >= (goal.steps or math.inf)
        or last.get("train_error", 1.0) <= (goal.train_error or -1.0)
    )


def epoch(run: Planned, training: Training, report: Callable[[str, Any], None]) -> None:
    """Train an epoch, or what of it is left to the goal, and measure the errors."""
    done, watch = len(training.history), Watch(run, training)

    def batch(pictures: int) -> None:
        report("pictures", pictures)
        watch.batch(pictures)

    try:
        training.run_epoch(batch)
        if run.goal.below_chance is None and len(training.dataset.test_labels):
            training.evaluate("test")
        if "train" in run.wants or run.goal.train_error is not None:
            training.evaluate("train")
    except ReachedError:
        training.history.append(watch.entry(done + 1))
    except DivergedError:
        last = {"epoch": done + 1, "learning_rate": run.config.learning_rate}
        training.history[done:] = [last | {"running_loss": 0.0, "diverged": 1}]
    if run.goal.below_chance is not None:
        training.history[-1]["steps"] = watch.steps
        if watch.reached:
            training.history[-1]["reached"] = 1


def lines(run: Planned, training: Training, measured: Record) -> list[Record]:
    """Return the records of a run: where it was measured, its epochs, its end."""
    common: Record = {
        "kind": "setup",
        **run.labels(),
        "claims": dict(run.claims),
        "config": run.asked(),
        "goal": vars(run.goal),
        "train_pictures": len(training.dataset.train_labels),
        "test_pictures": len(training.dataset.test_labels),
        "train_sha256": digest(training.dataset),
        "classes": len(training.dataset.class_names),
    }
    used = {entry["setup"] for entry in training.history}
    setups = [common | setup for i, setup in enumerate(training.runs) if i in used]
    places = {index: place for place, index in enumerate(sorted(used))}
    epochs = [
        {"kind": "epoch", **run.labels(), **entry, "setup": places[entry["setup"]]}
        for entry in training.history
    ]
    last = {"kind": "end", **run.labels(), **training.history[-1], **measured}
    return setups + [rounded(line) for line in (*epochs, last)]


def rounded(record: Record) -> Record:
    """Return a record whose numbers have so many digits as say something."""
    return {
        key: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
        for key, value in record.items()
    }
