"""Train networks that differ in one thing, each from several seeds, and compare them.

What the scripts beside this one share. An `Arm` is one of the networks compared and how
it is trained; a `Run` is an arm from a seed. Runs with the same seed see the same
batches and, where their layers have the same shapes, begin with the same weights, so
arms are compared seed by seed.

A script describes its arms and calls `compare` inside `command`::

    options = parser(__doc__, "two_towers", DEFAULTS).parse_args()
    return command("two_towers", options, lambda o: compare(o, arms(o)), report)

Each run trains in a process of its own, with its checkpoint under OUT/runs. What is
measured stands in OUT/results.jsonl: a "setup" line for each time the program was
started, and an "epoch" line for each epoch of each run. After Ctrl-C, kill -9 or a
power cut, --resume goes on with the epochs that are not finished.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import multiprocessing
import os
import queue
import signal
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from command import run_command
from minialexnet import MomentumSGD, Sequential
from minialexnet.commands import positive
from minialexnet.data import load
from minialexnet.data.dataset import Dataset
from minialexnet.engine.blas import cores
from minialexnet.engine.devices import check_device
from minialexnet.files.records import provenance, read_lines, write_lines
from minialexnet.layers.winograd import CONVOLUTIONS
from minialexnet.model import begin
from minialexnet.train import DivergedError, Training

# Half-widths of a 95 % interval in standard errors: Student's t by degrees of freedom.
T_95 = dict(enumerate((12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306), 1))
MOST_SEEDS = len(T_95) + 1
DATA_NAMES = {
    "cifar10": "CIFAR-10",
    "shapes": "drawn shapes",
    "tiny-imagenet": "Tiny ImageNet",
}

Record = dict[str, Any]
History = list[Record]  # one entry an epoch
Key = tuple[Any, ...]  # a run's labels, as they stand in the records


@dataclass(frozen=True)
class Arm:
    """One of the networks compared, and how it is trained.

    Attributes
    ----------
    name : str
        In file names and progress bars.
    network : dict
        See `minialexnet.model.build`; the seed is added.
    learning_rate : float
    optimizer : dict
        Further arguments of `MomentumSGD`.
    drops : tuple of int
        After how many epochs the learning rate is divided by ten, each time anew.
    change : callable (network, seed) -> Sequential, optional
        Returns what is trained in place of the network as it was built; a function of
        a module, as it is sent to another process.
    target : float
        A training error at which a run ends before its last epoch.
    labels : dict
        What the arm is called in the records, by default ``{"arm": name}``.
    """

    name: str
    network: dict[str, Any]
    learning_rate: float
    optimizer: dict[str, Any] = field(default_factory=dict)
    drops: tuple[int, ...] = ()
    change: Callable[[Sequential, int], Sequential] | None = None
    target: float = -1.0
    labels: dict[str, Any] = field(default_factory=dict)

    def rate(self, done: int) -> float:
        """Return the learning rate after `done` epochs."""
        return float(
            self.learning_rate / 10 ** sum(done >= drop for drop in self.drops)
        )


@dataclass(frozen=True)
class Run:
    """One training: an arm from a seed."""

    arm: Arm
    seed: int

    @property
    def labels(self) -> Record:
        """What the run is called in the records."""
        return (self.arm.labels or {"arm": self.arm.name}) | {"seed": self.seed}

    @property
    def key(self) -> Key:
        """The labels without their names."""
        return tuple(self.labels.values())

    def __str__(self) -> str:
        """Return a name for files and progress bars."""
        return f"{self.arm.name}-seed{self.seed}"

    def is_finished(self, history: History, until: int) -> bool:
        """Say whether the run is at its target, diverged, or out of epochs."""
        if not history:
            return until == 0
        last = history[-1]
        return (
            len(history) >= until
            or "diverged" in last
            or last.get("train_error", 1.0) <= self.arm.target
        )


@dataclass(frozen=True)
class Settings:
    """What all runs share."""

    data: str
    data_dir: str | None
    pictures: int | None  # the first so many training pictures; None for all
    batch_size: int
    device: str
    out: Path
    splits: tuple[str, ...]  # where the error is measured after each epoch
    setup: int  # which of the setup records the epochs to come belong to
    classes: int | None = None  # the first so many of them, where a script asks


# Training, each run in a worker process


def load_pictures(
    name: str, data_dir: str | None, pictures: int | None, classes: int | None = None
) -> Dataset:
    """Load a data set, or its first `classes`, or first `pictures` to train on."""
    dataset = load(name, data_dir, **({} if classes is None else {"classes": classes}))
    images, labels = dataset.train_images[:pictures], dataset.train_labels[:pictures]
    return replace(dataset, train_images=images, train_labels=labels)


def train(
    run: Run,
    until: int,
    settings: Settings,
    dataset: Dataset,
    report: Callable[[str, Any], None],
) -> None:
    """Train one run to epoch `until` or its target, from where it was left."""
    arm, path = run.arm, settings.out / "runs" / f"{run}.npz"
    config = run.labels | {
        "data": settings.data,
        "batch_size": settings.batch_size,
        "train_pictures": len(dataset.train_labels),
    }
    if arm.drops:
        config["drops"] = list(arm.drops)
    model = begin(dataset, arm.network | {"seed": run.seed})
    if arm.change is not None:
        model.network = arm.change(model.network, run.seed)
    training = Training(
        model,
        dataset,
        lambda parameters: MomentumSGD(parameters, arm.learning_rate, **arm.optimizer),
        batch_size=settings.batch_size,
        seed=run.seed,
        device=settings.device,
        workers=0,  # as many runs as cores train at once
    )
    if path.exists():
        training.load(path, config)
    report("epoch", training.history)
    while not run.is_finished(training.history, until):
        done = len(training.history)
        training.optimizer.learning_rate = arm.rate(done)
        try:
            training.run_epoch(lambda n: report("pictures", n))
            for split in settings.splits:
                training.evaluate(split, lambda n: report("pictures", n))
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
        dataset = load_pictures(
            settings.data, settings.data_dir, settings.pictures, settings.classes
        )
        while (task := tasks.get()) is not None:
            run, until = task

            def report(what: str, value: Any, key: Key = run.key) -> None:
                messages.put((what, key, value))

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
    pictures : int
        How many go through the network in an epoch, training and measuring.
    records : list of dict
        What earlier invocations wrote, and this one's setup.
    labels : tuple of str
        The names of a run's labels.

    Attributes
    ----------
    notes : list of dict
        Records that are neither setups nor epochs, for the script to fill.
    histories : dict
        By `Run.key`.
    """

    def __init__(
        self,
        settings: Settings,
        jobs: int,
        pictures: int,
        records: list[Record],
        labels: tuple[str, ...],
    ) -> None:
        self.settings, self.pictures, self.labels = settings, pictures, labels
        self.setups = [record for record in records if record["kind"] == "setup"]
        self.notes = [r for r in records if r["kind"] not in ("setup", "epoch")]
        self.histories: dict[Key, History] = {}
        for record in records:
            if record["kind"] == "epoch":
                key = tuple(record[label] for label in labels)
                self.histories.setdefault(key, []).append(
                    {k: v for k, v in record.items() if k not in ("kind", *labels)}
                )
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

    def train(self, title: str, runs: Sequence[Run], until: int) -> None:
        """Train `runs` up to epoch `until` or their target, a bar for each at work."""
        waiting = {
            run.key: run
            for run in runs
            if not run.is_finished(self.histories.get(run.key, []), until)
        }
        for run in waiting.values():
            self.histories.setdefault(run.key, [])  # recorded in this order
            self._tasks.put((run, until))
        bars: dict[Key, tqdm[Any]] = {}
        total = tqdm(total=len(waiting), desc=title, unit="run", position=0, leave=True)
        free = list(range(len(self._processes), 0, -1))
        places: dict[Key, int] = {}
        while waiting:
            what, key, value = self._next_message()
            if what == "failed":
                raise RuntimeError(value)
            if what == "pictures":
                bars[key].update(value)
            elif what == "epoch":
                self.histories[key] = value
                self.write()
                if key in bars:
                    bars[key].close()
                else:
                    places[key] = free.pop()
                done = f"{waiting[key]} epoch {len(value) + 1}{_error_so_far(value)}"
                bars[key] = tqdm(
                    total=self.pictures,
                    desc=done,
                    unit="picture",
                    position=places[key],
                    leave=False,
                )
            else:
                bars.pop(key).close()
                free.append(places.pop(key))
                total.update()
                del waiting[key]
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
        epochs = [
            {"kind": "epoch", **dict(zip(self.labels, key, strict=True)), **entry}
            for key, history in self.histories.items()
            for entry in history
        ]
        path = self.settings.out / "results.jsonl"
        write_lines(path, self.setups + self.notes + epochs)

    def close(self) -> None:
        """End the worker processes; their checkpoints stay."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _error_so_far(history: History) -> str:
    errors = [entry["train_error"] for entry in history if "train_error" in entry]
    return f", error {errors[-1]:.1%}" if errors else ""


@contextmanager
def workers(
    options: argparse.Namespace,
    described: Record,
    most: int,
    splits: tuple[str, ...] = ("train", "test"),
    labels: tuple[str, ...] = ("arm", "seed"),
) -> Iterator[Workers]:
    """Yield workers that go on with what ``options.out`` holds, and end them.

    Parameters
    ----------
    options : argparse.Namespace
        What a `parser` read.
    described : dict
        What this script's setup record says besides.
    most : int
        Runs that could train at once.
    splits, labels
        See `Settings` and `Workers`.
    """
    results = options.out / "results.jsonl"
    records = read_lines(results) if results.exists() else []
    if records and not options.resume:
        raise ValueError(
            f"{options.out} holds an earlier run: go on with it by --resume "
            "(under make, ARGS=--resume), or name another folder by --out"
        )
    check_device(options.device)
    jobs = options.jobs or (min(cores(), most) if options.device == "cpu" else 1)
    classes = getattr(options, "classes", None)
    dataset = load_pictures(options.data, options.data_dir, options.pictures, classes)
    digest = hashlib.sha256(dataset.train_images[:].tobytes()).hexdigest()
    earlier = [record for record in records if record["kind"] == "setup"]
    if any(setup["train_sha256"] != digest for setup in earlier):
        raise ValueError(f"{options.out} holds a run on other pictures")
    setup = {"kind": "setup"} | provenance()
    setup |= {
        "data": options.data,
        "train_pictures": len(dataset.train_labels),
        "train_sha256": digest,
        "classes": len(dataset.class_names),
    }
    names = ("seeds", "epochs", "batch_size", "convolution", "device")
    setup |= described | {name: getattr(options, name) for name in names}
    setup["jobs"] = jobs
    settings = Settings(
        options.data,
        options.data_dir,
        options.pictures,
        options.batch_size,
        options.device,
        options.out,
        splits,
        setup=len(earlier),
        classes=classes,
    )
    measured = [len(getattr(dataset, f"{split}_labels")) for split in splits]
    pictures = len(dataset.train_labels) + sum(measured)
    del dataset
    (options.out / "runs").mkdir(parents=True, exist_ok=True)
    pool = Workers(settings, jobs, pictures, [*records, setup], labels)
    try:
        yield pool
        pool.write()
    finally:
        pool.close()


def compare(
    options: argparse.Namespace,
    arms: Sequence[Arm],
    splits: tuple[str, ...] = ("train", "test"),
) -> None:
    """Train every arm from every seed for all epochs, into ``options.out``.

    The error over each of the splits is measured after each epoch.
    """
    described: Record = {
        "arms": {
            arm.name: {
                "network": arm.network,
                "learning_rate": arm.learning_rate,
                "optimizer": arm.optimizer,
                "drops": list(arm.drops),
            }
            for arm in arms
        }
    }
    runs = [Run(arm, seed) for seed in range(options.seeds) for arm in arms]
    with workers(options, described, len(runs), splits) as pool:
        pool.train("runs", runs, options.epochs)


# From the records to numbers


def histories(records: Sequence[Record]) -> dict[str, dict[int, History]]:
    """Return what `compare` recorded, by arm and seed."""
    found: dict[str, dict[int, History]] = {}
    for record in records:
        if record["kind"] == "epoch":
            arm = found.setdefault(record["arm"], {})
            arm.setdefault(record["seed"], []).append(record)
    return found


def epochs(records: Sequence[Record]) -> int:
    """Return the number of the last epoch."""
    return max((r["epoch"] for r in records if r["kind"] == "epoch"), default=0)


def finished_seeds(records: Sequence[Record]) -> list[int]:
    """Return the seeds from which every arm was trained to its last epoch.

    Raises
    ------
    ValueError
        If there is none.
    """
    last = epochs(records)
    done = [
        {seed for seed, h in arm.items() if len(h) == last and "test_error" in h[-1]}
        for arm in histories(records).values()
    ]
    seeds = sorted(set.intersection(*done)) if done else []
    if not seeds:
        raise ValueError("no seed is finished in every arm yet")
    return seeds


def paired(records: Sequence[Record], key: str) -> dict[str, list[float]]:
    """Return a number after the last epoch by arm, in the order of `finished_seeds`."""
    found, seeds = histories(records), finished_seeds(records)
    return {name: [arm[seed][-1][key] for seed in seeds] for name, arm in found.items()}


def curves(records: Sequence[Record], key: str) -> dict[str, NDArray[np.float64]]:
    """Return a number after each epoch by arm, (seeds, epochs), as `finished_seeds`."""
    found, seeds = histories(records), finished_seeds(records)
    return {
        name: np.array([[entry[key] for entry in arm[seed]] for seed in seeds])
        for name, arm in found.items()
    }


def setups(records: Sequence[Record]) -> list[Record]:
    """Return the setup records that the epochs belong to."""
    found = [record for record in records if record["kind"] == "setup"]
    used = {record["setup"] for record in records if record["kind"] == "epoch"}
    return [found[index] for index in sorted(used)]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the half-width of its 95 % t interval; NaN of one value.

    Examples
    --------
    >>> mean, half = interval([1.0, 2.0, 3.0])  # 4.303 / sqrt(3)
    >>> mean, round(half, 3)
    (2.0, 2.484)
    """
    if len(values) < 2:
        return float(values[0]), float("nan")
    half = T_95[len(values) - 1] * statistics.stdev(values) / len(values) ** 0.5
    return statistics.fmean(values), float(half)


def geometric_interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Return the geometric mean of ratios and the ends of its 95 % interval.

    The interval is that of the logarithms; its ends are NaN of one value.
    """
    mean, half = interval([math.log(ratio) for ratio in ratios])
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def difference(words: str, one: Sequence[float], other: Sequence[float]) -> str:
    """Say by how many points errors of two arms differ, seed by seed.

    Parameters
    ----------
    words : str
        What is subtracted from what.
    one, other : sequence of float
        Of each seed, the fraction of errors.
    """
    points = [100 * (a - b) for a, b in zip(one, other, strict=True)]
    mean, half = interval(points)
    words = f"{words}: {mean:+.2f} points"
    if math.isnan(half):
        return f"{words} (one seed, so no interval)"
    words += f" (95 % interval {mean - half:+.2f} to {mean + half:+.2f}, "
    words += f"{len(points)} seeds, paired)"
    return words + (", inside the noise" if abs(mean) <= half else "")


def epochs_to(errors: Sequence[float], target: float) -> float:
    """Return after how many epochs an error came down to the target; or infinity.

    Between the ends of two epochs it is taken to fall in a straight line, and to begin
    at chance, 90 %.
    """
    before = 0.9
    for epoch, after in enumerate(errors):
        if after <= target:
            return epoch + (before - target) / (before - after)
        before = after
    return math.inf


# Drawing


def draw_range(
    axes: Any, errors: NDArray[np.float64], label: str, style: Record
) -> None:
    """Draw the mean of the seeds after each epoch, and their range behind it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    errors : ndarray, shape (seeds, epochs)
        In percent.
    label : str
    style : dict
        Of the line.
    """
    epochs = np.arange(1, errors.shape[1] + 1)
    axes.plot(epochs, errors.mean(axis=0), label=label, **style, markersize=4)
    low, high = errors.min(axis=0), errors.max(axis=0)
    axes.fill_between(epochs, low, high, color=style["color"], alpha=0.15, lw=0)
    axes.xaxis.get_major_locator().set_params(integer=True)


def draw_pairs(
    axes: Any,
    places: Sequence[float],
    errors: Sequence[Sequence[float]],
    styles: Sequence[Record],
) -> None:
    """Draw an error of each arm and seed, those of a seed joined by a line.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    places : sequence of float
        Where each arm stands.
    errors : sequence of sequence of float
        By arm, of each seed, the fraction of errors.
    styles : sequence of dict
    """
    percent = 100 * np.array(errors)  # (arms, seeds)
    axes.plot(places, percent, color="0.6", linewidth=0.8, zorder=1)
    for at, points, style in zip(places, percent, styles, strict=True):
        look = style | {"linestyle": "none", "markersize": 5}
        axes.plot([at] * len(points), points, **look)


# The command


def parser(
    doc: str | None, name: str, defaults: dict[str, Record]
) -> argparse.ArgumentParser:
    """Return a parser of the arguments that the scripts share.

    Parameters
    ----------
    doc : str
        The script's docstring, whose first line says what it does.
    name : str
        Of the script.
    defaults : dict of dict
        By data set, the first of which is the default: "seeds", "epochs", "batch_size"
        and what else the script has defaults for; `command` fills them in.
    """
    found = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    found.set_defaults(defaults=defaults)
    add = found.add_argument
    add(
        "--data",
        choices=list(defaults),
        default=next(iter(defaults)),
        help="shapes is drawn here, others are read or downloaded (default: shapes)",
    )
    add("--data-dir", help="where the data lies (default: $MINIALEXNET_DATA)")
    add(
        "--seeds",
        type=int,
        choices=range(1, MOST_SEEDS + 1),
        metavar=f"1-{MOST_SEEDS}",
        help=f"seeds a run (default: {_default(defaults, 'seeds')})",
    )
    add(
        "--epochs",
        type=positive,
        help=f"at most (default: {_default(defaults, 'epochs')})",
    )
    add(
        "--pictures",
        type=positive,
        metavar="N",
        help="train on the first N pictures only, for a quick look (default: all)",
    )
    add(
        "--batch-size",
        type=positive,
        help=f"pictures a step (default: {_default(defaults, 'batch_size')})",
    )
    add(
        "--convolution",
        choices=list(CONVOLUTIONS),
        default="winograd",
        help="how convolutions are computed; the same but for rounding "
        "(default: winograd, the faster)",
    )
    add("--device", default="cpu", help="cpu or cuda:0 (default: cpu)")
    add(
        "--jobs",
        type=positive,
        help="runs at once (default: one a core; one on a GPU)",
    )
    add("--out", type=Path, help=f"default: runs/{name}_DATA")
    add("--resume", action="store_true", help="go on with what OUT holds")
    add(
        "--draw",
        type=Path,
        metavar="JSONL",
        help="train nothing: draw the figure from recorded results",
    )
    return found


def _default(defaults: dict[str, Record], name: str) -> str:
    values = [by_data[name] for by_data in defaults.values()]
    if len(set(values)) == 1:
        return str(values[0])
    return ", ".join(f"{v} on {data}" for data, v in zip(defaults, values, strict=True))


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

    def work() -> tuple[str, list[Path]]:
        if options.draw is None:
            measure(options)
        records = read_lines(source)
        try:
            text = sentence(records)
        except KeyError as error:
            raise ValueError(
                f"{source}: expected what {name} records, got lines without {error}"
            ) from error
        options.out.mkdir(parents=True, exist_ok=True)
        return text, draw(records, options.out)

    return run_command(
        name,
        work,
        f"finished epochs are kept in {options.out}; to go on, give the same command "
        "with --resume (under make, ARGS=--resume).",
    )
