"""The table of the claims as a page: an overview, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from minialexnet.files.records import Record
from minialexnet.files.replacing import replacing

from .measures import RATIOS
from .verdicts import bound_of, chance_of

BASE_RUN = "40.664 and 18.210 % of run 145"  # which every other run is compared with
AGAIN = "--records runs/again --resume"  # where there are no records yet
HEADERS = (
    "claim",
    "section",
    "paper",
    "here",
    "95 % interval",
    "seeds",
    "p",
    "verdict",
)

# Paths and names are those of lessons/site/claims.rst, which takes the page in.
PICTURE = """\
.. figure:: ../../figures/NAME.png
   :alt: One row a claim: a dot with its interval, black where the claim holds, white \
where the opposite was measured, grey where nothing was seen; crosses are the paper's.
   :width: 720

   Each claim's difference with its interval; where the paper has one, a cross."""
CURVES = """\
.. figure:: ../../figures/NAME_curves.png
   :alt: A small panel for each claim about an error: the error of each of its arms \
against the epochs.
   :width: 720

   The learning curves behind the differences, each at the rate by which the arm is \
judged: of the test error, or of the training error where the claim counts it."""


def write_page(
    lines: Sequence[Record], path: Path, pictures: Sequence[Path]
) -> list[Path]:
    """Write the page as reStructuredText, with a section a claim.

    Parameters
    ----------
    lines : sequence of dict
        See `verdicts.table`.
    path : Path
    pictures : sequence of Path
        What was drawn of them, see `pictures.draw_all`.
    """
    own = "" if path.stem == "claims" else f" --protocol figures/{path.stem}.toml"
    command = f"python figures/claims.py{own} --only"
    drawn = {picture.name for picture in pictures}
    parts = [overview(lines)]
    if f"{path.stem}.png" in drawn:
        parts.insert(0, PICTURE)
    if f"{path.stem}_curves.png" in drawn:
        parts.append(CURVES)
    parts = [part.replace("NAME", path.stem) for part in parts]
    parts += [section(line, command) for line in lines]
    text = "\n\n".join(parts) + "\n"
    with replacing(path) as file:
        file.write(text.encode())
    return [path]


def overview(lines: Sequence[Record]) -> str:
    """Return the table: one row a claim, the claim's name a link to its section."""
    rows = [row(HEADERS), *(row(cells(line)) for line in lines)]
    head = ".. list-table::\n   :header-rows: 1\n   :class: claims\n\n"
    return head + "\n".join(rows)


def row(cells: Sequence[str]) -> str:
    """Return a row of a list-table."""
    first, *rest = cells
    return "\n".join([f"   * - {first}", *(f"     - {cell}".rstrip() for cell in rest)])


def cells(line: Record) -> list[str]:
    """Return a claim's row."""
    found = [f"`{line['words']} <claim-{line['claim']}_>`__", line["section"]]
    found += [number(line, line["paper"]), number(line, line["here"])]
    if line["low"] is None:
        open_words = "cannot be measured here" if "cannot" in line else "not finished"
        return [*found, "", str(line["seeds"] or ""), "", open_words]
    found += [between(line, line), str(line["seeds"]), chance_of(line["p"])[2:]]
    return [*found, line["verdict"]]


def section(line: Record, command: str) -> str:
    """Return all that is known of a claim, and the command that measures it again."""
    title = line["words"][0].upper() + line["words"][1:]
    parts = [f".. _claim-{line['claim']}:", f"{title}\n{'-' * len(title)}"]
    where = line["section"]  # of the paper, by its number, or of another one
    where = f"Section {where}" if where[0].isdigit() else where
    parts.append(f"{where}: *“{line['sentence']}”*")
    facts = []
    if line["paper"] is not None:
        facts.append(f"The paper: {long_number(line, line['paper'])}.")
    if line["log"]:
        facts.append(logged(line["log"]))
    facts.append(here(line))
    facts += [other_arm(line, arm) for arm in line.get("other_arms", ())]
    if line["others"]:
        facts.append(f"Others: {line['others']}")
    if line["shows_not"]:
        facts.append(f"What it does not show: {line['shows_not']}")
    if "cannot" not in line:
        facts.append(f"Again: ``{command} {line['claim']} {AGAIN}``")
    return "\n\n".join([*parts, "\n".join(f"- {fact}" for fact in facts)])


def logged(log: Record) -> str:
    """Say what the log of the 2012 run ends with."""
    beside = log.get("of") or f"beside {BASE_RUN}"
    if log["run"] == "145":
        beside = "which is the base of the others"
    if "one_crop" in log:
        beside = "by ten crops, {} and {} % by one".format(*log["one_crop"])
    errors = f"{log['top1']:.3f} and {log['top5']:.3f} %"
    return f"The 2012 run {log['run']}: top-1 and top-5 error {errors}, {beside}."


def here(line: Record) -> str:
    """Say what was measured here."""
    if line["here"] is None or line["low"] is None:
        return f"Here: {line.get('cannot') or line['why'] + '.'}"
    words = measured(line, line) + f", {chance_of(line['p'])} after Holm's correction"
    if line["bootstrap"]:
        low, high = line["bootstrap"]
        words += f"; over seeds and pictures {low:+.2f} to {high:+.2f}"
    words += f"; by signs alone p {line['p_sign']:.2g}"
    return f"Here: {words}. **{judged(line)}.**" + rates(line, line)


def judged(line: Record) -> str:
    """Return the verdict, and how wide the interval was where nothing was seen."""
    words = str(line["verdict"]).capitalize()
    if line["verdict"] != "not seen" or line["measure"] in RATIOS:
        return words
    half = (line["high"] - line["low"]) / 2
    return f"{words}: the interval reaches {half:.2f} points to either side"


def other_arm(line: Record, arm: Record) -> str:
    """Say what was measured of an arm that the claim is not judged by."""
    if arm.get("low") is None:
        if "here" in arm:
            return f"Besides, {arm['arm']}: {long_number(line, arm['here'])}, one seed."
        return f"Besides, {arm['arm']}: {arm['seeds']} of its seeds measured."
    return f"Besides, {arm['arm']}: {measured(line, arm)}." + rates(line, arm)


def measured(line: Record, arm: Record) -> str:
    """Return mean, interval and seeds of an arm."""
    ends = f"{between(line, arm)}, {arm['seeds']} seeds{bound_of(arm)}"
    return f"{long_number(line, arm['here'])} ({ends})"


def rates(line: Record, arm: Record) -> str:
    """Say at which learning rates, where the arm's sweep chose one of its own."""
    found = arm.get("at_base_rate")
    if found is None or found.get("low") is None:
        return ""
    return (
        f" Its rate was {arm['rate']:g}, the base's {arm['base_rate']:g}; at the "
        f"base's rate {measured(line, found)}."
    )


def number(line: Record, value: float | None) -> str:
    """Return a difference in points with its sign, or a ratio."""
    if value is None:
        return ""
    return f"{value:.2f} times" if line["measure"] in RATIOS else f"{value:+.2f}"


def long_number(line: Record, value: float) -> str:
    """Return a number with its unit."""
    if line["measure"] in RATIOS:
        return f"{value:.2f} times as long"
    return f"{value:+.2f} points"


def between(line: Record, arm: Record) -> str:
    """Return an interval."""
    form = ".2f" if line["measure"] in RATIOS else "+.2f"
    return f"{arm['low']:{form}} to {arm['high']:{form}}"
