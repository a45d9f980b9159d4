"""One run, from where it was left to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from minialexnet import MomentumSGD
from minialexnet.data import load
from minialexnet.data.dataset import Dataset
from minialexnet.engine.arrays import Array
from minialexnet.model import begin
from minialexnet.profiles import PROFILES
from minialexnet.train import DivergedError, Training

from .arms import BUILDING, Config, Run


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


def load_pictures(
    name: str, data_dir: str | None, classes: int | None, pictures: int | None
) -> Dataset:
    """Load a data set, or its first `classes`, or first `pictures` to train on."""
    dataset = load(name, data_dir, **({} if classes is None else {"classes": classes}))
    images, labels = dataset.train_images[:pictures], dataset.train_labels[:pictures]
    return replace(dataset, train_images=images, train_labels=labels)


# A worker trains run after run on the same pictures.
loaded = lru_cache(maxsize=1)(load_pictures)


def optimizer(parameters: dict[str, Array], config: Config, own: bool) -> MomentumSGD:
    """Return the optimiser of a run.

    Biases learn and decay as the network's profile says, unless the network is a
    script's `own`.
    """
    factors: dict[str, Any] = {}
    if not own:
        profile = PROFILES[config.get("profile", "2012")]
        factors["rate_factors"] = {"b": profile.bias_rate}
        factors["decay_factors"] = {"b": profile.bias_decay}
    numbers = (config[n] for n in ("learning_rate", "momentum", "weight_decay"))
    return MomentumSGD(parameters, *numbers, **factors)


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
    """
    config, path = run.config, settings.checkpoint(run)
    dataset = loaded(
        config["data"], settings.data_dir, config["classes"], settings.pictures
    )
    model = begin(dataset, {name: config[name] for name in BUILDING if name in config})
    if run.arm.rebuild is not None:
        model.network = run.arm.rebuild(model.network, config["seed"])
    training = Training(
        model,
        dataset,
        lambda parameters: optimizer(
            parameters, config, own=run.arm.rebuild is not None
        ),
        batch_size=config["batch_size"],
        seed=config["seed"],
        device=config["device"],
        workers=0,  # as many runs as cores train at once
    )
    # More epochs may be asked of a run, and another device; nothing else.
    asked = {k: v for k, v in config.items() if k not in ("epochs", "device")}
    asked |= run.labels | {"train_pictures": len(dataset.train_labels)}
    if path.exists():
        training.load(path, asked)
    report("epoch", training.history)
    while not run.is_finished(training.history, until):
        done = len(training.history)
        training.optimizer.learning_rate = run.rate(done)
        try:
            training.run_epoch(lambda n: report("pictures", n))
            for split in settings.splits:
                training.evaluate(split, lambda n: report("pictures", n))
        except DivergedError:
            training.history[done:] = [{"epoch": done + 1, "diverged": True}]
        training.history[-1]["setup"] = settings.setup
        training.save(path, asked)
        report("epoch", training.history)
