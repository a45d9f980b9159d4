"""How a script is run from the command line: its options, and what it answers."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minialexnet.commands import positive
from minialexnet.commands.together import is_first, together
from minialexnet.engine.blas import limit_blas
from minialexnet.files.program import fail, run_program
from minialexnet.files.records import Record, read_lines
from minialexnet.layers.choice import CONVOLUTIONS

from .numbers import MOST_SEEDS
from .words import default_words

FIGURES = Path(__file__).resolve().parents[1]  # where the scripts lie

REFUSED = (OSError, ValueError, RuntimeError, LookupError)  # said in one line


def drawing_parser(doc: str | None, name: str) -> argparse.ArgumentParser:
    """Return a parser of what every script takes, --out.

    Parameters
    ----------
    doc : str
        The script's docstring, whose first line says what it does.
    name : str
        Of the script.
    """
    found = argparse.ArgumentParser(
        description=(doc or "").partition("\n")[0], allow_abbrev=False
    )
    out = Path("runs") / name
    found.add_argument("--out", type=Path, default=out, help=f"default: {out}")
    return found


def parser(
    doc: str | None, name: str, defaults: dict[str, Record]
) -> argparse.ArgumentParser:
    """Return a parser of the arguments that the scripts that train share.

    Parameters
    ----------
    doc, name : str
        See `drawing_parser`.
    defaults : dict of dict
        By data set, the first of which is the default: "seeds", "epochs", "batch_size"
        and what else the script has defaults for; `command` fills them in.
    """
    found = drawing_parser(doc, f"{name}_DATA")
    found.set_defaults(defaults=defaults, out=None)

    def add(option: str, text: str, **how: Any) -> None:
        key = option[2:].replace("-", "_")
        if all(key in by_data for by_data in defaults.values()):
            text += f" (default: {default_words(defaults, key)})"
        found.add_argument(option, help=text, **how)

    add(
        "--data",
        "shapes is drawn here, others are read or downloaded (default: shapes)",
        choices=list(defaults),
        default=next(iter(defaults)),
    )
    add("--data-dir", "where the data lies (default: $MINIALEXNET_DATA)")
    numbers = range(1, MOST_SEEDS + 1)
    add(
        "--seeds",
        "seeds of each arm",
        type=int,
        choices=numbers,
        metavar=f"1-{MOST_SEEDS}",
    )
    add("--epochs", "epochs at most", type=positive)
    add(
        "--pictures",
        "train on the first N pictures only, for a quick look (default: all)",
        type=positive,
        metavar="N",
    )
    add("--batch-size", "pictures a step", type=positive)
    add(
        "--convolution",
        "how convolutions are computed; the same but for rounding "
        "(default: winograd, the faster)",
        choices=list(CONVOLUTIONS),
        default="winograd",
    )
    add("--device", "cpu or cuda:0 (default: cpu)", default="cpu")
    add("--jobs", "runs at once (default: one a core; one on a GPU)", type=positive)
    add("--resume", "go on with what OUT holds", action="store_true")
    add(
        "--draw",
        "train nothing: draw the figure from recorded results",
        type=Path,
        metavar="JSONL",
    )
    return found


def command(
    name: str,
    options: argparse.Namespace,
    measure: Callable[[argparse.Namespace], None],
    sentence: Callable[[list[Record]], str],
    draw: Callable[[list[Record], Path], list[Path]],
) -> int:
    """Measure, unless only drawing was asked for, and draw; return the exit code.

    Parameters
    ----------
    name : str
        Of the script and its pictures.
    options : argparse.Namespace
        What a `parser` read.
    measure : callable (options)
        Writes ``options.out / "results.jsonl"``.
    sentence : callable (records) -> str
        Says what the records say.
    draw : callable (records, out) -> list of Path
        Draws OUT/NAME.png and .svg.
    """
    for key, value in options.defaults[options.data].items():
        if getattr(options, key) is None:
            setattr(options, key, value)
    options.out = options.out or Path("runs") / f"{name}_{options.data}"
    source = options.draw or options.out / "results.jsonl"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    kept = (
        f"Finished epochs are kept in {options.out}; to go on, give the same command "
        "with --resume (under make, ARGS=--resume)."
    )

    def work() -> tuple[str, list[Path]]:
        if options.draw is None:
            with together(name, None, REFUSED, kept) as options.ranks:
                measure(options)
        if not is_first(None):
            return "", []
        records = read_lines(source)
        try:
            text = sentence(records)
        except KeyError as error:
            raise ValueError(
                f"{source}: expected what {name} records, got lines without {error}"
            ) from error
        options.out.mkdir(parents=True, exist_ok=True)
        return text, draw(records, options.out)

    return run_command(name, work, kept, on_ranks=True)


def run_command(
    name: str,
    work: Callable[[], tuple[str, list[Path]]],
    stopped: str = "Nothing was kept.",
    on_ranks: bool = False,
) -> int:
    """Do the work, say what came of it, and return the exit code.

    Parameters
    ----------
    name : str
        Of the script.
    work : callable () -> (str, list of Path)
        Draws; returns what there is to say, which may be nothing, and the files.
    stopped : str
        What Ctrl-C leaves.
    on_ranks : bool
        Whether ranks share the work; else the first does it alone.

    Returns
    -------
    int
        0; 1 where what there is to say cannot be written; 2 for arguments, data or
        files that do not fit, said in one line; 130 after Ctrl-C.
    """

    def do() -> int:
        if not (on_ranks or is_first(None)):
            return 0
        limit_blas(1)
        try:
            text, files = work()
        except REFUSED as error:
            return fail(error, 2, name) if is_first(None) else 2
        if text:
            print(text)
        if files:
            print(f"Drawn: {', '.join(map(str, files))}")
        return 0

    main = Path(getattr(sys.modules["__main__"], "__file__", None) or "")
    last = main.resolve().parent == FIGURES
    return run_program(name, do, f"{name}: stopped. {stopped}", last)
