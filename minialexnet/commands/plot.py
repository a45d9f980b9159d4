"""``minialexnet plot``: the curves of runs, each measure against epochs."""

import argparse
import os
from pathlib import Path
from typing import Any

from ..files.records import read_lines
from ..pictures.curves import Curves, draw_curves
from ..pictures.style import short_commit
from . import fail
from .epochs import METRICS


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Draw loss, top-1 and top-5 error and learning rate against "
        "epochs, several runs in one picture. A run may still be in progress."
    )
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help=f"folder of a run, or a file of lines as its {METRICS} has",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        default=Path("runs/curves.png"),
        help="the picture; .png and .svg are both written (default: runs/curves.png)",
    )


def run(runs: list[Path], out: Path) -> int:
    """Draw the runs; return the exit code."""
    try:
        paths = list(dict.fromkeys(Path(os.path.abspath(path)) for path in runs))
        common = os.path.commonpath([path.parent for path in paths])
        curves = [_read(path, os.path.relpath(path, common)) for path in paths]
        out.parent.mkdir(parents=True, exist_ok=True)
        files = draw_curves(curves, out)
    except (OSError, ValueError) as error:
        return fail(error, 2, "plot")
    print(f"Drawn: {' and '.join(map(str, files))}")
    return 0


def _read(path: Path, name: str) -> Curves:
    """Read a run's metrics, and say in words what they are of."""
    path = path / METRICS if path.is_dir() else path
    if not path.is_file():
        raise ValueError(f"expected the metrics of a run, got no file {path}")
    epochs, runs = [], []
    for number, record in enumerate(read_lines(path), 1):
        if "run" in record:
            runs.append(record["run"])
            continue
        for key in ("epoch", "learning_rate", "running_loss"):
            value = record.get(key)
            if not isinstance(value, int | float) or (
                value <= 0 and key != "running_loss"
            ):
                least = "" if key == "running_loss" else " > 0"
                raise ValueError(
                    f"{path}:{number}: expected an epoch with a number{least} for "
                    f"{key}, got {value!r}"
                )
        epochs.append(record)
    if not epochs:
        raise ValueError(f"expected at least one finished epoch in {path}, got none")
    try:
        return Curves(name, note(runs, len(epochs)), epochs)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: expected in its first line how the run was made, "
            f"got no such ({error!r})"
        ) from error


def note(runs: list[dict[str, Any]], epochs: int) -> str:
    """Say what was trained, on what data, when and where."""
    done = f"{epochs} epoch{'s' if epochs > 1 else ''}"
    if not runs:
        return f"{done}; data, date and machine were not recorded"
    config = runs[-1]["config"]
    model = Path(config["model"]).name
    if model == "alexnet":
        model += f" ({config['profile']}, width {config['width']:g})"
    elif config["activation"] != "relu":
        model += f" ({config['activation']})"
    words = [
        f"{model} on {Path(config['data']).name}",
        f"batches of {config['batch_size']}",
        f"seed {config['seed']}",
        f"epoch {epochs} of {config['epochs']}" if epochs < config["epochs"] else done,
    ]
    days = sorted({run["date"][:10] for run in runs})
    words.append(" to ".join(dict.fromkeys([days[0], days[-1]])))
    machines = (
        f"{run['machine']['cores']} cores of {run['machine']['processor']}"
        for run in runs
    )
    words += dict.fromkeys(machines)
    if config["device"] != "cpu":
        words.append(config["device"])
    commits = dict.fromkeys(short_commit(run["commit"]) for run in runs)
    return ", ".join([*words, f"commit {', '.join(commits)}"])
