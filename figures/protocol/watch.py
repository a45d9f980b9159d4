"""Where a run ends in the midst of an epoch: the loss is where it was to come."""

from __future__ import annotations

import math
from collections import deque

from minialexnet.files.records import Record
from minialexnet.train import Training

from .planned import Planned

WINDOW = 25  # batches, over which a loss is compared with the goal


class ReachedError(Exception):
    """The loss is where it was to come, or the steps are used up."""


class Watch:
    """Looks at the loss after each batch, where the goal is one.

    The mean is over the last `WINDOW` batches of an epoch, so it is the same for a run
    that was stopped after an epoch and gone on with.
    """

    def __init__(self, run: Planned, training: Training) -> None:
        self.goal, self.training = run.goal, training
        history = training.history
        self.steps = int(history[-1].get("steps", 0)) if history else 0
        self.sum, self.pictures, self.reached = 0.0, 0, False
        self.losses: deque[tuple[float, int]] = deque(maxlen=WINDOW)

    def batch(self, pictures: int) -> None:
        """Take in a batch; raise `ReachedError` where the run is to end."""
        self.steps += 1
        self.pictures += pictures
        total = self.training.begun["loss"]
        self.losses.append((total - self.sum, pictures))
        self.sum = total
        if self.goal.below_chance is None or len(self.losses) < WINDOW:
            return
        loss, count = map(sum, zip(*self.losses, strict=True))
        chance = math.log(len(self.training.dataset.class_names))
        self.reached = loss / count < chance - self.goal.below_chance
        if self.reached or self.steps >= (self.goal.steps or math.inf):
            raise ReachedError

    def entry(self, number: int) -> Record:
        """Return what the history says of an epoch that was not finished."""
        begun = self.training.begun
        return {
            "epoch": number,
            "learning_rate": self.training.optimizer.learning_rate,
            "running_loss": begun["loss"] / self.pictures,
            "seconds": begun["seconds"],
            "cpu_seconds": begun["cpu_seconds"],
        }
