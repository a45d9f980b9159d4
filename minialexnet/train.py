"""Training: epochs over a data set, and checkpoints that go on to the bit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from . import checkpoint
from .backend import Array, check_device, to_device, to_numpy, use_device
from .data.dataset import Dataset
from .evaluate import evaluate, pictures
from .layers import SoftmaxCrossEntropy
from .network import Sequential
from .optimizer import MomentumSGD, Schedule

__all__ = ["DivergedError", "Training"]


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


class Training:
    """A network in training, and all that a checkpoint needs to go on with it.

    The order of the pictures in an epoch is drawn from the seed and the number of the
    epoch alone, so there is no generator whose place could be lost.

    Parameters
    ----------
    network : Sequential
        Moved to `device`; its first layer is told that its dx is not needed.
    dataset : Dataset
    optimizer : callable (parameters) -> MomentumSGD
        Called once the parameters lie on the device.
    schedule : Schedule, optional
        Sets the optimiser's rate before each epoch and is told the test error after.
    batch_size : int
        The paper's 128.
    seed : int
        Of the order of the pictures.
    device : str

    Attributes
    ----------
    history : list of dict
        One entry for each finished epoch, see `run_epoch`.
    """

    def __init__(
        self,
        network: Sequential,
        dataset: Dataset,
        optimizer: Callable[[dict[str, Array]], MomentumSGD],
        schedule: Schedule | None = None,
        batch_size: int = 128,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"expected batch_size >= 1, got {batch_size}")
        self.device = check_device(device)
        self.network = network.to(device)
        next(layer for _, layer in network.leaves()).needs_dx = False
        with use_device(device):
            self.optimizer = optimizer(network.parameters())
        self.dataset, self.schedule = dataset, schedule
        self.batch_size, self.seed = batch_size, seed
        self.mean = dataset.mean()
        self.loss = SoftmaxCrossEntropy()
        self.history: list[dict[str, Any]] = []

    def run_epoch(self, progress: Callable[[int], None] | None = None) -> None:
        """Train on every picture once, and add to `history` what came of it.

        The entry holds "epoch", counted from 1; "learning_rate"; "running_loss", the
        mean loss while the weights were changing, in nats per example; and "seconds"
        and "cpu_seconds", the time that the epoch's training took.

        Parameters
        ----------
        progress : callable (int), optional
            Called with the number of pictures of each batch done.

        Raises
        ------
        DivergedError
            If the loss becomes infinite or no number. The history stays as it was;
            the weights are not to be trusted.
        """
        epoch = len(self.history) + 1
        if self.schedule is not None:
            self.optimizer.learning_rate = self.schedule.rate()
        images, labels = self.dataset.train_images, self.dataset.train_labels
        order = np.random.default_rng([self.seed, epoch]).permutation(len(images))
        wall, cpu, total = time.perf_counter(), time.process_time(), 0.0
        batches = pictures(
            images, labels, self.mean, order, self.batch_size, self.device
        )
        with use_device(self.device):
            for x, t in batches:
                loss = float(self.loss.forward(self.network.forward(x, train=True), t))
                if not np.isfinite(loss):
                    raise DivergedError(
                        f"the loss became {loss} in epoch {epoch} at a learning rate "
                        f"of {self.optimizer.learning_rate}; a smaller one may do"
                    )
                self.network.backward(self.loss.backward())
                self.optimizer.step(self.network.gradients())
                total += loss * len(t)
                if progress is not None:
                    progress(len(t))
        self.history.append(
            {
                "epoch": epoch,
                "learning_rate": self.optimizer.learning_rate,
                "running_loss": total / len(images),
                "seconds": round(time.perf_counter() - wall, 3),
                "cpu_seconds": round(time.process_time() - cpu, 3),
            }
        )

    def evaluate(
        self, split: str, progress: Callable[[int], None] | None = None
    ) -> None:
        """Measure the error over all of a split, and add it to the last epoch's entry.

        Parameters
        ----------
        split : {"train", "test"}
            Adds "train_error" and "train_loss", or the same for "test".
        progress : callable (int), optional

        Raises
        ------
        DivergedError
            If the loss over the split is no finite number.
        """
        found = evaluate(
            self.network,
            getattr(self.dataset, f"{split}_images"),
            getattr(self.dataset, f"{split}_labels"),
            self.mean,
            self.batch_size,
            self.device,
            progress,
        )
        if not np.isfinite(found["loss"]):
            raise DivergedError(f"the {split} loss became {found['loss']}")
        self.history[-1].update(
            {f"{split}_error": found["error"], f"{split}_loss": found["loss"]}
        )
        if split == "test" and self.schedule is not None:
            self.schedule.update(found["error"])

    def save(self, path: Path, config: dict[str, Any]) -> None:
        """Write a checkpoint that `load` goes on from, to the bit.

        Parameters
        ----------
        path : Path
            Of the .npz; written to a temporary name and renamed.
        config : dict
            What the run was asked to be; `load` refuses another.
        """
        arrays = {f"w/{k}": to_numpy(w) for k, w in self.network.parameters().items()}
        for name, v in self.optimizer.velocities.items():
            arrays[f"v/{name}"] = to_numpy(v)
        state = {
            "config": config,
            "history": self.history,
            "layers": self.network.states(),
            "schedule": vars(self.schedule) if self.schedule is not None else None,
        }
        checkpoint.save(path, arrays | {"mean": self.mean}, state)

    def load(self, path: Path, config: dict[str, Any]) -> None:
        """Go on from a checkpoint.

        Raises
        ------
        checkpoint.CheckpointError
            If the file is no whole checkpoint.
        ValueError
            If it is of a run with another config, which is named.
        """
        arrays, state = checkpoint.load(path)
        for key in config.keys() | state["config"].keys():
            was, now = state["config"].get(key), config.get(key)
            if was != now:
                raise ValueError(
                    f"{path}: the run has {key} {was}, asked for was {now}"
                )
        weights = {k[2:]: a for k, a in arrays.items() if k.startswith("w/")}
        with use_device(self.device):
            self.network.load(weights, state["layers"])
            for name, v in self.optimizer.velocities.items():
                v[...] = to_device(arrays[f"v/{name}"], self.device)
        self.history = state["history"]
        if self.schedule is not None:
            vars(self.schedule).update(state["schedule"])
