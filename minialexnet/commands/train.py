"""``minialexnet train``: train a network, go on with one, or fine-tune one."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cifar_net import ACTIVATIONS
from ..data import NAMES
from ..layers.winograd import CONVOLUTIONS
from ..profiles import PROFILES
from . import fail, positive

if TYPE_CHECKING:
    from ..data.dataset import Dataset
    from ..model import Model
    from ..optimizer import MomentumSGD
    from ..schedules import Schedule
    from ..train import Training

__all__ = ["add"]

METRICS = "metrics.jsonl"
MINUTES = 10.0  # between the checkpoints of an epoch that takes long
MODELS = ("cifar", "alexnet")
AUGMENTATIONS = ("none", "crops", "paper", "2012")

# What a run is where nothing else is asked for.
DEFAULTS: dict[str, Any] = {
    "data": "shapes",
    "classes": None,
    "model": "cifar",
    "activation": "relu",
    "profile": "paper",
    "width": 1.0,
    "input_size": None,
    "towers": 2,
    "convolution": "im2col",
    "from": None,
    "epochs": 90,
    "batch_size": 128,
    "learning_rate": 0.01,
    "momentum": 0.9,
    "weight_decay": 0.0005,
    "schedule": "plateau",
    "patience": 3,
    "rate": {},
    "augment": "paper",
    "seed": 0,
    "device": "cpu",
    "threads": None,
}
# Those above are the paper's. The small network sees shapes: small steps and many, so
# that they are learned in a minute. Fine-tuning is as in the 2012 code.
CIFAR: dict[str, Any] = {
    "epochs": 10,
    "batch_size": 32,
    "learning_rate": 0.003,
    "schedule": "constant",
    "augment": "none",
}
FINE_TUNING: dict[str, Any] = {"learning_rate": 0.001, "rate": {"conv1": 0.1}}
# What belongs to how the network is built.
BUILDING = {
    "cifar": ("activation", "convolution"),
    "alexnet": ("profile", "width", "input_size", "towers", "convolution"),
}


def add(commands: Any) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "train",
        help="train a network, go on with one, or fine-tune one",
        description="Train a network. OUT takes a checkpoint and one line of JSON an "
        "epoch. A run that was stopped, even by kill -9, is taken up by --resume and "
        "ends in the weights that it would have ended in, bit for bit.",
        epilog="AlexNet's defaults are the paper's. Biases learn at the rate and decay "
        "of the network's profile; those of cifar at twice the rate, without decay.",
        # What is not given is left out, so --resume sees what was asked for.
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )

    def option(name: str, text: str, **how: Any) -> None:
        key = name[2:].replace("-", "_")
        default = DEFAULTS.get(key)
        if default:
            small = f"; {CIFAR[key]} for cifar" if key in CIFAR else ""
            text += f" (default: {default}{small})"
        parser.add_argument(name, help=text, **how)

    option("--out", "folder of the run; made if need be", type=Path, required=True)
    option(
        "--resume", "go on with the run in OUT as it was set up", action="store_true"
    )
    option(
        "--from",
        "fine-tune: begin with the layers of this checkpoint or run that fit, but the "
        "last anew; a rate of 0.001, a tenth of it for conv1",
        metavar="CHECKPOINT",
    )
    option(
        "--data",
        f"{', '.join(NAMES)}, or a folder that minialexnet prepare made",
    )
    option("--data-dir", "where data lies (default: $MINIALEXNET_DATA)", type=Path)
    option("--classes", "of tiny-imagenet, the first so many", type=positive)
    option("--model", "the network: cifar is the one of Figure 1", choices=MODELS)
    option("--activation", "cifar: after each convolution", choices=ACTIVATIONS)
    option("--profile", "alexnet: see minialexnet describe", choices=PROFILES)
    option("--width", "alexnet: multiplies the kernels of every layer", type=float)
    option(
        "--input-size",
        "alexnet: pixels of a side that it takes (default: the profile's own, for "
        "smaller pictures 7/8 of their side)",
        type=positive,
    )
    option("--towers", "alexnet: two, or one of half the kernels", type=int)
    option("--convolution", "winograd: faster, rounds otherwise", choices=CONVOLUTIONS)
    option("--epochs", "passes over the training pictures in all", type=positive)
    option("--batch-size", "pictures a step", type=positive)
    option("--learning-rate", "at the beginning", type=float)
    option("--momentum", "share of the last step in the next", type=float)
    option("--weight-decay", "pull of the weights to zero", type=float)
    option(
        "--schedule",
        "plateau divides the rate by 10, three times at most, when the test error "
        "stops improving; constant; or the epochs after which to divide it: 25,51",
    )
    option("--patience", "plateau: epochs without improvement", type=positive)
    option(
        "--rate",
        "multiply the rate of one layer; may be given several times",
        metavar="LAYER=FACTOR",
        type=_layer_rate,
        action="append",
    )
    option(
        "--augment",
        "crops: random crops and flips; paper: colour noise too; 2012: as that code's",
        choices=AUGMENTATIONS,
    )
    option("--seed", "of the weights, the pictures' order, augmentation", type=int)
    option("--device", "cpu or cuda:0; two for the two towers: cuda:0,cuda:1")
    option(
        "--threads",
        "of the processor that share a batch; another number rounds otherwise "
        "(default: one a core)",
        type=positive,
    )
    option("--workers", "threads that prepare batches (default: 1)", type=int)
    parser.set_defaults(run=run)


def _layer_rate(text: str) -> tuple[str, float]:
    layer, equals, factor = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected LAYER=FACTOR, got {text!r}")
    return layer, float(factor)


def run(
    out: Path,
    resume: bool = False,
    data_dir: Path | None = None,
    workers: int = 1,
    **asked: Any,
) -> int:
    """Train, or go on training; return the exit code."""
    from ..files.checkpoint import NAME
    from ..train import DivergedError

    if "rate" in asked:
        asked["rate"] = dict(asked["rate"])
    try:
        try:
            training, config = _set_up(out, resume, data_dir, workers, asked)
        except (OSError, ValueError, RuntimeError, MemoryError) as error:
            return fail(error, 2, "train")
        try:
            _train(training, config, out)
        except (OSError, DivergedError) as error:
            return fail(error, 1, "train")
        finally:
            training.close()
    except KeyboardInterrupt:
        print("\nStopped.", end=" ", file=sys.stderr)
        if not (out / NAME).exists():
            print("Nothing was trained yet.", file=sys.stderr)
            return 130
        words = ["minialexnet", "train", "--out", str(out), "--resume"]
        words += [] if data_dir is None else ["--data-dir", str(data_dir)]
        print("What the last checkpoint holds is kept; go on by", file=sys.stderr)
        print(f"  {shlex.join(words)}", file=sys.stderr)
        return 130
    print(f"Trained: {out / NAME}; measured: {out / METRICS}")
    return 0


def _set_up(
    out: Path,
    resume: bool,
    data_dir: Path | None,
    workers: int,
    asked: dict[str, Any],
) -> tuple[Training, dict[str, Any]]:
    """Return the training, ready to go on, and what the run is to be."""
    # Imported here, so that --help and a mistyped option answer at once.
    from .. import model as models
    from ..data import load
    from ..engine.blas import cores, limit_blas
    from ..engine.devices import check_device
    from ..engine.memory import keep_freed_memory
    from ..files.checkpoint import NAME
    from ..files.records import provenance
    from ..train import Training

    keep_freed_memory()
    limit_blas(1)  # the threads are ours
    config = _earlier(out, asked) if resume else _new(out, asked)
    if config["threads"] is None:
        config["threads"] = cores()
    device, data = (asked.get(name, config[name]) for name in ("device", "data"))
    if "," not in device:
        check_device(device)
    limit = {} if config["classes"] is None else {"classes": config["classes"]}
    if limit and data != "tiny-imagenet":
        raise ValueError(f"expected --classes with --data tiny-imagenet, got {data}")
    dataset = load(data, data_dir, **limit)
    if resume:
        model = models.load(out)
        if model.class_names != dataset.class_names:
            raise ValueError(
                f"expected the classes that the run in {out} has, got others in {data}"
            )
    elif config["from"] is not None:
        model = _fine_tuned(dataset, config)
    else:
        names = ("model", *BUILDING[config["model"]], "seed")
        model = models.begin(dataset, {name: config[name] for name in names})
    training = Training(
        model,
        dataset,
        lambda parameters: _optimizer(parameters, model, config),
        _schedule(config, dataset),
        config["batch_size"],
        config["seed"],
        device,
        _augmentation(config["augment"], dataset),
        workers,
        config["threads"],
    )
    if resume:
        training.load(out / NAME)
        done = len(training.history)
        if asked.get("epochs", done) < done:
            raise ValueError(
                f"expected --epochs of at least the {done} that the run in {out} has, "
                f"got {asked['epochs']}"
            )
    else:
        out.mkdir(parents=True, exist_ok=True)
        size = model.preprocessing.size
        print(model.network.table((3, size, size)))
    config |= asked
    if len(training.history) < config["epochs"]:
        training.runs.append(provenance() | {"config": config})
    return training, config


def _new(out: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a new run is to be."""
    # A name with a dot in front is what a run killed at its very beginning leaves.
    if next(out.glob("[!.]*"), None):
        raise ValueError(
            f"expected an empty or a new --out, got {out}: go on with its run by "
            "--resume, or name another folder"
        )
    wanted = asked.get("model", DEFAULTS["model"])
    for name in asked.keys() & {name for names in BUILDING.values() for name in names}:
        if "from" not in asked and name not in BUILDING[wanted]:
            raise ValueError(f"expected no {_option(name)} for --model {wanted}")
    if "from" in asked:
        from .. import model as models

        description = models.load(asked["from"]).description
        model = description["model"]
        built = {
            name: description.get(name, DEFAULTS[name])
            for name in ("model", *BUILDING[model])
        }
        for name in asked.keys() & {"model", *BUILDING["cifar"], *BUILDING["alexnet"]}:
            if asked[name] != built.get(name):
                raise ValueError(
                    f"expected {_option(name)} {built.get(name)}, as {asked['from']} "
                    f"has it, got {asked[name]}"
                )
        small = CIFAR if model == "cifar" else {}
        if "rate" in asked:
            asked["rate"] = FINE_TUNING["rate"] | asked["rate"]
        return DEFAULTS | small | FINE_TUNING | built | asked
    small = CIFAR if wanted == "cifar" else {}
    return DEFAULTS | small | asked


def _earlier(out: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the run in `out` was asked to be, if the same is asked for now."""
    from ..files import checkpoint

    path = out / checkpoint.NAME
    if not path.exists():
        raise ValueError(f"expected a checkpoint to go on from, got no {path}")
    stored: dict[str, Any] = checkpoint.load(path)[1].get("config", {})
    if not {"model", "data", "epochs"} <= stored.keys():
        raise ValueError(f"expected {path} to be written by minialexnet train")
    # What an earlier version did not ask for: it computed on one thread.
    config = DEFAULTS | {"threads": 1} | stored
    free = {"epochs", "device"}
    if config["data"] not in NAMES and asked.get("data") not in NAMES:
        free.add("data")  # a folder may have moved
    for name, value in asked.items():
        if value != config[name] and name not in free:
            raise ValueError(
                f"expected {_option(name)} {config[name]}, as the run in {out} has it, "
                f"got {value}"
            )
    return config


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _fine_tuned(dataset: Dataset, config: dict[str, Any]) -> Model:
    """Return a model for the data set that begins with what another has learned."""
    from dataclasses import replace

    from .. import model as models

    source = models.load(config["from"])
    description = source.description | {
        "classes": len(dataset.class_names),
        "seed": config["seed"],
    }
    side = dataset.train_images.shape[2]
    size = source.preprocessing.size
    if size > side:
        raise ValueError(
            f"expected pictures of at least {size} pixels, as the network in "
            f"{config['from']} takes them, got {side}"
        )
    # The pictures must look to it as those that it has learned from.
    preprocessing = replace(source.preprocessing, side=side)
    network = models.build(description)
    copied = models.copy_fitting(source.network.parameters(), network)
    print(f"From {config['from']}: {', '.join(copied)}; the others begin anew.")
    return models.Model(network, preprocessing, dataset.class_names, description)


def _optimizer(
    parameters: dict[str, Any], model: Model, config: dict[str, Any]
) -> MomentumSGD:
    """Return the optimiser, each layer and its biases at their rates."""
    from ..optimizer import MomentumSGD

    bias_rate, bias_decay = 2.0, 0.0
    if model.description["model"] == "alexnet":
        profile = PROFILES[model.description.get("profile", "paper")]
        bias_rate, bias_decay = profile.bias_rate, profile.bias_decay
    layers = {name.split(".")[-2] for name in parameters}
    unknown = config["rate"].keys() - layers
    if unknown:
        raise ValueError(
            f"expected --rate for a layer out of {', '.join(sorted(layers))}, "
            f"got {', '.join(sorted(unknown))}"
        )
    rates = {}
    for name in parameters:
        layer, key = name.split(".")[-2:]
        rates[name] = config["rate"].get(layer, 1.0) * (bias_rate if key == "b" else 1)
    return MomentumSGD(
        parameters,
        config["learning_rate"],
        config["momentum"],
        config["weight_decay"],
        rate_factors=rates,
        decay_factors={"b": bias_decay},
    )


def _schedule(config: dict[str, Any], dataset: Dataset) -> Schedule:
    """Return the learning rate's schedule that was asked for."""
    from ..schedules import ConstantRate, EpochListRate, PlateauRate

    text, rate = config["schedule"], config["learning_rate"]
    if text == "constant":
        return ConstantRate(rate)
    if text == "plateau":
        if not len(dataset.test_labels):
            raise ValueError(
                "expected test pictures for --schedule plateau, got none: give "
                "--schedule constant or a list of epochs"
            )
        return PlateauRate(rate, config["patience"])
    try:
        epochs = tuple(int(epoch) for epoch in text.split(","))
    except ValueError:
        epochs = (0,)
    if list(epochs) != sorted({*epochs}) or epochs[0] < 1:
        raise ValueError(
            "expected --schedule plateau, constant or numbers of epochs that grow, "
            f"like 25,51, got {text!r}"
        )
    return EpochListRate(rate, epochs)


def _augmentation(name: str, dataset: Dataset) -> Any:
    """Return what makes a batch out of training pictures; None for centre crops."""
    from ..data.augment import Augmentation
    from ..data.color import color_eigen

    if name == "none":
        return None
    if name == "crops":
        return Augmentation()
    values, vectors = color_eigen(dataset.covariance())
    return Augmentation(color=name, eigenvalues=values, eigenvectors=vectors)


def _train(training: Training, config: dict[str, Any], out: Path) -> None:
    """Train to the last epoch, with a checkpoint before the first and after each.

    In an epoch that takes long there is one every `MINUTES` too.
    """
    import numpy as np
    from tqdm import tqdm

    from ..files.checkpoint import NAME
    from ..files.records import write_lines

    told, saved = False, time.monotonic()

    def stepped(pictures: int) -> None:
        nonlocal saved
        bar.update(pictures)
        if time.monotonic() - saved > 60 * MINUTES:
            training.check()
            training.save(out / NAME, config)
            saved = time.monotonic()

    epochs, dataset = config["epochs"], training.dataset
    tests = len(dataset.test_labels)
    while True:
        # The checkpoint holds the history, so the metrics follow from it: where a kill
        # falls between the two lines, going on writes them again.
        training.check()
        training.save(out / NAME, config)
        saved = time.monotonic()
        runs = [{"run": run} for run in training.runs]
        write_lines(out / METRICS, runs + training.history)
        if len(training.history) >= epochs:
            return
        name = f"epoch {len(training.history) + 1}/{epochs}"
        pictures = len(dataset.train_labels) + tests
        # Without a terminal (disable=None) there is no bar, only a line an epoch.
        with (
            tqdm(
                total=pictures,
                initial=training.begun["batches"] * config["batch_size"],
                desc=name,
                unit="picture",
                leave=False,
                disable=None,
            ) as bar,
            # A loss that is no number ends the run in one line, without warnings.
            np.errstate(over="ignore", invalid="ignore"),
        ):
            training.run_epoch(stepped)
            if tests:
                training.evaluate("test", bar.update)
        print(f"{name}: {_said(training.history[-1])}", flush=True)
        if training.crossings and not told:
            print(training.crossings)
            told = True


def _said(entry: dict[str, Any]) -> str:
    """Return an epoch's entry in words."""
    words = [f"running loss {entry['running_loss']:.4f} nats"]
    if "test_error" in entry:
        words.append(f"test error {entry['test_error']:.1%}")
        words.append(f"top-5 {entry['test_top5_error']:.1%}")
    words.append(f"rate {entry['learning_rate']:g}")
    return ", ".join([*words, f"{entry['seconds']:.1f} s"])
