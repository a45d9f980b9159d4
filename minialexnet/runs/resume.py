"""All that a checkpoint of a training holds, so that it goes on to the bit."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

from ..data.dataset import Dataset
from ..data.digest import digest
from ..engine.arrays import Array, get_array_module
from ..engine.devices import use_device, use_device_of
from ..engine.transfer import to_numpy
from ..files import checkpoint
from ..model import pack
from ..schedules import ConstantRate, Schedule
from ..step import Steps
from .config import Config
from .defaults import EARLIER
from .state import RUN

NOT_BEGUN = {"batches": 0, "loss": 0.0, "seconds": 0.0, "cpu_seconds": 0.0}


class Resumable(Steps):
    """A training that can be saved after any step, and gone on with.

    No random generator is kept: the order of the pictures in an epoch and what is
    drawn to augment each come from the seed, the number of the epoch and that of the
    batch alone, and the dropout masks from a count of the steps.

    Parameters
    ----------
    model, optimizer, device, threads, parts, ranks
        See `Steps`.

    Attributes
    ----------
    dataset, batch_size : Dataset, int
        What is trained on, and how much of it a step; set by the subclass.
    schedule : Schedule or None
    history : list of dict
        One entry for each finished epoch, see `minialexnet.train.Training.run_epoch`.
    begun : dict
        What was done of the next epoch: "batches", the "loss" summed over their
        pictures, "seconds" and "cpu_seconds".
    runs : list of dict
        How and where each program measured that worked on it, see
        `minialexnet.files.records.provenance`; for its caller to fill.
    """

    dataset: Dataset
    batch_size: int
    schedule: Schedule | None = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.history: list[dict[str, Any]] = []
        self.begun: dict[str, Any] = dict(NOT_BEGUN)
        self.runs: list[dict[str, Any]] = []

    def refuse_untold(self) -> None:
        """Refuse another epoch while the schedule needs the last one's test error."""
        needs = not isinstance(self.schedule, ConstantRate | None)
        told = not self.history or "test_error" in self.history[-1]
        if needs and not told and len(self.dataset.test_labels):
            raise RuntimeError('expected evaluate("test") between two epochs')

    @cached_property
    def pictures(self) -> str:
        """A hash of the pictures that are trained on."""
        return digest(self.dataset)

    def set_rate(self, batches: int) -> None:
        """Set the optimiser's rate as after so many batches of the epoch."""
        if self.schedule is not None:
            done = batches * self.batch_size / len(self.dataset.train_labels)
            self.optimizer.learning_rate = self.schedule.rate(done)

    def save(self, path: str | os.PathLike[str], config: Mapping[str, Any]) -> None:
        """Write a checkpoint that `load` goes on from, to the bit.

        It is a file of the model too, see `minialexnet.model.load`, whichever devices
        the network is on.

        Parameters
        ----------
        path : str or path
            Of the .npz; written to a temporary name and renamed.
        config : dict
            What the run was asked to be; `load` refuses another.
        """
        weights = self.network.join(self.network.parameters())
        velocities = self.network.join(self.optimizer.velocities)
        arrays, state = pack(self.model, weights)
        arrays |= {f"v/{name}": to_numpy(v) for name, v in velocities.items()}
        state |= {
            "config": dict(config),
            "history": self.history,
            "begun": self.begun,
            "runs": self.runs,
            "layers": self.network.states(),
            "pictures": self.pictures,
            "schedule": vars(self.schedule) if self.schedule is not None else None,
        }
        checkpoint.save(path, arrays, state)

    def load(
        self, path: str | os.PathLike[str], config: Mapping[str, Any] | None = None
    ) -> None:
        """Go on from a checkpoint.

        Parameters
        ----------
        path : str or path
        config : dict, optional
            What the run is to be; not compared when not given.

        Raises
        ------
        checkpoint.CheckpointError
            If the file is no whole checkpoint.
        ValueError
            If it is of a run with another config, which is named, or on other pictures.
            A checkpoint of version 1 does not say of which.
        """
        arrays, state = checkpoint.load(path, RUN)
        asked = state["config"] if config is None else config
        absent = asdict(Config()) | EARLIER  # before there were such options
        for key in asked.keys() | state["config"].keys():
            was, now = (c.get(key, absent.get(key)) for c in (state["config"], asked))
            if was != now:
                raise ValueError(
                    f"{path}: the run has {key} {was}, asked for was {now}"
                )
        weights, velocities = (
            {k[2:]: a for k, a in arrays.items() if k.startswith(kind)}
            for kind in ("w/", "v/")
        )
        if state.get("pictures", self.pictures) != self.pictures:
            raise ValueError(
                f"{path}: expected the pictures that the run was trained on, got others"
            )
        try:
            self._check(state, weights, velocities)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        with use_device(self.device):
            self.network.load(weights, state["layers"])
        pieces = self.network.split(velocities)
        for name, v in self.optimizer.velocities.items():
            with use_device_of(v):
                v[...] = get_array_module(v).asarray(pieces[name])
        self.history, self.runs = state["history"], state.get("runs", [])
        self.begun = state.get("begun", dict(NOT_BEGUN))
        if self.schedule is not None:
            vars(self.schedule).update(state["schedule"])
        self.set_rate(max(0, self.begun["batches"] - 1))  # as in the step before

    def _check(self, state: Mapping[str, Any], *read: Mapping[str, Array]) -> None:
        """See that what was read is of this training, before anything is changed."""
        whole = self.model.network
        for arrays in read:
            whole.must_fit(arrays, whole.states())
        own = None if self.schedule is None else vars(self.schedule)
        found = state["schedule"]
        if own is not None and (found is None or own.keys() != found.keys()):
            raise ValueError(
                f"expected the state of the schedule, {', '.join(own)}, got "
                f"{', '.join(found) if found else 'none'}"
            )
