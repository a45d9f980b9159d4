"""What is compared: arms, each of which changes fields of a config, from seeds."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from minialexnet import Sequential
from minialexnet.files.records import Record
from minialexnet.runs.config import Config

History = list[Record]  # one entry an epoch
Key = tuple[Any, ...]  # a run's labels, as they stand in the records
# What no script says otherwise: a constant rate, no augmentation, one thread.
PLAIN: Record = {"schedule": "constant", "threads": 1}
PLAIN |= {"crops": False, "mirrors": False, "color": "none"}


def base_of(options: argparse.Namespace, **fields: Any) -> Config:
    """Return what all arms of a script share.

    Parameters
    ----------
    options : argparse.Namespace
        What a `frame.parser` read.
    **fields
        What the script itself decides.
    """
    names = ("data", "epochs", "batch_size", "convolution", "device")
    asked: Record = {name: getattr(options, name) for name in names if name in options}
    return Config(**PLAIN | asked | fields)


@dataclass(frozen=True)
class Arm:
    """One of the networks compared, and how it is trained.

    Attributes
    ----------
    name : str
        In file names and progress bars.
    changes : dict
        The fields of a `minialexnet.runs.config.Config` in which it differs from the
        others.
    rebuild : callable (network, seed) -> Sequential, optional
        Returns what is trained in place of the network as it was built; a function of
        a module, as it is sent to another process. Biases of such a network learn at
        the rate and decay of its weights.
    target : float
        A training error at which a run ends before its last epoch.
    labels : dict
        What the arm is called in the records, by default ``{"arm": name}``.
    """

    name: str
    changes: Record = field(default_factory=dict)
    rebuild: Callable[[Sequential, int], Sequential] | None = None
    target: float = -1.0
    labels: Record = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One training: an arm, and the config with its changes and a seed."""

    arm: Arm
    config: Config

    @property
    def labels(self) -> Record:
        """What the run is called in the records."""
        return (self.arm.labels or {"arm": self.arm.name}) | {"seed": self.config.seed}

    @property
    def key(self) -> Key:
        """The labels without their names."""
        return tuple(self.labels.values())

    def __str__(self) -> str:
        """Return a name for files and progress bars."""
        return f"{self.arm.name}-seed{self.config.seed}"

    def is_finished(self, history: History, until: int) -> bool:
        """Say whether the run is at its target, diverged, or out of epochs."""
        if not history:
            return until == 0
        last = history[-1]
        return (
            len(history) >= until
            or "diverged" in last
            or last.get("train_error", 1.0) <= self.arm.target
        )


def run_of(base: Config, arm: Arm, seed: int) -> Run:
    """Return an arm's run from a seed."""
    return Run(arm, replace(base, **arm.changes, seed=seed))


def runs_of(base: Config, arms: Sequence[Arm], seeds: int) -> list[Run]:
    """Return the runs of all arms, from the first seed, the second, and so on."""
    return [run_of(base, arm, seed) for seed in range(seeds) for arm in arms]
