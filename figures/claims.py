"""Every measured claim of the paper, measured again by one protocol.

The claims stand in ``claims.toml``: what the paper says, what is compared with what,
by which measure, from how many seeds. Each run is trained once, whichever claims share
it; its records go to figures/results/claims when it is finished, and until then it can
be gone on with from its checkpoint, to the bit. The verdict comes from a t interval
over paired seeds by rule.

A question of one's own is a change of a field of the run's config, or of the network's
profile::

    python figures/claims.py --arm "pooling=4" --data shapes
    python figures/claims.py --arm "dropout=0.3" --arm 'removed=["conv4"]'
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from compare import frame
from compare.numbers import MOST_SEEDS
from minialexnet.commands import positive
from minialexnet.commands.together import cores_of, is_first, meet, together
from minialexnet.engine.blas import cores
from minialexnet.engine.devices import check_device
from minialexnet.files.records import Record, provenance, write_lines
from minialexnet.run import load_pictures
from protocol import entries, verdicts
from protocol.agreed import agreed
from protocol.claim import Claim
from protocol.costs import hours
from protocol.one_claim import draw_claim
from protocol.page import write_page
from protocol.pictures import draw_all
from protocol.questions import question
from protocol.scheduler import open_runs, train_all
from protocol.store import Store
from protocol.training import Place

NAME = "claims"
RESULTS = entries.TOML.parent / "results"
RECORDS = RESULTS / NAME
DATA = ("shapes", "cifar10", "tiny-imagenet")
TITLE = "Every measured claim of the paper, measured again"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = frame.drawing_parser(__doc__, NAME)
    found.set_defaults(out=None)
    add = found.add_argument
    add("--protocol", type=Path, default=entries.TOML, help="the .toml of another one")
    add(
        "--only",
        nargs="+",
        metavar="CLAIM",
        help="these claims; those that compare arms have a picture each (default: all)",
    )
    add(
        "--data",
        choices=DATA,
        help="the claims that are measured on it; shapes, which are drawn here, make a "
        "quick look of them all (default: each claim's own)",
    )
    add("--data-dir", help="where the data lies (default: $MINIALEXNET_DATA)")
    add(
        "--seeds",
        type=int,
        choices=range(1, MOST_SEEDS + 1),
        metavar="N",
        help="train at most so many seeds; a claim is judged when all are there",
    )
    add(
        "--jobs",
        type=positive,
        help="runs at once (default: one a core; on a GPU one)",
    )
    add("--device", default="cpu", help="cpu or cuda:0 (default: cpu)")
    add(
        "--records",
        type=Path,
        help="where finished runs are recorded (default: figures/results/claims; of "
        "a quick look OUT/records)",
    )
    add("--resume", action="store_true", help="go on with what is there")
    add(
        "--arm",
        action="append",
        metavar="FIELD=VALUE",
        help="a question of your own, quick: an arm that changes this field",
    )
    add("--table", action="store_true", help="train nothing: print a JSON line a claim")
    add("--draw", action="store_true", help="train nothing: draw what is recorded")
    add(
        "--list", action="store_true", help="print the claims, and what they still take"
    )
    return found


def asked(
    options: argparse.Namespace, seeds: int | None = None
) -> tuple[list[Claim], list[str]]:
    """Return the claims, of at most so many seeds, and those whose runs are wanted."""
    quick = "shapes" if options.data == "shapes" else ""
    if options.arm:
        if options.only or options.protocol != entries.TOML:
            raise ValueError("expected --arm without --only and --protocol")
        data = options.data or "shapes"
        told = entries.tables()
        own = [question(text, data) for text in options.arm]
        quick = "shapes" if data == "shapes" else ""
        found = [entries.read(entry, told, quick, seeds) for entry in own]
        for claim in found:
            if not claim.is_measured:
                raise ValueError(f"--arm {claim.id}: {claim.entry['cannot']}")
        return found, []
    claims = entries.load(options.protocol, quick, seeds)
    known = [claim.id for claim in claims]
    if odd := [name for name in options.only or [] if name not in known]:
        raise ValueError(f"expected --only of {', '.join(known)}, got {', '.join(odd)}")
    only = [
        claim.id
        for claim in claims
        if claim.id in (options.only or known)
        and (options.data in (None, "shapes") or claim.config.data == options.data)
    ]
    if not only:
        raise ValueError(
            f"expected claims that are measured on {options.data}, got "
            f"{', '.join(options.only or known)}"
        )
    return claims, only


def setup(options: argparse.Namespace, quick: bool) -> Record:
    """Return how and where is measured, and by which protocol.

    The command is without this machine's folders.

    Raises
    ------
    ValueError
        If a measurement is to begin from files that are not committed.
    """
    found: Record = provenance()
    if not quick and (found["commit"] or "-dirty").endswith("-dirty"):
        raise ValueError(
            "expected a clean checkout: the protocol comes before the runs"
        )
    for name in ("data_dir", "out", "records"):
        if folder := getattr(options, name):
            found["command"] = found["command"].replace(str(folder), name.upper())
    return found | {"quick": quick, "protocol": agreed(options.protocol)}


def place_of(options: argparse.Namespace) -> tuple[Store, bool, Path]:
    """Return where records lie, whether they are of a quick look, and for pictures."""
    quick, name = options.data == "shapes" or bool(options.arm), options.protocol.stem
    kind = f"arm_{options.data or 'shapes'}" if options.arm else options.data
    out = options.out or Path("runs") / (f"{name}_{kind}" if quick else name)
    records = options.records or (out / "records" if quick else RESULTS / name)
    return Store(records, out / "checkpoints"), quick, out


def measure(options: argparse.Namespace, claims: list[Claim], only: list[str]) -> None:
    """Train all runs that are not finished."""
    store, quick, _ = place_of(options)
    earlier = any(folder.exists() for folder in (store.records, store.checkpoints))
    if earlier and not options.resume:
        raise ValueError(
            f"{store.records} holds earlier runs: go on with them by --resume"
        )
    check_device(options.device)
    jobs = options.jobs or (cores_of(options.ranks) if options.device == "cpu" else 1)
    meet(options.ranks)  # all have seen what was there, before anything is written
    place = Place(store, setup(options, quick), options.data_dir, options.device)
    wanted = [claim for claim in claims if not only or claim.id in only]
    runs = open_runs(claims, store, only)
    print(hours(wanted, store, runs, jobs), flush=True)
    for config in {run.config.data: run.config for run in runs[::-1]}.values():
        load_pictures(config, options.data_dir)  # what is wrong with it is said once
    train_all(claims, place, jobs, only, options.ranks)


def draw(
    options: argparse.Namespace,
    place: tuple[Store, bool, Path],
    claims: list[Claim],
    lines: list[Record],
    whole: bool,
) -> list[Path]:
    """Draw and write what is known of the claims: of those asked for, one by one."""
    store, quick, out = place  # the store has read the records already
    out.mkdir(parents=True, exist_ok=True)
    if options.only or options.arm:
        pairs = zip(claims, lines, strict=True)
        return [f for pair in pairs for f in draw_claim(*pair, store, out, quick)]
    path = out / options.protocol.stem
    title = entries.tables(options.protocol)["protocol"].get("title", TITLE)
    files = draw_all(claims, lines, store, path, quick, title)
    if whole:
        table = store.records.parent / f"{store.records.name}.jsonl"
        write_lines(table, verdicts.as_json(lines))
        files += [*write_page(lines, path.with_suffix(".rst"), files), table]
    return files


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options: Any = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    kept = "What is finished is kept; go on by the same command with --resume."

    def work() -> tuple[str, list[Path]]:
        store, quick, _ = place = place_of(options)
        if (options.table or options.draw) and not store.records.is_dir():
            raise ValueError(f"expected a folder of records, got {store.records}")
        claims, only = asked(options, options.seeds)
        shown = [claim for claim in claims if not only or claim.id in only]
        if options.list:
            jobs = options.jobs or cores()
            runs = open_runs(claims, store, only)
            words = [f"In all: {hours(shown, store, runs, jobs)}"]
            for claim in shown[::-1]:
                own = [run for run in runs if claim.id in dict(run.claims)]
                words.insert(0, f"{claim.id}: {hours([claim], store, own, jobs)}")
            return "\n".join(words), []
        if not (options.table or options.draw):
            with together(NAME, None, frame.REFUSED, kept) as options.ranks:
                measure(options, claims, only)
        if not is_first(None):
            return "", []
        wanted = {claim.id for claim in shown}
        if not quick:
            claims, _ = asked(options)  # of all their seeds
        shown = [claim for claim in claims if claim.id in wanted]
        lines = [ln for ln in verdicts.table(claims, store) if ln["claim"] in wanted]
        if options.table:
            return "\n".join(map(json.dumps, verdicts.as_json(lines))), []
        words = [verdicts.sentence(line) for line in lines]
        files = draw(options, place, shown, lines, len(lines) == len(claims))
        return "QUICK RUN. " * quick + "\n".join(words), files

    return frame.run_command(NAME, work, kept, on_ranks=True)


if __name__ == "__main__":
    sys.exit(main())
