"""All that needs a GPU, in one command: checks, benches, trainings, and their records.

    make gpu-check [ARGS="--minutes 25 --data-dir DATA"]

On a machine with an NVIDIA GPU this makes .venv with CuPy in it (unless the Python that
runs this has all that is needed), and then, as far as the minutes go:

    kernels           every kernel of engine/kernels.cu against its plain body
    bench-float32     batch 128: training step, layers, inference; PyTorch too, if there
    bench-tf32        the same, factors of products rounded to TF32 by both
    tests             the whole suite, with REQUIRE_GPU=1
    figure_1          ReLU against tanh on CIFAR-10, three seeds each
    tiny-imagenet     the whole network of the 2012 profile, all 200 classes, 40 epochs
    evaluate-1, -10   what it has learned so far: top-1 and top-5, one crop and ten
    figure_1_sigmoid  Figure 1's third line

The same command goes on where the last one stopped: what has passed at this commit is
not done again, trainings go on from their checkpoints. OUT takes the records, named as
in figures/results/, with the GPU, driver and versions in them; logs/ takes what every
step printed. Data that is not in --data-dir or $MINIALEXNET_DATA is downloaded.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("numpy", "PIL", "matplotlib", "tqdm", "pytest", "hypothesis")
NOT_YET = 75  # of a step that ran out of time, as EX_TEMPFAIL
GRACE = 90  # seconds that a training has to write its checkpoint in


@dataclass(frozen=True)
class Step:
    """One command, and what is made of its files."""

    name: str
    command: list[str]
    minutes: float  # at most, of those that are left
    goes_on: bool = False  # where it was stopped, so that to stop it loses nothing
    leaves: float = 0.5  # minutes, to the steps behind it, where it goes on
    environment: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[str, str], ...] = ()  # (file made, name beside the others)
    reads: Path | None = None  # what it must do again if that has changed


def cuda_driver() -> int:
    """Return the CUDA version of the driver as CUDA counts, 13000 for 13.0.

    Raises
    ------
    RuntimeError
        If there is no driver or no GPU.
    """
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise RuntimeError("there is no NVIDIA driver") from error
    count, version = ctypes.c_int(), ctypes.c_int()
    for name, arguments in (
        ("cuInit", (0,)),
        ("cuDriverGetVersion", (ctypes.byref(version),)),
        ("cuDeviceGetCount", (ctypes.byref(count),)),
    ):
        code = getattr(driver, name)(*arguments)
        if code:
            raise RuntimeError(f"the NVIDIA driver's {name} returns error {code}")
    if not count.value:
        raise RuntimeError("the NVIDIA driver finds no GPU")
    if version.value < 12000:
        raise RuntimeError(f"the NVIDIA driver is for CUDA {version.value / 1000:g}")
    return version.value


def has(python: str, *modules: str) -> bool:
    """Say whether a Python can import all of these."""
    code = f"import {', '.join(modules)}"
    done = subprocess.run([python, "-c", code], capture_output=True, cwd=ROOT)
    return done.returncode == 0


def environment(torch: bool, dry: bool) -> str:
    """Return a Python that has what is needed, made where there is none.

    Raises
    ------
    RuntimeError
        If there is no GPU, or if pip fails.
    """
    version = 0 if dry else cuda_driver()
    wanted = [*NEEDED, *["cupy"] * (not dry), *["torch"] * torch]
    own, mine = sys.executable, str(ROOT / ".venv/bin/python")
    for python in (own, mine):
        if Path(python).exists() and has(python, *wanted):
            return python
    extras = "test"
    if dry:
        print("installing into .venv ...")
    else:
        print(
            f"installing into .venv, CuPy for CUDA {version // 1000} too (1.4 GB) ..."
        )
        extras += ",gpu-cuda13" if version >= 13000 else ",gpu"
    if not Path(mine).exists():
        subprocess.run([own, "-m", "venv", str(ROOT / ".venv")], check=True)
    packages = ["--editable", f".[{extras}]", *["torch"] * torch]
    install = [mine, "-m", "pip", "install", "--quiet", *packages]
    if subprocess.run(install, cwd=ROOT).returncode:
        raise RuntimeError(f"pip failed: {' '.join(install)}")
    return mine


def plan(python: str, options: argparse.Namespace) -> list[Step]:
    """Return the steps, the most telling first."""
    out, dry = options.out, options.dry_run
    device = ["--device", "cpu" if dry else "cuda:0"]
    data = ["--data-dir", str(options.data_dir)] if options.data_dir else []
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    required = (("REQUIRE_GPU", "0" if dry else "1"),)
    tests = ["tests/engine/test_kernels.py"]
    few = ["-k", "relu"] if dry else []
    steps = [Step("kernels", [*pytest, *tests, *few], 4, environment=required)]
    for name in ("float32", "tf32"):
        command = [python, __file__, "--bench", name, "--out", str(out)]
        command += ["--rounds", str(options.rounds), *["--dry-run"] * dry]
        steps.append(Step(f"bench-{name}", command, 6, True))
    few = [*tests, "-k", "momentum"] if dry else []
    steps.append(Step("tests", [*pytest, *few], 9, environment=required))

    def figure_1(name: str, *activations: str) -> Step:
        folder = out / name
        command = [python, "figures/figure_1_relu_vs_tanh.py", "--out", str(folder)]
        command += ["--activations", *activations, "--convolution", "im2col", *device]
        command += ["--resume", *data]
        if dry:
            command += ["--pictures", "100", "--sweep-epochs", "1", "--epochs", "1"]
        else:
            command += ["--data", "cifar10", "--sweep-epochs", "8", "--jobs", "4"]
        record = (str(folder / "results.jsonl"), f"{name}_cifar10_gpu.jsonl")
        return Step(name, command, 60, True, 7, records=(record,))

    run = out / "tiny_imagenet"
    train = [python, "-m", "minialexnet", "train", "--out", str(run), *data, *device]
    train += [] if dry else ["--workers", "8"]  # that prepare batches
    if (run / "checkpoint.npz").exists():
        train += ["--resume"]
    elif dry:
        train += ["--data", "shapes", "--epochs", "1"]
    else:
        train += ["--data", "tiny-imagenet", "--model", "alexnet", "--profile", "2012"]
        train += ["--augment", "2012", "--epochs", "40"]
    metrics = (str(run / "metrics.jsonl"), "tiny_imagenet_gpu.jsonl")
    steps.append(figure_1("figure_1", "relu", "tanh"))
    steps.append(Step("tiny-imagenet", train, 60, True, 2.5, records=(metrics,)))
    look = [python, "-m", "minialexnet", "evaluate", str(run), *data, *device]
    for crops in ("1", "10"):
        record = str(out / f"tiny_imagenet_gpu_errors_{crops}.jsonl")
        command = [*look, "--crops", crops, "--out", record]
        file = run / "checkpoint.npz"
        steps.append(Step(f"evaluate-{crops}", command, 10, reads=file))
    steps.append(figure_1("figure_1_sigmoid", "sigmoid"))
    return steps


def run_step(step: Step, seconds: float, log: Path) -> int:
    """Run a step's command for so many seconds at most; return its exit code.

    NOT_YET where it was stopped. What it says goes to `log`.
    """
    surroundings = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        "PYTHONUNBUFFERED": "1",
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as file:
        file.write(f"\n$ {' '.join(step.command)}\n".encode())
        file.flush()
        process = subprocess.Popen(
            step.command,
            cwd=ROOT,
            env=surroundings | dict(step.environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return NOT_YET
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a process as Ctrl-C does, and kill it and its own if that is vain."""
    for number, patience in ((signal.SIGINT, GRACE), (signal.SIGKILL, None)):
        if process.poll() is None:
            try:
                os.killpg(process.pid, number)
                process.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def commit() -> str:
    """Return the commit, and what differs from it, as one word; "" outside git."""
    found = []
    for words in (["rev-parse", "HEAD"], ["diff", "HEAD", "--", "minialexnet"]):
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
        found.append(done.stdout.strip())
    return found[0] + (f"-dirty{hash_of(found[1])}" if found[1] else "")


def hash_of(text: str) -> str:
    """Return a few digits that another text would hardly have."""
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]


class Progress:
    """What has passed, kept in OUT/gpu_check.json."""

    def __init__(self, out: Path) -> None:
        self.path = out / "gpu_check.json"
        self.steps: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            self.steps = json.loads(self.path.read_text())
        self.commit = commit()

    def has_passed(self, step: Step) -> bool:
        """Say whether a step need not run: a training that has ended, never again."""
        entry = self.steps.get(step.name, {})
        same = entry.get("commit") == self.commit or step.records != ()
        same &= entry.get("read") == _state(step.reads)
        return same and entry.get("result") == "passed"

    def note(self, step: Step, result: str, seconds: float) -> None:
        """Write down how a step went."""
        self.steps[step.name] = {
            "result": result,
            "seconds": round(seconds, 1),
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "commit": self.commit,
            "read": _state(step.reads),
            "command": step.command,
        }
        part = self.path.with_name(self.path.name + ".part")
        part.write_text(json.dumps(self.steps, indent=1) + "\n")
        os.replace(part, self.path)


def _state(path: Path | None) -> list[int] | None:
    """Return what changes with a file."""
    if path is None or not path.exists():
        return None
    return [path.stat().st_size, path.stat().st_mtime_ns]


def check(options: argparse.Namespace, say: Callable[[str], None] = print) -> int:
    """Run what has not passed yet; return the exit code."""
    end = time.monotonic() + 60 * options.minutes
    try:
        python = environment(options.torch, options.dry_run)
    except RuntimeError as error:
        print(
            "gpu-check needs an NVIDIA GPU and a driver for CUDA 12 or newer, but "
            f"{error}; --dry-run tries its steps on the processor",
            file=sys.stderr,
        )
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    progress = Progress(options.out)
    steps = plan(python, options)
    names = [step.name for step in steps]
    odd = set(options.only or names) - set(names)
    if odd:
        print(f"gpu-check: expected steps out of {', '.join(names)}", file=sys.stderr)
        return 2
    chosen = [step for step in steps if step.name in (options.only or names)]
    results = dict(_results(chosen, progress, end, options.out, say))
    open_ = [name for name, result in results.items() if result != "passed"]
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
    for step in steps:
        if progress.has_passed(step):
            say(f"{step.name:17} passed before")
            yield step.name, "passed"
            continue
        left = end - time.monotonic() - (60 * step.leaves if step.goes_on else 0)
        if left < (20 if step.goes_on else 5):
            say(f"{step.name:17} no time left")
            yield step.name, "no time left"
            continue
        log = out / "logs" / f"{step.name}.log"
        begun = time.monotonic()
        code = run_step(step, min(left, 60 * step.minutes), log)
        seconds = time.monotonic() - begun
        result = "passed" if code == 0 else "failed"
        if code == NOT_YET:
            result = "stopped on the way" if step.goes_on else "too slow"
        progress.note(step, result, seconds)
        for made, name in step.records:
            if Path(made).exists():
                shutil.copy(made, out / name)
        say(f"{step.name:17} {result}, {seconds:.0f} s")
        told = log.read_text(errors="replace").splitlines()
        shown = told[-12:] if result in ("failed", "too slow") else []
        if step.name.startswith("bench") and result == "passed":
            shown = told[told.index("RESULT") + 1 :] if "RESULT" in told else []
        for line in shown:
            say(f"    {line}")
        yield step.name, result


def bench(options: argparse.Namespace) -> int:
    """Measure step, layers and inference at the large batch; return the exit code.

    Runs in the Python that has CuPy. Rounds that were measured before count.
    """
    from importlib.util import find_spec

    tf32, device = options.bench == "tf32", "cpu" if options.dry_run else "cuda:0"
    os.environ["CUPY_TF32"] = str(int(tf32))
    from minialexnet.bench.plan import plan
    from minialexnet.bench.results import Results
    from minialexnet.bench.rounds import measure
    from minialexnet.engine.devices import check_device
    from minialexnet.files.records import provenance, read_lines, write_lines

    check_device(device)
    torch = find_spec("torch") is not None and not options.dry_run
    every = plan(1, device, torch, options.dry_run, tf32)
    batch = max(run.task.batch for run in every if run.task.case == "step")
    cases = ("step",) if options.dry_run else ("step", "layers", "inference")
    runs = [
        run
        for run in every
        if run.task.case == "sgemm"
        or (run.task.case in cases and (run.task.batch, run.task.width) == (batch, 1))
    ]
    path = options.out / f"bench_{options.bench}.jsonl"
    lines = read_lines(path) if path.exists() else []
    about = provenance()
    if any(
        "run" in line and line["run"]["commit"] != about["commit"] for line in lines
    ):
        lines = []  # of another state of the code
    lines.append({"run": about})
    done = max((line.get("round", 0) for line in lines), default=0)
    for number in range(done + 1, options.rounds + 1):
        lines += measure(runs, number, lambda run: print(run, flush=True))
        write_lines(path, lines)
    print("RESULT")
    results = Results(lines)
    print(f"sgemm: {results.sgemm(1) / 1e3:.1f} TFLOP/s")
    for case, measure_ in (("step", "step"), ("inference", "forward")):
        series = results.series(case, measure_, batch=batch)
        middle = {label: sorted(t)[len(t) // 2] for label, t in series.items()}
        bars = {label: middle[label] for label in results.best_layouts(series).values()}
        for label, seconds in middle.items():
            ratios = [f"{seconds / bar:.2f} of {name}" for name, bar in bars.items()]
            own = [] if label.startswith("PyTorch") else ratios
            words = [f"{case} {batch}, {label}: {1e3 * seconds:.2f} ms", *own]
            print(", ".join(words))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="gpu-check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--minutes", type=float, default=25, help="in all (default 25)")
    parser.add_argument("--data-dir", type=Path, help="where CIFAR-10 and the like lie")
    parser.add_argument("--out", type=Path, default=ROOT / "runs/gpu")
    parser.add_argument("--only", nargs="+", metavar="STEP", help="some of the steps")
    parser.add_argument("--rounds", type=int, default=1, help="of the benches")
    parser.add_argument("--torch", action="store_true", help="install PyTorch too")
    parser.add_argument(
        "--dry-run", action="store_true", help="tiny, on the processor: no GPU needed"
    )
    parser.add_argument("--bench", choices=["float32", "tf32"], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()
    if options.bench:
        return bench(options)
    try:
        return check(options)
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
