"""``minialexnet bench``: how fast the layers are here, alone and against PyTorch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from . import fail, positive

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "bench",
        help="measure how fast the layers are here, also against PyTorch",
        description="Measure matrix products, layers, training steps, inference, "
        "ten-crop evaluation, decoding and prepare, each in a process of its own, in "
        "several rounds. OUT takes bench.jsonl, bench.txt, the layers as bars and the "
        "cost by batch, width and cores. Nothing is written before all is measured.",
        epilog="A record takes half an hour and a machine with nothing else to do.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--against",
        choices=["torch"],
        help="measure PyTorch too, which you have installed: stock, and with a "
        "normalisation written for it, in both layouts, the better of which counts",
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
    parser.set_defaults(run=run)


def run(
    against: str | None,
    device: str,
    tf32: bool,
    rounds: int,
    threads: int | None,
    quick: bool,
    out: Path,
) -> int:
    """Measure; return the exit code."""
    from importlib.util import find_spec

    from tqdm import tqdm

    from ..backend import check_device
    from ..bench.report import Results, draw_costs, draw_layers
    from ..bench.rounds import Run, measure, plan
    from ..checkpoint import replacing
    from ..processor import cores
    from ..records import provenance, write_lines

    try:
        check_device(device)
        if against == "torch" and find_spec("torch") is None:
            raise ValueError(
                "expected PyTorch for --against torch, which is not installed here: "
                "pip install torch"
            )
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as error:
        return fail(error, 2, "bench")
    count = 1 if device != "cpu" else threads or cores()
    runs = plan(count, device, against == "torch", quick, tf32)
    about = provenance() | {"rounds": rounds, "quick": quick}
    try:
        with tqdm(total=rounds * len(runs), unit="process", disable=None) as bar:

            def progress(run: Run) -> None:
                task = run.task
                bar.set_postfix_str(f"{run.program} {task.case} {task.batch}")
                bar.update()

            records = measure(runs, rounds, progress)
        results = Results(records)
        table = results.table()
        write_lines(out / "bench.jsonl", [{"run": about}, *records])
        with replacing(out / "bench.txt") as file:
            file.write((table + "\n").encode())
        machine = about["machine"]
        note = (
            f"{'quick look, ' * quick}{about['date'][:10]}, {machine['processor']}, "
            f"{count} of {machine['cores']} cores, NumPy {about['versions']['numpy']}, "
            f"{rounds} rounds, commit {(about['commit'] or 'unknown')[:7]}"
        )
        draw_layers(results, note, out / "layers")
        draw_costs(results, note, out / "costs")
    except (OSError, RuntimeError, ValueError) as error:
        return fail(error, 1, "bench")
    except KeyboardInterrupt:
        print("\nStopped; nothing was written.", file=sys.stderr)
        return 130
    print(table)
    print(f"\nWritten: {out}")
    return 0
