"""A claim: its arms, its base, and where its runs end."""

from __future__ import annotations

from dataclasses import dataclass

from minialexnet.files.records import Record
from minialexnet.runs.config import Config


@dataclass(frozen=True)
class Goal:
    """Where a run ends before its last epoch.

    Attributes
    ----------
    below_chance : float, optional
        Nats that the loss over 25 batches is to be below that of chance, ln(classes).
    steps : int, optional
        The most steps.
    train_error : float, optional
        A training error, measured after each epoch.
    """

    below_chance: float | None = None
    steps: int | None = None
    train_error: float | None = None


@dataclass(frozen=True)
class Variant:
    """An arm: the fields of the base's config that it changes.

    Attributes
    ----------
    name : str
    changes : dict
    seeds : int, optional
        Where it has fewer than the claim.
    first : Variant, optional
        The run that it begins with the layers of.
    rates : tuple of float
        That are swept, where they are others than the claim's.
    """

    name: str
    changes: Record
    seeds: int | None = None
    first: Variant | None = None
    rates: tuple[float, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One entry, see ``claims.toml`` for its fields.

    Attributes
    ----------
    entry : dict
        As it stands there.
    base : Variant
        Of no changes.
    config : Config
        Of the base.
    sha256 : str
        Of the entry with its base and the rule of the sweep.
    """

    entry: Record
    base: Variant
    config: Config
    goal: Goal
    arms: tuple[Variant, ...]
    seeds: range
    sweep: Record
    sha256: str

    @property
    def id(self) -> str:
        """Its name on the command line."""
        return str(self.entry["id"])

    @property
    def measure(self) -> str:
        """The one primary measure."""
        return str(self.entry["measure"])

    @property
    def direction(self) -> int:
        """The side of 0 that the claim is on."""
        return int(self.entry.get("direction", 1))

    def rates_of(self, variant: Variant) -> tuple[float, ...]:
        """Return the learning rates that are swept for an arm."""
        every = tuple(self.entry.get("rates", ()))
        return (variant.rates or every) if every else ()

    @property
    def is_measured(self) -> bool:
        """Whether it can be measured here."""
        return "cannot" not in self.entry

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The base and the arms."""
        return (self.base, *self.arms)

    def seeds_of(self, variant: Variant) -> range:
        """Return the seeds of an arm."""
        return self.seeds if variant.seeds is None else self.seeds[: variant.seeds]
