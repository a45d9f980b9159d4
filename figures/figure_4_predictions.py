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

from compare.frame import drawing_parser, run_command
from minialexnet import model
from minialexnet.data import load
from minialexnet.data.dataset import Dataset
from minialexnet.files.records import Record, provenance, read_lines, write_lines
from minialexnet.pictures.predictions import Prediction, draw_predictions
from pieces.predictions import BATCH, EPOCHS, NEIGHBOURS, RATE, look, train

NAME = "figure_4"


def measure(options: argparse.Namespace) -> list[Record]:
    """Train, or load what was trained, and look."""
    data = options.data or "shapes"
    dataset = load(data, options.data_dir)
    setup = provenance() | {"data": data, "train_pictures": len(dataset.train_labels)}
    setup |= {"seed": options.seed}
    if options.run is None:
        trained = train(dataset, options.epochs, options.seed)
        setup |= {"epochs": options.epochs, "learning_rate": RATE, "batch_size": BATCH}
    else:
        trained = model.load(options.run)
        setup |= {"run": str(options.run)}
    setup |= {"network": trained.description}
    return [{"kind": "setup", **setup}, *look(trained, dataset, options.seed)]


# From the record to the sentence and the picture


def parts_of(records: list[Record]) -> tuple[Record, Record, list[Record]]:
    """Return the setup, the errors and the pictures."""
    by_kind: dict[str, list[Record]] = {}
    for record in records:
        by_kind.setdefault(str(record.get("kind")), []).append(record)
    if not {"setup", "errors", "picture"} <= by_kind.keys():
        raise ValueError(f"expected the records of {NAME}, got others or none")
    return by_kind["setup"][0], by_kind["errors"][0], by_kind["picture"]


def sentence(records: list[Record], dataset: Dataset) -> str:
    """Say how often the network is wrong, and how alike the nearest pictures are."""
    _, errors, pictures = parts_of(records)
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
    setup, errors, pictures = parts_of(records)
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
        "random, with their class; its bar is hatched. Below: a test picture and the "
        f"{NEIGHBOURS} training pictures nearest to it by the Euclidean distance, "
        "written below; a dashed frame says that the class is another. Recorded "
        f"{setup['date'][:10]} on {machine['cores']} cores of {machine['processor']}, "
        f"commit {commit}."
    )


# The command


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = drawing_parser(__doc__, NAME)
    add = parser.add_argument
    add(
        "--run",
        type=Path,
        help="folder of a run, or a file that train or convert wrote (default: train "
        "the small network on shapes)",
    )
    add(
        "--data",
        help="data set, or a folder that prepare made (default: shapes, or with --draw "
        "the recorded one)",
    )
    add("--data-dir", type=Path, help="where data lies (default: $MINIALEXNET_DATA)")
    add(
        "--epochs",
        type=int,
        choices=range(1, 101),
        metavar="1-100",
        default=EPOCHS,
        help="of the small network (default: %(default)s)",
    )
    seeds = "of the pictures shown and of the small network (default: %(default)s)"
    add("--seed", type=int, default=0, help=seeds)
    draw_only = "compute nothing: draw from what was recorded earlier"
    add("--draw", type=Path, metavar="JSONL", help=draw_only)
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
        data = options.data or parts_of(records)[0]["data"]
        dataset = load(data, options.data_dir)
        text = sentence(records, dataset)
        options.out.mkdir(parents=True, exist_ok=True)
        if not draws:
            write_lines(options.out / "results.jsonl", records)
        return text, draw(records, dataset, options.out)

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
