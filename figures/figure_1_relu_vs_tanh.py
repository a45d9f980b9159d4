"""Figure 1: training error against epochs, ReLU against tanh and sigmoid.

Krizhevsky et al. 2012, section 3.1: a four-layer convolutional network with ReLUs
reaches a 25 % training error on CIFAR-10 six times faster than the same network with
tanh neurons. "The learning rates for each network were chosen independently to make
training as fast as possible. No regularization of any kind was employed."

First every activation is trained for a few epochs at each of several learning rates,
from the first seed; where the best rate is the smallest or largest tried, the next one
on that side is tried too. Then the best rate is trained from every seed until the
training error, measured over the whole training set at the end of each epoch, is 25 %
or the epochs are used up. The first seed's run goes on from where the sweep left it.

Each run trains in a process of its own, with its checkpoint under OUT/runs.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import queue
import signal
import statistics
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from minialexnet import MomentumSGD
from minialexnet.backend import check_device
from minialexnet.checkpoint import CheckpointError
from minialexnet.cifar_net import ACTIVATIONS
from minialexnet.commands import positive
from minialexnet.data import load
from minialexnet.data.dataset import Dataset
from minialexnet.layers.winograd import CONVOLUTIONS
from minialexnet.model import begin
from minialexnet.processor import cores
from minialexnet.records import provenance, read_lines, write_lines
from minialexnet.train import DivergedError, Training

TARGET = 0.25
# The rates that a sweep can choose from, and those that it begins with.
LADDER = tuple(m * 10.0**e for e in range(-5, 1) for m in (1, 3))
FIRST_RATES = (0.001, 0.003, 0.01)
# Half-widths of a 95 % interval in standard errors: Student's t by degrees of freedom.
T_95 = dict(enumerate((12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306), 1))
MOST_SEEDS = len(T_95) + 1
# shapes is a quick look within two minutes, cifar10 the measurement.
DEFAULTS: dict[str, dict[str, Any]] = {
    "shapes": {
        "activations": ["relu", "tanh"],
        "seeds": 1,
        "sweep_epochs": 2,
        "batch_size": 32,
    },
    "cifar10": {
        "activations": list(ACTIVATIONS),
        "seeds": 3,
        "sweep_epochs": 3,
        "batch_size": 128,
    },
}
NAMES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
# Okabe and Ito's colours; the paper's solid and dashed lines.
STYLES = {
    "relu": ("#0072B2", "-"),
    "tanh": ("#D55E00", "--"),
    "sigmoid": ("#009E73", ":"),
}

History = list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """One training: an activation at a learning rate from a seed."""

    activation: str
    learning_rate: float
    seed: int

    def __str__(self) -> str:
        """Return a name for files and progress bars."""
        return f"{self.activation}-{self.learning_rate:g}-seed{self.seed}"


@dataclass(frozen=True)
class Settings:
    """What all runs share."""

    data: str
    data_dir: str | None
    pictures: int | None  # the first so many training pictures; None for all
    batch_size: int
    convolution: str
    device: str
    out: Path
    setup: int  # which of the setup records the epochs to come belong to


def epochs_to_target(history: History) -> float:
    """Return after how many epochs the training error came down to the target.

    Between the ends of two epochs the error is taken to fall in a straight line, and
    to begin at chance, 90 %. Infinite if it never came down.
    """
    before = 0.9
    for entry in history:
        error = entry.get("train_error", float("inf"))
        if error <= TARGET:
            return float(entry["epoch"] - (TARGET - error) / (before - error))
        before = error
    return float("inf")


def is_finished(history: History, until: int) -> bool:
    """Say whether a run is at the target, diverged, or out of epochs."""
    if not history:
        return until == 0
    last = history[-1]
    return (
        len(history) >= until
        or "diverged" in last
        or last.get("train_error", 1.0) <= TARGET
    )


# Training, each run in a worker process


def load_pictures(name: str, data_dir: str | None, pictures: int | None) -> Dataset:
    """Load a data set, or its first `pictures` training pictures."""
    dataset = load(name, data_dir)
    images, labels = dataset.train_images[:pictures], dataset.train_labels[:pictures]
    return replace(dataset, train_images=images, train_labels=labels)


def train(
    run: Run,
    until: int,
    settings: Settings,
    dataset: Dataset,
    report: Callable[[str, Any], None],
) -> None:
    """Train one run to epoch `until` or the target, from where it was left."""
    path = settings.out / "runs" / f"{run}.npz"
    config = asdict(run) | {
        "data": settings.data,
        "batch_size": settings.batch_size,
        "train_pictures": len(dataset.train_labels),
    }
    network = {
        "model": "cifar",
        "activation": run.activation,
        "seed": run.seed,
        "convolution": settings.convolution,
    }
    training = Training(
        begin(dataset, network),
        dataset,
        lambda parameters: MomentumSGD(
            parameters,
            run.learning_rate,
            momentum=0.9,
            weight_decay=0,
            rate_factors={"b": 2},
        ),
        batch_size=settings.batch_size,
        seed=run.seed,
        device=settings.device,
        workers=0,  # as many runs as cores train at once
    )
    if path.exists():
        training.load(path, config)
    report("epoch", training.history)
    while not is_finished(training.history, until):
        done = len(training.history)
        try:
            training.run_epoch(lambda n: report("pictures", n))
            training.evaluate("train", lambda n: report("pictures", n))
        except DivergedError:
            training.history[done:] = [{"epoch": done + 1, "diverged": True}]
        training.history[-1]["setup"] = settings.setup
        training.save(path, config)
        report("epoch", training.history)


def end_with_parent() -> None:
    """End this process when the one that started it is gone, even by kill -9."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def work(settings: Settings, tasks: Any, messages: Any) -> None:
    """Train the runs that come in `tasks`, telling `messages` how it goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us on Ctrl-C
    threading.Thread(target=end_with_parent, daemon=True).start()
    np.seterr(over="ignore", invalid="ignore")  # a diverged run is recorded as such
    try:
        dataset = load_pictures(settings.data, settings.data_dir, settings.pictures)
        while (task := tasks.get()) is not None:
            run, until = task

            def report(what: str, value: Any, run: Run = run) -> None:
                messages.put((what, run, value))

            train(run, until, settings, dataset, report)
            report("done", None)
    except (OSError, ValueError, RuntimeError) as error:
        messages.put(("failed", None, f"{type(error).__name__}: {error}"))


class Workers:
    """Worker processes, and the histories of all that they have trained.

    Parameters
    ----------
    settings : Settings
    jobs : int
        How many runs train at once, each in a process of its own.
    setups : list of dict
        The setup records, this invocation's last.
    choices : list of dict
        The records of the rates that earlier invocations chose.
    histories : dict of Run to list
        What earlier invocations did.
    """

    def __init__(
        self,
        settings: Settings,
        jobs: int,
        setups: list[dict[str, Any]],
        choices: list[dict[str, Any]],
        histories: dict[Run, History],
    ) -> None:
        self.settings, self.setups, self.histories = settings, setups, histories
        self.choices = choices
        # Runs side by side use the cores; BLAS gets one thread a process, so a run has
        # the same bits whatever the jobs. Spawned processes read this anew.
        for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[variable] = "1"
        context = multiprocessing.get_context("spawn")
        self._tasks, self._messages = context.Queue(), context.Queue()
        self._processes: list[BaseProcess] = [
            context.Process(
                target=work, args=(settings, self._tasks, self._messages), daemon=True
            )
            for _ in range(jobs)
        ]
        for process in self._processes:
            process.start()

    def train(self, title: str, runs: list[Run], until: int, pictures: int) -> None:
        """Train `runs` up to epoch `until` or the target, a bar for each at work.

        Parameters
        ----------
        title : str
        runs : list of Run
        until : int
        pictures : int
            How many go through the network in an epoch, training and measuring.
        """
        waiting = 0
        for run in runs:
            if not is_finished(self.histories.get(run, []), until):
                self._tasks.put((run, until))
                waiting += 1
        bars: dict[Run, tqdm[Any]] = {}
        total = tqdm(total=waiting, desc=title, unit="run", position=0, leave=True)
        free = list(range(len(self._processes), 0, -1))
        places: dict[Run, int] = {}
        while waiting:
            what, run, value = self._next_message()
            if what == "failed":
                raise RuntimeError(value)
            if what == "pictures":
                bars[run].update(value)
            elif what == "epoch":
                self.histories[run] = value
                self.write()
                if run in bars:
                    bars[run].close()
                else:
                    places[run] = free.pop()
                bars[run] = tqdm(
                    total=pictures,
                    desc=f"{run} epoch {len(value) + 1}{_error_so_far(value)}",
                    unit="picture",
                    position=places[run],
                    leave=False,
                )
            else:
                bars.pop(run).close()
                free.append(places.pop(run))
                total.update()
                waiting -= 1
        total.close()

    def _next_message(self) -> tuple[str, Any, Any]:
        while True:
            for process in self._processes:
                if not process.is_alive():
                    raise RuntimeError(
                        f"a training process ended with exit code "
                        f"{process.exitcode}; out of memory?"
                    )
            try:
                message: tuple[str, Any, Any] = self._messages.get(timeout=1)
                return message
            except queue.Empty:
                pass

    def write(self) -> None:
        """Write all that is known as JSON lines."""
        write_lines(
            self.settings.out / "results.jsonl",
            [{"kind": "setup", **setup} for setup in self.setups]
            + self.choices
            + [
                {"kind": "epoch", **asdict(run), **entry}
                for run, history in self.histories.items()
                for entry in history
            ],
        )

    def close(self) -> None:
        """End the worker processes; their checkpoints stay."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _error_so_far(history: History) -> str:
    errors = [entry["train_error"] for entry in history if "train_error" in entry]
    return f", error {errors[-1]:.1%}" if errors else ""


def sweep(
    workers: Workers, activations: list[str], seed: int, until: int, pictures: int
) -> dict[str, float]:
    """Return the learning rate at which each activation trains fastest.

    Fastest is: at the target after the fewest epochs, or else with the lowest training
    error, or else with the lowest loss, after `until` epochs from the first seed.
    """

    def rank(activation: str, rate: float) -> tuple[float, float, float]:
        history = workers.histories[Run(activation, rate, seed)][:until]
        last = history[-1]
        return (
            epochs_to_target(history),
            last.get("train_error", float("inf")),
            last.get("train_loss", float("inf")),
        )

    tried = {activation: list(FIRST_RATES) for activation in activations}
    best: dict[str, float] = {}
    widened = True
    while widened:
        runs = [Run(a, rate, seed) for a, rates in tried.items() for rate in rates]
        workers.train("learning rates", runs, until, pictures)
        widened = False
        for activation, rates in tried.items():
            best[activation] = min(rates, key=partial(rank, activation))
            place = LADDER.index(best[activation])
            if best[activation] == rates[0] and place > 0:
                rates.insert(0, LADDER[place - 1])
                widened = True
            elif best[activation] == rates[-1] and place < len(LADDER) - 1:
                rates.append(LADDER[place + 1])
                widened = True
    workers.choices = [c for c in workers.choices if c["activation"] not in activations]
    workers.choices += [
        {
            "kind": "choice",
            "activation": activation,
            "learning_rate": best[activation],
            "tried": tried[activation],
            "sweep_epochs": until,
            "sweep_seed": seed,
        }
        for activation in activations
    ]
    return best


# From the records to the sentence and the picture


@dataclass(frozen=True)
class Arm:
    """An activation's final runs."""

    activation: str
    learning_rate: float
    histories: dict[int, History]  # by seed

    @property
    def epochs(self) -> dict[int, float]:
        """Epochs to the target by seed; infinite where it was not reached."""
        return {seed: epochs_to_target(h) for seed, h in self.histories.items()}

    def seconds(self, seed: int) -> float:
        """Return the processor seconds of training, measuring left out, to the target.

        Of the processor, as runs go side by side, and machines do other things too.
        """
        history = self.histories[seed]
        whole = sum(entry["cpu_seconds"] for entry in history)
        return float(whole * min(1.0, self.epochs[seed] / len(history)))


def arms(records: list[dict[str, Any]]) -> list[Arm]:
    """Return the final runs that the records hold, by activation."""
    found = []
    for choice in (r for r in records if r["kind"] == "choice"):
        histories: dict[int, History] = {}
        for record in records:
            if record["kind"] == "epoch" and all(
                record[key] == choice[key] for key in ("activation", "learning_rate")
            ):
                histories.setdefault(record["seed"], []).append(record)
        found.append(Arm(choice["activation"], choice["learning_rate"], histories))
    return found


def interval(values: list[float]) -> tuple[float, float, float] | None:
    """Return the geometric mean of ratios and its 95 % interval, if there are two."""
    if len(values) < 2:
        return None
    logs = np.log(values)
    half = T_95[len(values) - 1] * statistics.stdev(logs) / len(values) ** 0.5
    middle = float(np.mean(logs))
    low, mid, high = np.exp([middle - half, middle, middle + half])
    return float(mid), float(low), float(high)


def sentence(records: list[dict[str, Any]]) -> str:
    """Say in words how long each activation took, and the ratios to ReLU."""
    found = {arm.activation: arm for arm in arms(records)}
    if not found:
        raise ValueError("no learning rate was chosen yet: the sweep is not finished")
    lines = []
    for arm in found.values():
        name = NAMES[arm.activation]
        there = [seed for seed, epochs in arm.epochs.items() if np.isfinite(epochs)]
        if there:
            epochs = statistics.mean(arm.epochs[seed] for seed in there)
            seconds = statistics.mean(arm.seconds(seed) for seed in there)
            words = f"{epochs:.1f} epochs, {seconds:.0f} processor seconds"
            if len(there) < len(arm.epochs):
                words += f" (from {len(there)} of {len(arm.epochs)} seeds)"
        else:
            most = max(len(history) for history in arm.histories.values())
            diverged = any("diverged" in h[-1] for h in arm.histories.values())
            words = f"not reached in {most} epochs" + (" (diverged)" * diverged)
        lines.append(f"{name}: {words}")
    text = f"To {TARGET:.0%} training error: " + "; ".join(lines) + "."
    for activation in ("tanh", "sigmoid"):
        if "relu" in found and activation in found:
            text += " " + _ratio(found["relu"], found[activation])
    return text


def _ratio(relu: Arm, other: Arm) -> str:
    """Say how many times as many epochs as ReLU another activation took."""
    name = NAMES[other.activation]
    seeds = sorted(relu.histories.keys() & other.histories.keys())
    if not seeds or not all(np.isfinite(relu.epochs[seed]) for seed in seeds):
        return f"No ratio of {name} to ReLU: ReLU did not get there from every seed."
    # Where the other is not there yet, the epochs that it had are a lower bound.
    ratios = [
        min(other.epochs[seed], len(other.histories[seed])) / relu.epochs[seed]
        for seed in seeds
    ]
    if not all(np.isfinite(other.epochs[seed]) for seed in seeds):
        return f"{name} took at least {min(ratios):.1f} times as many epochs as ReLU."
    found = interval(ratios)
    if found is None:
        return (
            f"{name} took {ratios[0]:.1f} times as many epochs as ReLU "
            "(one seed, so no interval)."
        )
    mid, low, high = found
    return (
        f"{name} took {mid:.1f} times as many epochs as ReLU "
        f"(95 % interval {low:.1f} to {high:.1f}, {len(ratios)} seeds)."
    )


def draw(records: list[dict[str, Any]], out: Path) -> None:
    """Draw the figure as OUT/figure_1.png and OUT/figure_1.svg."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    setups = [record for record in records if record["kind"] == "setup"]
    found = arms(records)
    figure, axes = plt.subplots(figsize=(7.2, 5.4))
    longest = 1
    for arm in found:
        colour, line = STYLES[arm.activation]
        for seed, history in arm.histories.items():
            points = [
                (e["epoch"], e["train_error"]) for e in history if "train_error" in e
            ]
            if not points:
                continue
            longest = max(longest, len(points))
            label = f"{NAMES[arm.activation]}, rate {arm.learning_rate:g}"
            axes.plot(
                *zip(*points, strict=True),
                color=colour,
                linestyle=line,
                linewidth=1.6,
                label=label if seed == min(arm.histories) else None,
            )
            axes.plot(*points[-1], "o", color=colour, markersize=4)
    axes.axhline(TARGET, color="0.4", linewidth=0.8)
    axes.text(
        *(1.01, TARGET, f"{TARGET:.0%}"),
        transform=axes.get_yaxis_transform(),
        va="center",
        color="0.3",
    )
    axes.set(
        xlabel="Epochs",
        ylabel="Training error rate",
        xlim=(0, longest * 1.02),
        ylim=(0, 1),
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    seeds = max(len(arm.histories) for arm in found)
    used = {e["setup"] for arm in found for h in arm.histories.values() for e in h}
    setups = [setups[index] for index in sorted(used)]
    setup = setups[-1]
    name = {"cifar10": "CIFAR-10", "shapes": "drawn shapes"}[setup["data"]]
    quick = "" if is_full(setup, found) else "QUICK RUN, not the full measurement. "
    axes.set_title(
        f"Figure 1 redrawn on {name}{' (quick run)' if quick else ''}", loc="left"
    )
    days = sorted({s["date"][:10] for s in setups})
    dates = " to ".join(dict.fromkeys([days[0], days[-1]]))
    caption = (
        f"{quick}Four-layer network, {setup['train_pictures']:,} training pictures of "
        f"{name}, batches of {setup['batch_size']}; {seeds} "
        f"seed{'s' if seeds > 1 else ''} each, every seed a line. The error is over "
        "the whole training set at the end of each epoch. Rates chosen per activation "
        f"among at least {len(FIRST_RATES)}. Measured {dates}, "
        f"{setup['machine']['cores']} cores of {setup['machine']['processor']}, "
        f"commit {', '.join(dict.fromkeys(_short(s['commit']) for s in setups))}."
    )
    figure.text(0.02, 0.015, textwrap.fill(caption, 120), fontsize=7.5, color="0.25")
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    out.mkdir(parents=True, exist_ok=True)
    # The same records give the same files.
    matplotlib.rcParams["svg.hashsalt"] = "minialexnet"
    for ending, metadata in (("png", None), ("svg", {"Date": None})):
        temporary = out / f".figure_1.tmp.{ending}"
        figure.savefig(temporary, dpi=160, metadata=metadata)
        os.replace(temporary, out / f"figure_1.{ending}")
    plt.close(figure)


def _short(commit: str | None) -> str:
    """Return the first digits of a commit, and still "-dirty" if it was."""
    number, dash, dirty = (commit or "unknown").partition("-")
    return number[:7] + dash + dirty


def is_full(setup: dict[str, Any], found: list[Arm]) -> bool:
    """Say whether these runs are the measurement, or a quick look at it."""
    everything = setup["data"] == "cifar10" and setup["train_pictures"] == 50000
    return everything and all(len(arm.histories) >= 3 for arm in found)


# The command


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data",
        choices=["shapes", "cifar10"],
        default="shapes",
        help="shapes is drawn here, cifar10 is read or downloaded (default: shapes)",
    )
    parser.add_argument(
        "--data-dir", help="where the data lies (default: $MINIALEXNET_DATA)"
    )
    parser.add_argument(
        "--activations",
        nargs="+",
        choices=list(ACTIVATIONS),
        help="default: relu tanh on shapes, and sigmoid too on cifar10",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        choices=range(1, MOST_SEEDS + 1),
        metavar=f"1-{MOST_SEEDS}",
        help="seeds a run (default: 1 on shapes, 3 on cifar10)",
    )
    parser.add_argument(
        "--epochs", type=positive, default=60, help="at most (default: 60)"
    )
    parser.add_argument(
        "--sweep-epochs",
        type=positive,
        help="epochs at each learning rate before one is chosen (default: 2 on shapes, "
        "3 on cifar10)",
    )
    parser.add_argument(
        "--pictures",
        type=positive,
        metavar="N",
        help="train on the first N pictures only, for a quick look (default: all)",
    )
    parser.add_argument(
        "--batch-size",
        type=positive,
        help="pictures a step (default: 32 on shapes, 128 on cifar10)",
    )
    parser.add_argument(
        "--convolution",
        choices=list(CONVOLUTIONS),
        default="winograd",
        help="how conv2 and conv3 are computed; the same but for rounding "
        "(default: winograd, the faster)",
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0 (default: cpu)")
    parser.add_argument(
        "--jobs",
        type=positive,
        help="runs at once (default: one a core; one on a GPU)",
    )
    parser.add_argument("--out", type=Path, help="default: runs/figure_1_DATA")
    parser.add_argument(
        "--resume", action="store_true", help="go on with what OUT holds"
    )
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="JSONL",
        help="train nothing: draw the figure from recorded results",
    )
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace) -> None:
    """Run the measurement, or go on with it, into ``options.out``."""
    results = options.out / "results.jsonl"
    records = read_lines(results) if results.exists() else []
    if records and not options.resume:
        raise ValueError(
            f"{options.out} holds an earlier run: go on with it by --resume "
            "(under make, ARGS=--resume), or name another folder by --out"
        )
    check_device(options.device)
    dataset = load_pictures(options.data, options.data_dir, options.pictures)
    digest = hashlib.sha256(dataset.train_images[:].tobytes()).hexdigest()
    setups = [
        {key: value for key, value in record.items() if key != "kind"}
        for record in records
        if record["kind"] == "setup"
    ]
    setups.append(
        provenance()
        | {
            "data": options.data,
            "train_pictures": len(dataset.train_labels),
            "train_sha256": digest,
            "activations": options.activations,
            "seeds": options.seeds,
            "epochs": options.epochs,
            "batch_size": options.batch_size,
            "convolution": options.convolution,
            "device": options.device,
            "jobs": options.jobs,
        }
    )
    if any(setup["train_sha256"] != digest for setup in setups):
        raise ValueError(f"{options.out} holds a run on other pictures")
    histories: dict[Run, History] = {}
    for record in records:
        if record["kind"] == "epoch":
            run = Run(*(record[k] for k in ("activation", "learning_rate", "seed")))
            histories.setdefault(run, []).append(
                {k: v for k, v in record.items() if k not in ("kind", *asdict(run))}
            )
    settings = Settings(
        options.data,
        options.data_dir,
        options.pictures,
        options.batch_size,
        options.convolution,
        options.device,
        options.out,
        setup=len(setups) - 1,
    )
    pictures = 2 * len(dataset.train_labels)
    del dataset
    (options.out / "runs").mkdir(parents=True, exist_ok=True)
    choices = [record for record in records if record["kind"] == "choice"]
    workers = Workers(settings, options.jobs, setups, choices, histories)
    try:
        best = sweep(workers, options.activations, 0, options.sweep_epochs, pictures)
        runs = [
            Run(activation, best[activation], seed)
            for activation in options.activations
            for seed in range(options.seeds)
        ]
        workers.train("final runs", runs, options.epochs, pictures)
        workers.write()
    finally:
        workers.close()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    for name, value in DEFAULTS[options.data].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.out = options.out or Path("runs") / f"figure_1_{options.data}"
    if options.jobs is None:
        runs = len(options.activations) * max(len(FIRST_RATES), options.seeds)
        options.jobs = min(cores(), runs) if options.device == "cpu" else 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.draw is None:
            measure(options)
        records = read_lines(options.draw or options.out / "results.jsonl")
        text = sentence(records)
        draw(records, options.out)
    except KeyboardInterrupt:
        print(
            f"\nStopped. Finished epochs are kept in {options.out}; to go on, give the "
            "same command with --resume (under make, ARGS=--resume).",
            file=sys.stderr,
        )
        return 130
    except (OSError, ValueError, RuntimeError, CheckpointError) as error:
        print(f"figure 1: {error}", file=sys.stderr)
        return 2
    print(text)
    print(f"Drawn to {options.out / 'figure_1.png'} and .svg, from", end=" ")
    print(options.draw or options.out / "results.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
