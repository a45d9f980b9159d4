"""How fast the layers are: the bench's recorded runs as a table and two pictures.

`minialexnet bench` measures; this draws what it has recorded: the time of each layer in
a training step beside PyTorch's, what a step costs by batch, width and cores, and a
table of everything, with the ratios to PyTorch. The rounds of all the runs count alike.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from compare.frame import drawing_parser, run_command
from minialexnet.bench.drawings import draw_costs, draw_layers
from minialexnet.bench.report import table
from minialexnet.bench.results import Results
from minialexnet.files.records import Record, read_lines
from minialexnet.files.replacing import replacing

NAME = "speed"
RECORDED = Path(__file__).parent / "results"


def pool(
    paths: list[Path],
) -> tuple[list[Record], list[Record]]:
    """Return the programs and the records of several runs, their rounds counted on.

    Raises
    ------
    ValueError
        If a file was not written by a bench, or by one of other tasks.
    """
    programs: list[Record] = []
    records: list[Record] = []
    tasks: list[Any] = []
    for path in paths:
        lines = read_lines(path)
        own = [line for line in lines if {"task", "round", "seconds"} <= line.keys()]
        if not own or "run" not in lines[0]:
            raise ValueError(
                f"{path}: expected what minialexnet bench records, got other lines"
            )
        measured = [(r["program"], r["task"]) for r in own if r["round"] == 1]
        if measured != (tasks or measured):
            raise ValueError(
                f"{path}: expected the tasks of {paths[0]}, got another bench"
            )
        before = max((record["round"] for record in records), default=0)
        programs += [line["run"] for line in lines if "run" in line]
        records += [record | {"round": record["round"] + before} for record in own]
        tasks = measured
    return programs, records


def main(arguments: list[str] | None = None) -> int:
    """Draw; return the exit code."""
    parser = drawing_parser(__doc__, NAME)
    parser.add_argument(
        "--draw",
        type=Path,
        nargs="+",
        metavar="JSONL",
        help="recorded runs (default: figures/results/bench_*.jsonl)",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        paths = options.draw or sorted(RECORDED.glob("bench_*.jsonl"))
        if not paths:
            raise ValueError(f"expected bench_*.jsonl in {RECORDED}, got none")
        programs, records = pool(paths)
        options.out.mkdir(parents=True, exist_ok=True)
        results = Results(records)
        files = [
            *draw_layers(results, programs, options.out / "speed_layers"),
            *draw_costs(results, programs, options.out / "speed_costs"),
            options.out / "speed.txt",
        ]
        with replacing(files[-1]) as file:
            file.write((table(results) + "\n").encode())
        return "", files

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
