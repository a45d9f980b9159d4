"""Training: epochs over a data set, with checkpoints that go on to the bit."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .data.augment import Augmentation
from .data.dataset import Dataset
from .data.loader import Loader
from .engine.arrays import Array
from .engine.devices import use_device
from .evaluate import evaluate
from .files.records import peak_memory_gib
from .model import Model
from .optimizer import MomentumSGD
from .parallel.ranks import Ranks
from .runs.resume import NOT_BEGUN, Resumable
from .schedules import Schedule
from .step import DivergedError


class Training(Resumable):
    """A model in training on a data set.

    Parameters
    ----------
    model, optimizer, device, threads, parts, ranks
        See `minialexnet.step.Steps`.
    dataset : Dataset
    schedule : Schedule, optional
        Sets the optimiser's rate before each step and is told each epoch's test error,
        or, where there are no test pictures, its running loss.
    batch_size : int
        The paper's 128.
    seed : int
        Of the order of the pictures and of their augmentation.
    augment : callable (images, preprocessing, rng) -> x, optional
        Such as `minialexnet.data.augment.Augmentation`; by default the centre crops.
        On ranks it takes `own` and `N` too, as that does.
    workers : int
        Threads that prepare batches while the network computes; they change no bit.
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
        parts: int | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        super().__init__(model, optimizer, device, threads, parts, ranks)
        self.schedule, self.dataset, self.seed = schedule, dataset, seed
        self.batch_size, self.workers = batch_size, workers
        prepare = self.preparing(augment or Augmentation(False, False))
        both, share = (dataset.train_images, dataset.train_labels), self.network.share
        self.loader = Loader(*both, prepare, batch_size, seed, workers, share)

    def run_epoch(self, progress: Callable[[int], None] | None = None) -> None:
        """Train on every picture once, and add to `history` what came of it.

        The entry holds "epoch", counted from 1; "learning_rate", that of its last
        step; "running_loss", the mean loss while the weights were changing, in nats per
        example; "seconds" and "cpu_seconds", the time that its training took; and
        "peak_memory_gib", the most that the program has held so far, where the system
        tells it.

        Parameters
        ----------
        progress : callable (int), optional
            Called with the pictures of each batch done. It may call `save`: an epoch
            that was begun is gone on with after its last batch.

        Raises
        ------
        DivergedError
            If the loss becomes infinite or no number. The history stays as it was;
            the weights are not to be trusted.
        RuntimeError
            If the schedule needs the test error of the epoch before.
        """
        self.refuse_untold()
        epoch, begun = len(self.history) + 1, self.begun
        pictures = len(self.dataset.train_labels)
        order = np.random.default_rng([self.seed, epoch]).permutation(pictures)
        wall = time.perf_counter() - begun["seconds"]
        cpu = time.process_time() - begun["cpu_seconds"]
        with use_device(self.device):
            for x, labels in self.loader.batches(order, epoch, begun["batches"]):
                self.set_rate(begun["batches"])
                loss = self.step(x, labels)
                if not np.isfinite(loss):
                    raise self.diverged(loss, f"in epoch {epoch}")
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
                **{key: begun[key] for key in ("seconds", "cpu_seconds")},
            }
            | ({} if (peak := peak_memory_gib()) is None else {"peak_memory_gib": peak})
        )
        self.begun = dict(NOT_BEGUN)
        if self.schedule is not None and not len(self.dataset.test_labels):
            self.schedule.update(self.history[-1]["running_loss"])

    def evaluate(
        self, split: str, progress: Callable[[int], None] | None = None
    ) -> None:
        """Measure the error over all of a split, and add it to the last epoch's entry.

        Parameters
        ----------
        split : {"train", "test"}
            Adds "train_error", "train_top5_error", "train_loss", or those of "test".
        progress : callable (int), optional

        Raises
        ------
        DivergedError, RuntimeError
            If the loss over the split is no finite number; if no epoch is done yet.
        """
        if not self.history:
            raise RuntimeError("evaluate was called before run_epoch")
        images = getattr(self.dataset, f"{split}_images")
        labels = getattr(self.dataset, f"{split}_labels")
        how = self.model.preprocessing, self.batch_size, self.device
        found = evaluate(self.network, images, labels, *how, progress, self.workers)
        if not np.isfinite(found["loss"]):
            by = self.network.blame()
            raise DivergedError(f"the {split} loss became {found['loss']}{by}")
        again = "test_error" in self.history[-1]
        self.history[-1].update({f"{split}_{k}": value for k, value in found.items()})
        if split == "test" and self.schedule is not None and not again:
            self.schedule.update(found["error"])
