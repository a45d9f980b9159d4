"""``minialexnet bench``: how fast the layers are here, alone and against PyTorch."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from ..bench import scaling
from ..bench.drawings import draw_costs, draw_layers
from ..bench.plan import Run, plan
from ..bench.report import table
from ..bench.results import Results
from ..bench.rounds import measure
from ..bench.scaling import mpiexec
from ..engine.blas import cores
from ..engine.devices import check_device
from ..files.progress import progress_bar
from ..files.records import Record, provenance, read_lines, write_lines
from ..files.replacing import replacing
from ..files.standard import complain
from . import fail, positive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Measure matrix products, layers, training steps, inference, "
        "ten-crop evaluation, decoding and prepare, each in a process of its own, in "
        "several rounds. After each round bench.jsonl is written to OUT, and in the "
        "end bench.txt and two pictures: the layers, and the cost by batch, width and "
        "cores."
    )
    parser.epilog = (
        "A record takes twenty minutes and a machine with nothing else to do."
    )
    parser.add_argument(
        "--against",
        choices=["torch"],
        help="measure PyTorch too, if you have installed it: as it comes, and with a "
        "faster response normalisation, in both memory layouts, of which the better "
        "counts",
    )
    parser.add_argument(
        "--ranks",
        type=positive,
        nargs="+",
        metavar="N",
        help="measure training on so many ranks of this machine instead, by mpiexec; "
        "with --against torch beside PyTorch's DDP on two. OUT takes ranks.jsonl. "
        "Without --device, --tf32, --threads and --resume",
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda:0")
    parser.add_argument(
        "--tf32", action="store_true", help="on a GPU, round factors to TF32"
    )
    parser.add_argument("--rounds", type=positive, default=3, help="(default: 3)")
    parser.add_argument(
        "--threads", type=positive, help="at most so many (default: one a core)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small batches: a look, not a record"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/bench"), help="(default: %(default)s)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="measure the rounds that OUT lacks"
    )


def run(
    against: str | None,
    ranks: list[int] | None,
    device: str,
    tf32: bool,
    rounds: int,
    threads: int | None,
    quick: bool,
    out: Path,
    resume: bool,
) -> int:
    """Measure; return the exit code."""
    try:
        check_device(device)
        if against == "torch" and find_spec("torch") is None:
            raise ValueError(
                "expected PyTorch for --against torch, which is not installed here: "
                "pip install torch"
            )
        if ranks is not None:
            if resume or tf32 or threads is not None or device != "cpu":
                raise ValueError(
                    "expected --ranks without --device, --tf32, --threads or --resume"
                )
            mpiexec()
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as error:
        return fail(error, 2, "bench")
    if ranks is not None:
        return _on_ranks(ranks, against is not None, rounds, quick, out)
    count = 1 if device != "cpu" else threads or cores()
    runs = plan(count, device, against == "torch", quick, tf32)
    os.environ["CUPY_TF32"] = str(int(tf32))  # for the record; each process has its own
    programs = [provenance() | {"quick": quick}]
    written = out / "bench.jsonl"
    records: list[Record] = []
    try:
        if resume and written.exists():
            earlier, records = _whole_rounds(written, runs)
            programs = [*earlier, *programs]
        done = max((record["round"] for record in records), default=0)
        left = range(done + 1, rounds + 1)
        with progress_bar(total=len(left) * len(runs), unit="process") as bar:

            def progress(run: Run) -> None:
                task = run.task
                bar.set_postfix(now=f"{run.program} {task.case} {task.batch}")
                bar.update()

            for number in left:
                records += measure(runs, number, progress)
                setups = [{"run": program} for program in programs]
                write_lines(written, [*setups, *records])
        results = Results(records)
        text = table(results)
        with replacing(out / "bench.txt") as file:
            file.write((text + "\n").encode())
        draw_layers(results, programs, out / "layers")
        draw_costs(results, programs, out / "costs")
    except ValueError as error:
        return fail(error, 2, "bench")
    except (OSError, RuntimeError) as error:
        return fail(error, 1, "bench")
    except KeyboardInterrupt:
        complain(
            f"\nStopped; {written} keeps the rounds that were whole, and --resume "
            "measures the others."
        )
        return 130
    print(text)
    print(f"\nWritten: {out}")
    return 0


def _on_ranks(
    counts: list[int], torch: bool, rounds: int, quick: bool, out: Path
) -> int:
    """Measure training on several ranks of this machine; return the exit code."""
    runs, records = scaling.plan(counts, torch, quick), list[Record]()
    setup = {"run": provenance() | {"quick": quick}}
    try:
        with progress_bar(total=rounds * len(runs), unit="job") as bar:
            for number in range(1, rounds + 1):
                records += scaling.measure(runs, number, bar.update)
                write_lines(out / "ranks.jsonl", [setup, *records])
    except (OSError, RuntimeError) as error:
        return fail(error, 1, "bench")
    print(scaling.table(records))
    print(f"\nWritten: {out / 'ranks.jsonl'}")
    return 0


def _whole_rounds(path: Path, runs: Sequence[Run]) -> tuple[list[Record], list[Record]]:
    """Return what an earlier bench, which must be of the same tasks, has left.

    Returns
    -------
    programs : list of dict
        The provenance of each program that measured.
    records : list of dict
    """
    lines = read_lines(path)
    programs = [line["run"] for line in lines if "run" in line]
    records = [line for line in lines if "run" not in line]
    tasks = [(run.program, asdict(run.task)) for run in runs]
    measured = [(record.get("program"), record.get("task")) for record in records]
    if measured != tasks * (len(measured) // len(tasks)):
        raise ValueError(
            f"{path}: expected what this command measures, got another bench; give "
            "--out another folder"
        )
    return programs, records
