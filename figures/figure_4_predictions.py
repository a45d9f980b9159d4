"""Figure 4: what a network takes test pictures for, and which pictures it finds alike.

Krizhevsky et al. 2012, section 6.1. Left, test pictures and "the five labels considered
most probable by our model", the true one's bar in another colour where it is among
them. Right: "Another way to probe the network's visual knowledge is to consider the
feature activations induced by an image at the last, 4096-dimensional hidden layer. If
two images produce feature activation vectors with a small Euclidean separation, we can
say that the higher levels of the neural network consider them to be similar"; a test
picture in each row and the six training pictures nearest to it.

By default a small network (minialexnet/cifar_net.py, whose last hidden layer has 1,024
activations) is trained on 2,560 drawn shapes at once, in under half a minute, and
recorded are the numbers of the pictures and what the network says of them: the pictures
can be drawn again. Or, with --run and --data, it is the network of a run on its data.
The test pictures are drawn at random from a seed and not chosen: eight, of which the
first five are looked up among the training pictures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from command import run_command
from minialexnet import MomentumSGD, model
from minialexnet.data import load
from minialexnet.data.dataset import Dataset
from minialexnet.evaluate import predict, top_errors
from minialexnet.files.records import provenance, read_lines, write_lines
from minialexnet.model import Model, begin
from minialexnet.nearest import nearest
from minialexnet.pictures.predictions import Prediction, draw_predictions
from minialexnet.train import Training

NAME = "figure_4"
SHOWN, QUERIES, NEIGHBOURS, TOP = 8, 5, 6, 5  # as in the paper's figure
EPOCHS, RATE, BATCH = 4, 0.003, 32

Record = dict[str, Any]


# From the network to the record


def train(dataset: Dataset, epochs: int, seed: int) -> Model:
    """Train the small network on a data set."""
    begun = begin(dataset, {"model": "cifar", "seed": seed, "convolution": "winograd"})
    training = Training(
        begun,
        dataset,
        lambda parameters: MomentumSGD(
            parameters, RATE, rate_factors={"b": 2}, decay_factors={"b": 0}
        ),
        batch_size=BATCH,
        seed=seed,
        workers=0,
    )
    total = epochs * len(dataset.train_labels)
    with tqdm(total=total, desc="training", unit="picture", leave=False) as bar:
        for _ in range(epochs):
            training.run_epoch(bar.update)
    training.check()
    return begun


def look(trained: Model, dataset: Dataset, seed: int) -> list[Record]:
    """Return the test errors, and what the network says of some test pictures."""
    labels = dataset.test_labels
    if len(labels) < SHOWN:
        raise ValueError(
            f"expected at least {SHOWN} test pictures, got {len(labels)} in "
            f"{dataset.name}"
        )
    network, preprocessing = trained.network, trained.preprocessing
    if trained.class_names != dataset.class_names:
        raise ValueError(
            f"expected a network of the {len(dataset.class_names)} classes of "
            f"{dataset.name}, got one of {len(trained.class_names)} others"
        )
    p = predict(network, dataset.test_images, preprocessing)
    top_1, top_5 = top_errors(p, labels)
    chosen = np.random.default_rng(seed).permutation(len(labels))[:SHOWN]
    with tqdm(
        total=len(dataset.train_labels), desc="looking", unit="picture", leave=False
    ) as bar:
        places, distances = nearest(
            network,
            dataset.test_images[chosen[:QUERIES]],
            dataset.train_images,
            preprocessing,
            NEIGHBOURS,
            progress=bar.update,
        )
    records: list[Record] = [
        {"kind": "errors", "top_1": top_1, "top_5": top_5, "pictures": len(labels)}
    ]
    for row, index in enumerate(chosen.tolist()):
        first = np.argsort(-p[index], kind="stable")[:TOP]
        near: list[Any] = []
        if row < QUERIES:
            pairs = zip(places[row].tolist(), distances[row].tolist(), strict=True)
            near = [[place, float(f"{distance:.4g}")] for place, distance in pairs]
        records.append(
            {
                "kind": "picture",
                "index": index,
                "classes": [
                    [trained.class_names[k], _short(p[index, k])] for k in first
                ],
                "nearest": near,
            }
        )
    return records


def _short(p: float) -> float:
    return round(float(p), 4)


def measure(options: argparse.Namespace) -> list[Record]:
    """Train, or load what was trained, and look."""
    dataset = load(options.data or "shapes", options.data_dir)
    setup = provenance() | {
        "data": options.data or "shapes",
        "train_pictures": len(dataset.train_labels),
        "seed": options.seed,
    }
    if options.run is None:
        trained = train(dataset, options.epochs, options.seed)
        setup |= {
            "epochs": options.epochs,
            "learning_rate": RATE,
            "batch_size": BATCH,
        }
    else:
        trained = model.load(options.run)
        setup |= {"run": str(options.run)}
    setup |= {"network": trained.description}
    return [{"kind": "setup", **setup}, *look(trained, dataset, options.seed)]


# From the record to the sentence and the picture


def _parts(records: list[Record]) -> tuple[Record, Record, list[Record]]:
    """Return the setup, the errors and the pictures."""
    by_kind: dict[str, list[Record]] = {}
    for record in records:
        by_kind.setdefault(str(record.get("kind")), []).append(record)
    if not {"setup", "errors", "picture"} <= by_kind.keys():
        raise ValueError(f"expected the records of {NAME}, got others or none")
    return by_kind["setup"][0], by_kind["errors"][0], by_kind["picture"]


def sentence(records: list[Record], dataset: Dataset) -> str:
    """Say how often the network is wrong, and how alike the nearest pictures are."""
    _, errors, pictures = _parts(records)
    right, found = 0, 0
    for picture in pictures:
        own = dataset.test_labels[picture["index"]]
        near = [dataset.train_labels[place] for place, _ in picture["nearest"]]
        right, found = right + near.count(own), found + len(near)
    return (
        f"Test error {errors['top_1']:.1%}, top-5 {errors['top_5']:.1%}, of "
        f"{errors['pictures']:,} pictures.\n"
        f"{right} of the {found} nearest training pictures are of their query's class."
    )


def draw(records: list[Record], dataset: Dataset, out: Path) -> list[Path]:
    """Draw the pictures as OUT/figure_4.png and .svg."""
    setup, errors, pictures = _parts(records)
    names, shown = dataset.class_names, []
    for picture in pictures:
        near = [
            (dataset.train_images[place], far, names[dataset.train_labels[place]])
            for place, far in picture["nearest"]
        ]
        index = picture["index"]
        shown.append(
            Prediction(
                f"test picture {index}",
                dataset.test_images[index],
                [(name, p) for name, p in picture["classes"]],
                names[dataset.test_labels[index]],
                near,
            )
        )
    return draw_predictions(shown, out / NAME, _words(setup, errors), below=True)


def _words(setup: Record, errors: Record) -> str:
    """Say what network looked at what, and when and where."""
    if "run" in setup:
        what = f"The network of {setup['run']}"
    else:
        what = (
            f"Four-layer network, {setup['epochs']} epochs on "
            f"{setup['train_pictures']:,} drawn shapes, seed {setup['seed']}"
        )
    machine, commit = setup["machine"], (setup["commit"] or "unknown")[:7]
    return (
        f"{what}; test error {errors['top_1']:.1%}. Above: test pictures drawn at "
        "random, their class, and the five most probable by the network, the true one "
        "in bold. Below: test pictures in the first column, then the "
        f"{NEIGHBOURS} training pictures nearest by the Euclidean distance, written "
        f"below, in the last hidden layer. Recorded {setup['date'][:10]} on "
        f"{machine['cores']} cores of {machine['processor']}, commit {commit}."
    )


# The command


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument(
        "--run",
        type=Path,
        metavar="RUN",
        help="folder of a run, or a file that train or convert wrote (default: train "
        "the small network on shapes)",
    )
    parser.add_argument(
        "--data",
        help="data set, or a folder that prepare made (default: shapes, or with --draw "
        "the recorded one)",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="where data lies (default: $MINIALEXNET_DATA)"
    )
    parser.add_argument(
        "--epochs",
        type=int,
        choices=range(1, 101),
        metavar="1-100",
        default=EPOCHS,
        help="of the small network (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of the pictures shown and of the small network (default: %(default)s)",
    )
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="JSONL",
        help="compute nothing: draw from what was recorded earlier",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs") / NAME, help="default: %(default)s"
    )
    options = parser.parse_args(arguments)
    if options.run is None and options.draw is None and options.data is not None:
        parser.error("expected --run, or --draw, with --data")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)

    def work() -> tuple[str, list[Path]]:
        draws = options.draw is not None
        records = read_lines(options.draw) if draws else measure(options)
        data = options.data or _parts(records)[0]["data"]
        dataset = load(data, options.data_dir)
        text = sentence(records, dataset)
        options.out.mkdir(parents=True, exist_ok=True)
        if not draws:
            write_lines(options.out / "results.jsonl", records)
        return text, draw(records, dataset, options.out)

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
