"""Learning rates by epoch: constant, by a list, and by plateau as the paper's."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Protocol


class Schedule(Protocol):
    """The learning rate of each epoch, told the validation error after each."""

    def rate(self, done: float = 0.0) -> float:
        """Return the rate of the epoch to come, when a share of it is done."""

    def update(self, validation_error: float) -> None:
        """Take in the validation error at the end of an epoch."""


class _Finite:
    """What every schedule here refuses: infinite rates and factors, and a factor 0."""

    learning_rate: float
    factor: float = 1

    def __post_init__(self) -> None:
        rate, factor = self.learning_rate, self.factor
        if not (isfinite(rate) and rate >= 0):
            raise ValueError(f"expected a finite learning_rate >= 0, got {rate}")
        if not (isfinite(factor) and factor > 0):
            raise ValueError(f"expected a finite factor > 0, got {factor}")


@dataclass
class ConstantRate(_Finite):
    """The same rate throughout."""

    learning_rate: float

    def rate(self, done: float = 0.0) -> float:
        """Return the rate of the epoch to come."""
        return self.learning_rate

    def update(self, validation_error: float) -> None:
        """Take in the validation error, which changes nothing."""


@dataclass
class EpochListRate(_Finite):
    """Divide the rate when given epochs begin.

    Parameters
    ----------
    learning_rate : float
    epochs : tuple of int
        Epochs are counted from 0: (25, 51) divides before the 26th and the 52nd.
    factor : float
        What the rate is divided by, the paper's 10.
    """

    learning_rate: float
    epochs: tuple[int, ...]
    factor: float = 10
    epoch: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if list(self.epochs) != sorted({*self.epochs}):
            raise ValueError(f"expected numbers of epochs that grow, got {self.epochs}")

    def rate(self, done: float = 0.0) -> float:
        """Return the rate of the epoch to come."""
        drops = sum(self.epoch >= epoch for epoch in self.epochs)
        return float(self.learning_rate / self.factor**drops)

    def update(self, validation_error: float) -> None:
        """Count one more epoch as done."""
        self.epoch += 1


@dataclass
class PlateauRate(_Finite):
    """Divide the rate when the validation error stops improving (section 5).

    The paper does it by eye, three times in all. Here the error has stopped improving
    when `patience` epochs in a row have not been better than the best before them.

    Parameters
    ----------
    learning_rate : float
    patience : int
        Epochs.
    drops : int
        How often at most the rate is divided.
    factor : float
        What the rate is divided by, the paper's 10.
    """

    learning_rate: float
    patience: int = 3
    drops: int = 3
    factor: float = 10
    best: float = field(default=float("inf"), kw_only=True)
    waited: int = field(default=0, kw_only=True)
    dropped: int = field(default=0, kw_only=True)

    def rate(self, done: float = 0.0) -> float:
        """Return the rate of the epoch to come."""
        return float(self.learning_rate / self.factor**self.dropped)

    def update(self, validation_error: float) -> None:
        """Take in the validation error at the end of an epoch."""
        if validation_error < self.best:
            self.best, self.waited = validation_error, 0
            return
        self.waited += 1
        if self.waited >= self.patience and self.dropped < self.drops:
            self.dropped, self.waited = self.dropped + 1, 0
