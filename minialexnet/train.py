"""Training: epochs over a data set, and checkpoints that go on to the bit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Dataset
from .data.loader import Loader
from .engine.arrays import Array, get_array_module
from .engine.devices import check_device, use_device, use_device_of
from .engine.transfer import to_device, to_numpy
from .evaluate import evaluate
from .files import checkpoint
from .files.records import peak_memory_gib
from .layers import SoftmaxCrossEntropy
from .model import Model, pack
from .optimizer import MomentumSGD
from .parallel.batch import DataParallel
from .parallel.two_devices import TwoDevices
from .schedules import Schedule
from .sequential import Sequential

__all__ = ["DivergedError", "Training"]

NOT_BEGUN = {"batches": 0, "loss": 0.0, "seconds": 0.0, "cpu_seconds": 0.0}


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


class Training:
    """A model in training, and all that a checkpoint needs to go on with it.

    The order of the pictures in an epoch and what is drawn to augment each are drawn
    from the seed, the number of the epoch and that of the batch alone, so there is no
    generator whose place could be lost.

    Parameters
    ----------
    model : Model
        Its network is moved to `device`; the first layer is told that its dx is not
        needed.
    dataset : Dataset
    optimizer : callable (parameters) -> MomentumSGD
        Called once the parameters lie on the device.
    schedule : Schedule, optional
        Sets the optimiser's rate before each epoch and is told the test error after,
        or, where there are no test pictures, the running loss.
    batch_size : int
        The paper's 128.
    seed : int
        Of the order of the pictures and of their augmentation.
    device : str
        Two of them, ``"cuda:0,cuda:1"``, for the two towers, see `TwoDevices`.
    augment : callable (images, preprocessing, rng) -> x, optional
        Makes a batch, see `minialexnet.data.augment.Augmentation`; by default it is
        the centre crops.
    workers : int
        Threads that prepare batches while the network computes; they change no bit.
    threads : int
        On the processor, how many share a batch, see `DataParallel`.

    Attributes
    ----------
    network : Sequential or TwoDevices
        What is trained. Of two devices `save` brings it back into the model.
    history : list of dict
        One entry for each finished epoch, see `run_epoch`.
    begun : dict
        What was done of the next epoch: "batches", the "loss" summed over their
        pictures, "seconds" and "cpu_seconds".
    runs : list of dict
        How and where each program measured that worked on it, see
        `minialexnet.files.records.provenance`; for its caller to fill.
    crossings : str
        Of two devices, the bytes that crossed in the first step, as a table.
    """

    def __init__(
        self,
        model: Model,
        dataset: Dataset,
        optimizer: Callable[[dict[str, Array]], MomentumSGD],
        schedule: Schedule | None = None,
        batch_size: int = 128,
        seed: int = 0,
        device: str = "cpu",
        augment: Callable[..., NDArray[np.float32]] | None = None,
        workers: int = 1,
        threads: int = 1,
    ) -> None:
        self.model, self.dataset = model, dataset
        next(layer for _, layer in model.network.leaves()).needs_dx = False
        self.network: Sequential | TwoDevices
        first, *second = device.split(",")
        if second:
            self.network = TwoDevices(model.network, (first, ",".join(second)))
            self.device = self.network.devices[0]
        else:
            self.device = check_device(device)
            self.network = model.network.to(device)
            if self.device == "cpu" and threads != 1:
                self.network = DataParallel(model.network, threads)
        with use_device(self.device):
            self.optimizer = optimizer(self.network.parameters())
        self.schedule, self.batch_size, self.workers = schedule, batch_size, workers

        def prepare(
            images: NDArray[np.uint8], rng: np.random.Generator
        ) -> NDArray[np.float32]:
            if augment is None:
                return model.preprocessing.center(images)
            return augment(images, model.preprocessing, rng)

        self.loader = Loader(
            dataset.train_images,
            dataset.train_labels,
            prepare,
            batch_size,
            seed,
            workers,
        )
        self.seed = seed
        self.loss = SoftmaxCrossEntropy()
        self.history: list[dict[str, Any]] = []
        self.begun: dict[str, Any] = dict(NOT_BEGUN)
        self.runs: list[dict[str, Any]] = []
        self.crossings = ""
        self._last: tuple[Array, Array] | None = None

    def run_epoch(self, progress: Callable[[int], None] | None = None) -> None:
        """Train on every picture once, and add to `history` what came of it.

        The entry holds "epoch", counted from 1; "learning_rate"; "running_loss", the
        mean loss while the weights were changing, in nats per example; "seconds" and
        "cpu_seconds", the time that the epoch's training took; and "peak_memory_gib",
        the most that the program has held so far.

        Parameters
        ----------
        progress : callable (int), optional
            Called with the number of pictures of each batch done. It may call `save`:
            an epoch that was begun is gone on with behind its last batch.

        Raises
        ------
        DivergedError
            If the loss becomes infinite or no number. The history stays as it was;
            the weights are not to be trusted.
        """
        epoch, begun = len(self.history) + 1, self.begun
        if self.schedule is not None:
            self.optimizer.learning_rate = self.schedule.rate()
        pictures = len(self.dataset.train_labels)
        order = np.random.default_rng([self.seed, epoch]).permutation(pictures)
        wall = time.perf_counter() - begun["seconds"]
        cpu = time.process_time() - begun["cpu_seconds"]
        with use_device(self.device):
            for x, labels in self.loader.batches(order, epoch, begun["batches"]):
                loss = self._step(x, labels)
                if not np.isfinite(loss):
                    raise DivergedError(
                        f"the loss became {loss} in epoch {epoch} at a learning rate "
                        f"of {self.optimizer.learning_rate}; a smaller one may do"
                    )
                begun["batches"] += 1
                begun["loss"] += loss * len(labels)
                begun["seconds"] = round(time.perf_counter() - wall, 3)
                begun["cpu_seconds"] = round(time.process_time() - cpu, 3)
                if progress is not None:
                    progress(len(labels))
        self.history.append(
            {
                "epoch": epoch,
                "learning_rate": self.optimizer.learning_rate,
                "running_loss": begun["loss"] / pictures,
                "seconds": begun["seconds"],
                "cpu_seconds": begun["cpu_seconds"],
                "peak_memory_gib": peak_memory_gib(),
            }
        )
        self.begun = dict(NOT_BEGUN)
        if self.schedule is not None and not len(self.dataset.test_labels):
            # There will be no test error to tell it.
            self.schedule.update(self.history[-1]["running_loss"])

    def check(self) -> None:
        """See that the last step left weights that still compute.

        A step from a finite loss may be so large that nothing can be computed behind
        it; such weights are not to take the place of a good checkpoint.

        Raises
        ------
        DivergedError
            If the loss over the last batch, computed once more, is no finite number.
        """
        if self._last is None:
            return
        x, t = self._last
        with use_device(self.device), np.errstate(over="ignore", invalid="ignore"):
            loss = float(self.loss.forward(self.network.forward(x, train=False), t))
        if not np.isfinite(loss):
            raise DivergedError(
                f"the loss became {loss} after a step at a learning rate of "
                f"{self.optimizer.learning_rate}; a smaller one may do"
            )

    def close(self) -> None:
        """End the threads of two devices; nothing is to be trained after it."""
        if isinstance(self.network, TwoDevices):
            self.network.close()

    def _step(self, x: Array, labels: Array) -> float:
        """Move the weights once, if the loss is finite; return it."""
        t = to_device(labels, self.device)
        if isinstance(self.network, Sequential):  # two devices take x each by itself
            x = to_device(x, self.device)
        self._last = x, t
        loss = float(self.loss.forward(self.network.forward(x, train=True), t))
        if np.isfinite(loss):
            self.network.backward(self.loss.backward())
            self.optimizer.step(self.network.gradients())
        if isinstance(self.network, TwoDevices) and not self.crossings:
            self.crossings = self.network.report()
        return loss

    def evaluate(
        self, split: str, progress: Callable[[int], None] | None = None
    ) -> None:
        """Measure the error over all of a split, and add it to the last epoch's entry.

        Parameters
        ----------
        split : {"train", "test"}
            Adds "train_error", "train_top5_error" and "train_loss", or the same for
            "test".
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
            self.model.preprocessing,
            self.batch_size,
            self.device,
            progress,
            self.workers,
        )
        if not np.isfinite(found["loss"]):
            raise DivergedError(f"the {split} loss became {found['loss']}")
        self.history[-1].update({f"{split}_{k}": value for k, value in found.items()})
        if split == "test" and self.schedule is not None:
            self.schedule.update(found["error"])

    def save(self, path: Path, config: dict[str, Any]) -> None:
        """Write a checkpoint that `load` goes on from, to the bit.

        It is a file of the model too, see `minialexnet.model.load`.

        Parameters
        ----------
        path : Path
            Of the .npz; written to a temporary name and renamed.
        config : dict
            What the run was asked to be; `load` refuses another.
        """
        velocities = self.optimizer.velocities
        if isinstance(self.network, TwoDevices):
            weights = self.network.join(self.network.parameters())
            self.model.network.load(weights, self.network.states())
            velocities = self.network.join(velocities)
        arrays, state = pack(self.model)
        arrays |= {f"v/{name}": to_numpy(v) for name, v in velocities.items()}
        state |= {
            "config": config,
            "history": self.history,
            "begun": self.begun,
            "runs": self.runs,
            "layers": self.network.states(),
            "schedule": vars(self.schedule) if self.schedule is not None else None,
        }
        checkpoint.save(path, arrays, state)

    def load(self, path: Path, config: dict[str, Any] | None = None) -> None:
        """Go on from a checkpoint.

        Parameters
        ----------
        path : Path
        config : dict, optional
            What the run is to be; not compared when not given.

        Raises
        ------
        checkpoint.CheckpointError
            If the file is no whole checkpoint.
        ValueError
            If it is of a run with another config, which is named.
        """
        arrays, state = checkpoint.load(path)
        asked = state["config"] if config is None else config
        for key in asked.keys() | state["config"].keys():
            was, now = state["config"].get(key), asked.get(key)
            if was != now:
                raise ValueError(
                    f"{path}: the run has {key} {was}, asked for was {now}"
                )
        weights, velocities = (
            {k[2:]: a for k, a in arrays.items() if k.startswith(kind)}
            for kind in ("w/", "v/")
        )
        with use_device(self.device):
            self.network.load(weights, state["layers"])
        if isinstance(self.network, TwoDevices):
            velocities = self.network.split(velocities)
        for name, v in self.optimizer.velocities.items():
            with use_device_of(v):
                v[...] = get_array_module(v).asarray(velocities[name])
        self.history, self.runs = state["history"], state.get("runs", [])
        self.begun = state.get("begun", dict(NOT_BEGUN))
        if self.schedule is not None:
            vars(self.schedule).update(state["schedule"])
