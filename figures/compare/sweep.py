"""The best of several learning rates for each arm: found, recorded, read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from minialexnet.files.records import Record
from minialexnet.runs.config import Config

from .arms import Arm, History, run_of
from .numbers import epochs_to
from .workers import Workers

# The rates that a sweep can choose from, and those that it begins with.
LADDER = tuple(m * 10.0**e for e in range(-5, 1) for m in (1, 3))
FIRST_RATES = (0.001, 0.003, 0.01)
SEED = 0


def sweep(
    workers: Workers,
    base: Config,
    names: Sequence[str],
    arm_of: Callable[[str, float], Arm],
    until: int,
    label: str = "arm",
) -> dict[str, float]:
    """Return the learning rate at which each arm trains fastest.

    Fastest is: at its target after the fewest epochs, or else with the lowest training
    error, or else with the lowest loss, after `until` epochs from the first seed.
    Where the best rate is the smallest or largest tried, the next one on that side is
    tried too. The choice becomes a note of the workers' results.

    Parameters
    ----------
    workers : Workers
    base : Config
        What all runs share.
    names : sequence of str
    arm_of : callable (name, learning_rate) -> Arm
    until : int
        An epoch.
    label : str
        What the names are of, in the records.
    """

    def rank(name: str, rate: float) -> tuple[float, float, float]:
        arm = arm_of(name, rate)
        history = workers.results.histories[run_of(base, arm, SEED).key][:until]
        last_loss = history[-1].get("train_loss", float("inf"))
        errors = training_errors(history)
        return epochs_to(errors, arm.target), errors[-1], last_loss

    tried = {name: list(FIRST_RATES) for name in names}
    best: dict[str, float] = {}
    widened = True
    while widened:
        runs = [
            run_of(base, arm_of(name, rate), SEED)
            for name, rates in tried.items()
            for rate in rates
        ]
        workers.train("learning rates", runs, until)
        widened = False
        for name, rates in tried.items():
            best[name] = min(rates, key=partial(rank, name))
            place = LADDER.index(best[name])
            if best[name] == rates[0] and place > 0:
                rates.insert(0, LADDER[place - 1])
                widened = True
            elif best[name] == rates[-1] and place < len(LADDER) - 1:
                rates.append(LADDER[place + 1])
                widened = True
    kept = [note for note in workers.results.notes if note.get(label) not in names]
    how = {"sweep_epochs": until, "sweep_seed": SEED}
    workers.results.notes = kept + [
        {"kind": "choice", label: name, "learning_rate": best[name]}
        | {"tried": tried[name], **how}
        for name in names
    ]
    return best


def training_errors(history: History) -> list[float]:
    """Return the training error after each epoch, infinite where it diverged."""
    return [entry.get("train_error", float("inf")) for entry in history]


@dataclass(frozen=True)
class Chosen:
    """An arm's runs at the learning rate that was chosen for it.

    Attributes
    ----------
    name : str
    learning_rate : float
    histories : dict
        By seed.
    """

    name: str
    learning_rate: float
    histories: dict[int, History]

    def epochs(self, target: float) -> dict[int, float]:
        """Return the epochs to a training error by seed, or infinity."""
        return {
            seed: epochs_to(training_errors(history), target)
            for seed, history in self.histories.items()
        }

    def seconds(self, seed: int, epochs: float) -> float:
        """Return the processor seconds of so many epochs of training, no measuring.

        Of the processor, as runs go side by side, and machines do other things too.
        """
        history = self.histories[seed]
        whole = sum(entry["cpu_seconds"] for entry in history)
        return float(whole * min(1.0, epochs / len(history)))


def chosen(records: Sequence[Record], label: str = "arm") -> list[Chosen]:
    """Return the runs that the records hold at the chosen rates, arm by arm."""
    found = []
    for choice in (record for record in records if record["kind"] == "choice"):
        arm = {key: choice[key] for key in (label, "learning_rate")}
        histories: dict[int, History] = {}
        for record in records:
            if record["kind"] == "epoch" and arm.items() <= record.items():
                histories.setdefault(record["seed"], []).append(record)
        found.append(Chosen(choice[label], choice["learning_rate"], histories))
    return found
