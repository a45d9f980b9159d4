"""The ``minialexnet`` command."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import __doc__ as about
from . import __version__
from .alexnet import PROFILES, alexnet, compare_profiles
from .cifar_net import ACTIVATIONS, cifar_net
from .data import NAMES

if TYPE_CHECKING:
    from .train import Training

__all__ = ["main"]

MODELS = {"cifar": cifar_net}

# What a run is where nothing else is asked for.
DEFAULTS: dict[str, Any] = {
    "data": "shapes",
    "model": "cifar",
    "activation": "relu",
    "epochs": 10,
    "batch_size": 32,  # small steps and many: shapes are learned in a minute
    "learning_rate": 0.003,
    "momentum": 0.9,
    "weight_decay": 0.0005,
    "seed": 0,
    "device": "cpu",
}
CHECKPOINT = "checkpoint.npz"
METRICS = "metrics.jsonl"
BLAS_THREADS = "OPENBLAS_NUM_THREADS"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; the program's own when not given.

    Returns
    -------
    int
        The exit code: 0; 1 where a training cannot go on; 2 for arguments, data or
        files that do not fit, said in one line; 130 after Ctrl-C.
    """
    options = vars(_parser().parse_args(argv))
    if argv is None and BLAS_THREADS not in os.environ:
        # BLAS read the number when NumPy was imported, so the program starts again.
        # The products of a small network are too thin for two threads, which wait for
        # each other longer than they compute.
        arguments = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, arguments, os.environ | {BLAS_THREADS: "1"})
    return int(options.pop("run")(**options))


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="minialexnet", description=about)
    parser.add_argument(
        "--version", action="version", version=f"minialexnet {__version__}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train",
        help="train a network, or go on with one",
        description="Train a network. OUT takes a checkpoint and one line of JSON an "
        "epoch. A run that was stopped, even by kill -9, is taken up by --resume and "
        "ends in the weights that it would have ended in, bit for bit.",
        epilog="Biases learn at twice the rate and do not decay, as in the code of "
        f"2012. BLAS computes on one thread; {BLAS_THREADS} sets another number.",
        # What is not given is left out, so --resume sees what was asked for.
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )

    def add(option: str, text: str, **how: Any) -> None:
        name = option[2:].replace("-", "_")
        default = f" (default: {DEFAULTS[name]})" if name in DEFAULTS else ""
        train.add_argument(option, help=text + default, **how)

    add("--out", "folder of the run; made if need be", type=Path, required=True)
    add("--resume", "go on with the run in OUT, as it was set up", action="store_true")
    add("--data", "shapes is drawn, cifar10 is read or downloaded", choices=NAMES)
    add("--data-dir", "where data lies (default: $MINIALEXNET_DATA)", type=Path)
    add("--model", "the network: cifar is the one of Figure 1", choices=MODELS)
    add("--activation", "after each convolution", choices=ACTIVATIONS)
    add("--epochs", "passes over the training pictures in all", type=_positive)
    add("--batch-size", "pictures a step", type=_positive)
    add("--learning-rate", "the same in every epoch", type=float)
    add("--momentum", "share of the last step in the next", type=float)
    add("--weight-decay", "pull of the weights to zero", type=float)
    add("--seed", "of the first weights and of the pictures' order", type=int)
    add("--device", "cpu or cuda:0, cuda:1, ...")
    train.set_defaults(run=_train)

    describe = commands.add_parser(
        "describe",
        help="print an AlexNet's table of shapes, and draw it",
        description="Print the shapes, parameters, multiply-adds and memory of an "
        "AlexNet and how the profiles differ, and draw its two rows as Figure 2.",
        allow_abbrev=False,
    )
    describe.add_argument("--profile", choices=PROFILES, default="paper")
    describe.add_argument("--classes", type=_positive, default=1000)
    describe.add_argument("--width", type=float, default=1.0, help="of every layer")
    describe.add_argument("--input-size", type=_positive, help="pixels of a side")
    describe.add_argument("--towers", type=int, choices=(1, 2), default=2)
    describe.add_argument(
        "--out",
        type=Path,
        default=Path("runs/figure_2"),
        help="the picture, without its ending (default: runs/figure_2)",
    )
    describe.set_defaults(run=_describe)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text}")
    return number


def _describe(
    profile: str,
    classes: int,
    width: float,
    input_size: int | None,
    towers: int,
    out: Path,
) -> int:
    """Print a network's table and the profiles, and draw it; return the exit code."""
    from .visualize import draw_architecture

    size = input_size or PROFILES[profile].input_size
    try:
        network = alexnet(profile, classes, width, size, towers)
        print(network.table((3, size, size)), compare_profiles(), sep="\n\n")
        out.parent.mkdir(parents=True, exist_ok=True)
        title = f"AlexNet, profile {profile}, {size} x {size} pixels"
        files = draw_architecture(network, (3, size, size), out, title)
    except (OSError, ValueError) as error:
        return _fail(error, 2, "describe")
    print(f"\nDrawn: {' and '.join(map(str, files))}")
    return 0


def _train(
    out: Path, resume: bool = False, data_dir: Path | None = None, **asked: Any
) -> int:
    """Train, or go on training; return the exit code."""
    from .train import DivergedError

    try:
        try:
            training, config = _set_up(out, resume, data_dir, asked)
        except (OSError, ValueError, RuntimeError) as error:
            return _fail(error, 2)
        try:
            _run(training, config, out)
        except (OSError, DivergedError) as error:
            return _fail(error, 1)
    except KeyboardInterrupt:
        print("\nStopped.", end=" ", file=sys.stderr)
        if not (out / CHECKPOINT).exists():
            print("Nothing was trained yet.", file=sys.stderr)
            return 130
        words = ["minialexnet", "train", "--out", str(out), "--resume"]
        words += [] if data_dir is None else ["--data-dir", str(data_dir)]
        print("Finished epochs are kept; go on by", file=sys.stderr)
        print(f"  {shlex.join(words)}", file=sys.stderr)
        return 130
    print(f"Trained: {out / CHECKPOINT}; measured: {out / METRICS}")
    return 0


def _fail(error: Exception, code: int, command: str = "train") -> int:
    message = " ".join(str(error).split())
    print(f"minialexnet {command}: {message}", file=sys.stderr)
    return code


def _set_up(
    out: Path, resume: bool, data_dir: Path | None, asked: dict[str, Any]
) -> tuple[Training, dict[str, Any]]:
    """Return the training, ready to go on, and what the run is to be."""
    # Imported here, so that --help and a mistyped option answer at once.
    from .backend import check_device
    from .data import load
    from .optimizer import MomentumSGD
    from .train import Training

    asked[BLAS_THREADS] = os.environ.get(BLAS_THREADS)
    config = _earlier(out, asked) if resume else _new(out, asked)
    check_device(config["device"])
    dataset = load(config["data"], data_dir)
    network = MODELS[config["model"]](
        config["activation"], len(dataset.class_names), config["seed"]
    )
    training = Training(
        network,
        dataset,
        lambda parameters: MomentumSGD(
            parameters,
            config["learning_rate"],
            config["momentum"],
            config["weight_decay"],
            rate_factors={"b": 2},
            decay_factors={"b": 0},
        ),
        batch_size=config["batch_size"],
        seed=config["seed"],
        device=config["device"],
    )
    if resume:
        training.load(out / CHECKPOINT, config)
    else:
        out.mkdir(parents=True, exist_ok=True)
        print(network.table(dataset.train_images.shape[1:]))
    return training, config | asked


def _new(out: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a new run is to be."""
    # A name with a dot in front is what a run killed at its very beginning leaves.
    if next(out.glob("[!.]*"), None):
        raise ValueError(
            f"expected an empty or a new --out, got {out}: go on with its run by "
            "--resume, or name another folder"
        )
    return DEFAULTS | asked


def _earlier(out: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the run in `out` was asked to be, if the same is asked for now."""
    from . import checkpoint

    path = out / CHECKPOINT
    if not path.exists():
        raise ValueError(f"expected a checkpoint to go on from, got no {path}")
    config: dict[str, Any] = checkpoint.load(path)[1].get("config", {})
    if config.keys() != DEFAULTS.keys() | {BLAS_THREADS}:
        raise ValueError(f"expected {path} to be written by minialexnet train")
    for name, value in asked.items():
        if value != config[name] and name != "epochs":
            raise ValueError(
                f"expected {_option(name)} {config[name]}, as the run in {out} has it, "
                f"got {value}"
            )
    return config


def _option(name: str) -> str:
    return name if name == BLAS_THREADS else "--" + name.replace("_", "-")


def _run(training: Training, config: dict[str, Any], out: Path) -> None:
    """Train to the last epoch, with a checkpoint before the first and after each."""
    import numpy as np
    from tqdm import tqdm

    from .records import write_lines

    epochs, dataset = config["epochs"], training.dataset
    while True:
        # The checkpoint holds the history, so the metrics follow from it: where a kill
        # falls between the two lines, going on writes them again.
        training.save(out / CHECKPOINT, config)
        write_lines(out / METRICS, training.history)
        if len(training.history) >= epochs:
            return
        name = f"epoch {len(training.history) + 1}/{epochs}"
        pictures = len(dataset.train_labels) + len(dataset.test_labels)
        # Without a terminal (disable=None) there is no bar, only a line an epoch.
        with (
            tqdm(
                total=pictures, desc=name, unit="picture", leave=False, disable=None
            ) as bar,
            # A loss that is no number ends the run in one line, without warnings.
            np.errstate(over="ignore", invalid="ignore"),
        ):
            training.run_epoch(bar.update)
            training.evaluate("test", bar.update)
        last = training.history[-1]
        print(
            f"{name}: running loss {last['running_loss']:.4f} nats, "
            f"test error {last['test_error']:.1%}, {last['seconds']:.1f} s",
            flush=True,
        )
