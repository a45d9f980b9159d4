"""One run, from where it was left to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from minialexnet import MomentumSGD
from minialexnet.data.dataset import Dataset
from minialexnet.model import begin
from minialexnet.run import load_pictures, new_training
from minialexnet.runs.config import Config, groups
from minialexnet.step import DivergedError
from minialexnet.train import Training

from .arms import Run


@dataclass(frozen=True)
class Settings:
    """What is no part of a run's config: where it reads and writes, what it measures.

    Attributes
    ----------
    out : Path
    data_dir : str, optional
    pictures : int, optional
        The first so many training pictures; None for all.
    splits : tuple of str
        Where the error is measured after each epoch.
    setup : int
        Which of the setup records the epochs to come belong to.
    """

    out: Path
    data_dir: str | None = None
    pictures: int | None = None
    splits: tuple[str, ...] = ("train", "test")
    setup: int = 0

    def checkpoint(self, run: Run) -> Path:
        """Return the file that a run is kept in."""
        return self.out / "runs" / f"{run}.npz"


def pictures_of(
    config: Config, data_dir: str | None = None, pictures: int | None = None
) -> Dataset:
    """Load the pictures of a run, or only the first so many to train on."""
    dataset = load_pictures(config, data_dir)
    images, labels = dataset.train_images[:pictures], dataset.train_labels[:pictures]
    return replace(dataset, train_images=images, train_labels=labels)


@lru_cache(maxsize=1)
def loaded(data_dir: str | None, pictures: int | None, **about: Any) -> Dataset:
    """Return `pictures_of` a config; a worker keeps those of its last run."""
    return pictures_of(Config(**about), data_dir, pictures)


def training_of(run: Run, dataset: Dataset) -> Training:
    """Return the training of a run, of which nothing is done yet.

    The biases of a network that its arm has rebuilt learn as its weights do.
    """
    config, rebuild = run.config, run.arm.rebuild
    model = begin(dataset, config.network())
    if rebuild is not None:
        model.network = rebuild(model.network, config.seed)
    training = new_training(config, dataset, model, workers=0)  # runs share the cores
    if rebuild is not None:
        numbers = config.learning_rate, config.momentum, config.weight_decay
        parameters = training.network.parameters()
        training.optimizer = MomentumSGD(parameters, *numbers)
    return training


def train(
    run: Run, until: int, settings: Settings, report: Callable[[str, Any], None]
) -> None:
    """Train one run to epoch `until` or its target, from where it was left.

    Parameters
    ----------
    run : Run
    until : int
        An epoch.
    settings : Settings
    report : callable (what, value)
        Told ("epoch", history) at the beginning and after each epoch, and ("pictures",
        count) of each batch.

    Raises
    ------
    ValueError
        If the run's schedule needs a test error, and none is measured.
    """
    if run.config.schedule != "constant" and "test" not in settings.splits:
        raise ValueError("expected a test error after each epoch, for the schedule")
    asked, path = asdict(run.config) | run.labels, settings.checkpoint(run)
    about = {field.name: asked[field.name] for field in groups(run.config)["data"]}
    dataset = loaded(settings.data_dir, settings.pictures, **about)
    training = training_of(run, dataset)
    asked["train_pictures"] = len(dataset.train_labels)
    # More epochs may be asked of a run, and another device; nothing else.
    del asked["epochs"], asked["device"]
    if path.exists():
        training.load(path, asked)
    report("epoch", training.history)
    while not run.is_finished(training.history, until):
        done = len(training.history)
        try:
            training.run_epoch(lambda n: report("pictures", n))
            for split in settings.splits:
                training.evaluate(split, lambda n: report("pictures", n))
        except DivergedError:
            training.history[done:] = [{"epoch": done + 1, "diverged": True}]
        training.history[-1]["setup"] = settings.setup
        training.save(path, asked)
        report("epoch", training.history)
