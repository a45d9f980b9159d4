"""The command: its options, and the steps one after the other."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tests.on_gpu
from tests.on_gpu.packed import unpacked
from tests.on_gpu.plan import Step, plan
from tests.on_gpu.progress import Progress
from tests.on_gpu.python import find_python
from tests.on_gpu.steps import ROOT, outcome, run_step, told


def check(options: argparse.Namespace, say: Callable[[str], None] = print) -> int:
    """Run what has not passed yet; return the exit code."""
    end = time.monotonic() + 60 * options.minutes
    try:
        python = find_python(options.torch, options.dry_run)
    except RuntimeError as error:
        print(
            "gpu-check needs an NVIDIA GPU and a driver for CUDA 12 or newer, but "
            f"{error}; --dry-run tries its steps on the processor",
            file=sys.stderr,
        )
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    progress = Progress(options.out)
    with tempfile.TemporaryDirectory() as room:
        options.data = unpacked(options.data, Path(room))
        steps = plan(python, options)
        names = [step.name for step in steps]
        if set(options.only or names) - set(names):
            expected = ", ".join(names)
            print(f"gpu-check: expected steps out of {expected}", file=sys.stderr)
            return 2
        chosen = [step for step in steps if step.name in (options.only or names)]
        results = dict(_results(chosen, progress, end, options.out, say))
    open_ = [n for n, result in results.items() if result not in ("passed", "not due")]
    say(f"\nRecords and logs: {options.out}")
    if open_:
        say("Not passed: " + ", ".join(f"{n} ({results[n]})" for n in open_))
        say("The same command goes on; what has passed is not done again.")
    return 1 if open_ else 0


def _results(
    steps: list[Step],
    progress: Progress,
    end: float,
    out: Path,
    say: Callable[[str], None],
) -> Iterator[tuple[str, str]]:
    """Run the steps for which there is time, and yield how each went."""
    for step in steps:
        if progress.has_passed(step):
            say(f"{step.name:17} passed before")
            yield step.name, "passed"
            continue
        if step.after and progress.result(step.after) != "failed":
            yield step.name, "not due"
            continue
        left = end - time.monotonic() - step.leaves
        if left < step.least:
            say(f"{step.name:17} no time left")
            yield step.name, "no time left"
            continue
        begun = time.monotonic()
        progress.note(step, "begun", 0)
        log = out / "logs" / f"{step.name}.log"
        code = run_step(step, min(left, step.seconds), log)
        seconds = time.monotonic() - begun
        result = outcome(step, code)
        progress.note(step, result, seconds)
        step.keep_records(out)
        say(f"{step.name:17} {result}, {seconds:.0f} s")
        for line in told(step, result, log):
            say(f"    {line}")
        yield step.name, result


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="gpu-check",
        description=tests.on_gpu.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--minutes", type=float, default=25, help="in all (default 25)")
    parser.add_argument("--data", type=Path, help="folder of data sets, may be packed")
    parser.add_argument("--out", type=Path, default=ROOT / "runs/gpu")
    parser.add_argument("--only", nargs="+", metavar="STEP", help="some of the steps")
    parser.add_argument("--rounds", type=int, default=1, help="of the benches")
    parser.add_argument("--torch", action="store_true", help="install PyTorch too")
    parser.add_argument(
        "--dry-run", action="store_true", help="tiny, on the processor: no GPU needed"
    )
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()
    try:
        return check(options)
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
