"""The runs that the claims ask for: each once, in the order of the claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from minialexnet.files.records import Record
from minialexnet.runs.config import Config

from .claim import Claim, Goal, Variant

# Of the sweep of an arm: the rate chosen, or None if it is not finished.
Choice = Callable[[Claim, Variant], float | None]
FULL = ("ten_crops", "average_five", "average_seven")


@dataclass(frozen=True)
class Planned:
    """One training.

    Attributes
    ----------
    arm : str
        Its name, and the folder of its records.
    config : Config
    goal : Goal
    first : Planned, optional
        The run whose layers it begins with.
    wants : frozenset of str
        What is measured besides: "train" (the training error after each epoch),
        "probabilities" (all of them, by one crop and ten), "shifted", "purity",
        "sweep" (nothing but the held-out error).
    claims : tuple of (str, str)
        The claims that ask for it, and the sha256 of their entries.
    """

    arm: str
    config: Config
    goal: Goal
    first: Planned | None = None
    wants: frozenset[str] = frozenset()
    claims: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return a name for progress bars."""
        return f"{self.arm}, seed {self.config.seed}"

    @property
    def file(self) -> str:
        """The name of its files, without an ending."""
        return f"{self.arm}/seed_{self.config.seed}"

    def labels(self) -> Record:
        """Return what it is called in the records."""
        return {"arm": self.arm, "seed": self.config.seed}

    def is_like(self, other: Planned) -> bool:
        """Say whether another run has the same bits."""
        same_first = self.first is other.first is None or (
            self.first is not None
            and other.first is not None
            and self.first.is_like(other.first)
        )
        return same_first and (self.config, self.goal) == (other.config, other.goal)

    def asked(self) -> Record:
        """Return all that its bits depend on, as a checkpoint holds it."""
        config = asdict(self.config)
        del config["device"]
        return config | {"first": self.first and self.first.asked()}


def run_of(claim: Claim, variant: Variant, seed: int, rate: float = 0.0) -> Planned:
    """Return an arm's run from a seed, at the base's rate or another."""
    config = replace(claim.config, **variant.changes, seed=seed)
    name = variant.name
    if rate and rate != config.learning_rate:
        config = replace(config, learning_rate=rate)
        name += f"-rate-{rate:g}"
    first = None
    if variant.first is not None:
        first = run_of(claim, variant.first, seed)
        first = replace(first, wants=frozenset({"kept"}))
    found = Planned(name, config, claim.goal, first)
    return replace(
        found, wants=wants(claim, variant), claims=((claim.id, claim.sha256),)
    )


def wants(claim: Claim, variant: Variant) -> frozenset[str]:
    """Return what a claim has measured on the runs of an arm."""
    found = set()
    if claim.measure == "epochs_to":
        found.add("train")
    if claim.measure in FULL:
        found.add("probabilities")
    if claim.measure == "shifted_error":
        found.add("shifted")
    if claim.measure == "purity":
        found.add("purity")
    if variant.seeds == 1:
        found.add("kept")
    return frozenset(found)


def sweep_of(claim: Claim, variant: Variant) -> list[Planned]:
    """Return the short runs by which an arm's rate is chosen."""
    how, found = claim.sweep, []
    for rate in claim.rates_of(variant):
        run = run_of(claim, variant, how["seed"], rate)
        config = replace(run.config, tested_on="held-out")
        ends_by_loss = claim.goal.below_chance is not None
        if not ends_by_loss:
            config = replace(config, epochs=how["epochs"], schedule=how["schedule"])
        name = f"sweep/{variant.name}-rate-{rate:g}"
        if ends_by_loss:
            name = f"sweep/{claim.base.name}-{variant.name}-rate-{rate:g}"
        found.append(replace(run, arm=name, config=config, wants=frozenset({"sweep"})))
    return found


def of_claim(claim: Claim, chosen: Choice) -> Iterator[Planned]:
    """Yield the runs of one claim: the sweeps, then all arms seed by seed."""
    for variant in claim.variants:
        for run in sweep_of(claim, variant):
            if run.first:
                yield run.first
            yield run
    for seed in claim.seeds:
        for variant in claim.variants:
            if seed not in claim.seeds_of(variant):
                continue
            both = (chosen(claim, one) or 0.0 for one in (claim.base, variant))
            rates = dict.fromkeys(both)
            for rate in rates:
                run = run_of(claim, variant, seed, rate)
                if run.first:
                    yield replace(run.first, claims=run.claims)
                yield run


def plan(
    claims: Sequence[Claim], chosen: Choice, only: Iterable[str] = ()
) -> list[Planned]:
    """Return the runs of the claims, each once, with all that any claim asks of it.

    Parameters
    ----------
    claims : sequence of Claim
        All of them: what one asks of the base is measured for whichever comes first.
    chosen : callable
    only : iterable of str
        The claims whose runs are wanted; by default all.

    Raises
    ------
    ValueError
        If two runs that differ have one name.
    """
    wanted, merged = set(only), dict[str, Planned]()
    needed: dict[str, None] = {}
    for claim in claims:
        if not claim.is_measured:
            continue
        for run in of_claim(claim, chosen):
            if claim.id in wanted or not wanted:
                needed[run.file] = None
            known = merged.setdefault(run.file, run)
            if not known.is_like(run):
                raise ValueError(f"two runs that differ are called {run}")
            merged[run.file] = replace(
                known,
                wants=known.wants | run.wants,
                claims=tuple(dict.fromkeys(known.claims + run.claims)),
            )
    return [merged[file] for file in needed]
