"""From the differences of a claim's seeds to its line, by rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from compare.numbers import interval
from compare.paired import holm, sign_flip, t_test, verdict
from minialexnet.files.records import Record

from .claim import Claim, Variant
from .differences import Differences
from .measures import RATIOS, differences, earlier_records
from .store import Store

LEAST_P = 1e-6  # that is told apart from 0


def table(claims: Sequence[Claim], store: Store) -> list[Record]:
    """Return a line for each claim, in their order.

    p is the paired t-test's after Holm, over all claims that can be measured; one that
    is not measured yet counts as 1.
    """
    lines = [line(claim, store) for claim in claims]
    measured = [line for line in lines if "cannot" not in line]
    ps = [1.0 if line["p"] is None else line["p"] for line in measured]
    for found, p in zip(measured, holm(ps), strict=True):
        if found["p"] is not None:
            found["p_alone"], found["p"] = found["p"], float(f"{p:.3g}")
    return lines


def line(claim: Claim, store: Store) -> Record:
    """Return what is known of a claim; low is null where there is no interval.

    "here", "low" and "high" are points of error, or for "epochs_to" and "steps_to" how
    many times as long the arm took as the base. "p" is not corrected yet.
    """
    entry = claim.entry
    found: Record = {key: entry[key] for key in ("section", "sentence", "measure")}
    found = {"claim": entry["id"], "words": entry["claim"]} | found
    found |= {"paper": entry.get("paper"), "log": entry.get("log")}
    found |= {"others": entry.get("others"), "shows_not": entry.get("shows_not")}
    nothing: Record = dict.fromkeys(
        ("here", "low", "high", "bootstrap", "p", "p_sign", "verdict")
    )
    if not claim.is_measured:
        return found | nothing | {"seeds": 0, "cannot": entry["cannot"]}
    arms = claim.arms or (claim.base,)
    first, *others = (of_arm(claim, variant, store) for variant in arms)
    found |= nothing | {"seeds": 0} | first
    if found["here"] is not None:
        found["recorded"] = recorded(claim, store)
    if first.get("low") is None:
        done = f"{first.get('seeds', 0)} of {len(claim.seeds)}"
        found["why"] = f"not finished, {done} seeds measured"
        if first.get("here") is not None:
            found["why"] = "one seed, no interval"
    if others:
        found["other_arms"] = others
    return found


def recorded(claim: Claim, store: Store) -> list[Record]:
    """Return by which commits, on which days and machines its runs were measured."""
    runs = [run for variant in claim.variants for run in store.runs(claim, variant)]
    lines = [line for run in runs for line in store.lines(run)]
    found = [
        {
            "date": line["date"][:10],
            "commit": line["commit"],
            "machine": line["machine"],
        }
        for line in lines + earlier_records(claim)
        if line["kind"] == "setup"
    ]
    return [one for i, one in enumerate(found) if one not in found[:i]]


def of_arm(claim: Claim, variant: Variant, store: Store) -> Record:
    """Return what is known of an arm at its own rate, and at the base's beside it.

    Until its sweep and all of its seeds are finished that is only how many are: who
    looks at some seeds first may stop at those that please.
    """
    found: Record = {"arm": variant.name}
    own, wanted = differences(claim, variant, store), claim.seeds_of(variant)
    done = len(set(wanted) & set(own.seeds))
    swept = [store.chosen(claim, one) for one in (variant, claim.base)]
    if done < len(wanted) or (claim.rates_of(variant) and None in swept):
        return found | {"seeds": done}
    found |= numbers_of(claim, own)
    rate, base = swept
    if claim.arms and rate is not None:
        found |= {"rate": rate, "base_rate": base}
        if rate != base:
            plain = differences(claim, variant, store, at_base_rate=True)
            found["at_base_rate"] = numbers_of(claim, plain, with_pictures=False)
    return found


def numbers_of(claim: Claim, found: Differences, with_pictures: bool = True) -> Record:
    """Return mean, interval, tests and verdict of differences."""
    seeds = len(found.seeds)
    if not seeds:
        return {"seeds": 0}
    mean, half = interval(found.values)
    result: Record = {"here": shown(claim, mean), "seeds": seeds}
    if not math.isnan(half):
        low, high = mean - half, mean + half
        ends = found.ends() if with_pictures else None
        result |= {
            "low": shown(claim, low),
            "high": shown(claim, high),
            "bootstrap": ends and [round(end, 3) for end in ends],
            "p": float(f"{t_test(found.values):.3g}"),
            "p_sign": float(f"{sign_flip(found.values):.3g}"),
            "verdict": verdict(low, high, claim.direction),
        }
    if found.bound:
        result["bound"] = "a run that missed the goal counts as if it ended there"
    result |= {name: round(mean, 3) for name, mean in found.means.items()}
    if "arm" in found.means:
        result["arm_mean"] = result.pop("arm")
        result["base_mean"] = result.pop("base")
    if found.by_seed:
        result["by_seed"] = found.by_seed
    return result | found.also


def shown(claim: Claim, value: float) -> float:
    """Return a number as it is shown: a ratio, or points."""
    return round(math.exp(value) if claim.measure in RATIOS else value, 3)


def sentence(line: Record) -> str:
    """Say a claim's line in words that a terminal holds.

    Examples
    --------
    >>> sentence({"words": "without lrn", "here": 1.5, "low": 0.5, "high": 2.5,
    ...     "measure": "test_error", "seeds": 6, "p": 0.01, "verdict": "holds",
    ...     "paper": 1.4})
    'without lrn: +1.50 points (0.50 to 2.50, 6 seeds, p 0.01), paper +1.40: holds'
    """
    if line["here"] is None:
        return f"{line['words']}: {line.get('cannot') or line['why']}"
    form, unit = ("+.2f", " points")
    if line["measure"] in RATIOS:
        form, unit = (".2f", " times as long")
    words = f"{line['words']}: {line['here']:{form}}{unit}"
    if line["low"] is None:
        return f"{words} ({line['why']})"
    words += f" ({line['low']:.2f} to {line['high']:.2f}, {line['seeds']} seeds, "
    words += f"{chance_of(line['p'])}{bound_of(line)})"
    if line["paper"] is not None:
        words += f", paper {line['paper']:{form}}"
    return f"{words}: {line['verdict']}"


def bound_of(line: Record) -> str:
    """Say if runs did not come to the goal, so that a ratio is a bound."""
    return f"; {line['bound']}" if "bound" in line else ""


def chance_of(p: float) -> str:
    """Say a p; what is below a millionth differs by the rounding.

    Examples
    --------
    >>> chance_of(0.03141), chance_of(2e-9)
    ('p 0.031', 'p < 1e-06')
    """
    return f"p {p:.2g}" if p >= LEAST_P else f"p < {LEAST_P:.0e}"


def as_json(lines: Sequence[Record]) -> list[dict[str, Any]]:
    """Return lines without what an entry does not say, with a sentence each."""
    keep = ("here", "low", "high", "p", "verdict", "paper")
    return [
        {k: v for k, v in line.items() if v is not None or k in keep}
        | {"text": sentence(line)}
        for line in lines
    ]
