"""``minialexnet predict``: a network's first classes for photographs, and Figure 4."""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import data
from .. import model as models
from ..data.dataset import Dataset
from ..data.picture import read_image
from ..engine.devices import check_device
from ..evaluate import predict
from ..files.progress import progress_bar
from ..model import Model
from ..nearest import nearest as nearest_pictures
from ..parallel.place import place
from ..pictures.predictions import Prediction, draw_predictions
from . import add_testing_options, fail, positive
from .terminal import lines, visible
from .true_class import distinct_names, true_class
from .which_model import SHIPPED, about_shipped, which_model

AT_ONCE = 32  # photographs in memory
MOST_DRAWN = 64
NEIGHBOURS = 6  # as in the paper's figure
MOST_ENLARGED = 4  # times; of a smaller photograph too little is left to be seen


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Print the most probable classes of each photograph. The true one "
        "is marked where a file lies in the folder of a class."
    )
    parser.add_argument(
        "images",
        nargs="+",
        type=Path,
        metavar="IMAGE",
        help="JPEG or PNG; a run or a file of weights before them is the model",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="RUN",
        help="folder of a run, or a file that train or convert wrote (default: the "
        "network of the package, which knows the 200 classes of Tiny ImageNet)",
    )
    parser.add_argument(
        "--top", type=positive, default=5, help="classes to print (default 5)"
    )
    parser.add_argument(
        "--figure",
        type=Path,
        metavar="FILE",
        help="draw the paper's Figure 4; .png and .svg are both written",
    )
    parser.add_argument(
        "--nearest",
        metavar="DATA",
        help=f"find the {NEIGHBOURS} nearest training pictures of a data set, or of a "
        "folder that prepare made, by the last hidden layer",
    )
    add_testing_options(parser)


def run(
    model: Path | None,
    images: list[Path],
    crops: int,
    top: int,
    figure: Path | None,
    nearest: str | None,
    data_dir: Path | None,
    device: str,
) -> int:
    """Print what the photographs show; return the exit code, 1 if one is broken."""
    try:
        check_device(device)
        asked, images = which_model(model, images)
        if figure is not None and len(images) > MOST_DRAWN:
            raise ValueError(
                f"expected at most {MOST_DRAWN} photographs for --figure, "
                f"got {len(images)}"
            )
        known = models.load(asked)
        dataset = None if nearest is None else data.load(nearest, data_dir)
        names = distinct_names(known.class_names, known.class_folders)
        count, shown = 0, []
        if asked == SHIPPED:
            print(about_shipped())
        for prediction in _predict(known, names, images, crops, max(top, 5), device):
            print(*lines(prediction, top, names), sep="\n", end="\n\n", flush=True)
            count += 1
            if figure is not None or dataset is not None:
                shown.append(prediction)
        called = "minialexnet's own network" if asked == SHIPPED else asked
        note = f"{called}, {crops} crop{'s' if crops > 1 else ''} a photograph"
        if shown and dataset is not None:
            shown = _find_nearest(shown, known, dataset, device)
            note += (
                f". Right: each photograph and the {NEIGHBOURS} nearest of the "
                f"{len(dataset.train_labels):,} training pictures of {dataset.name}, "
                "by the Euclidean distance, written below, in the last hidden layer"
            )
        if shown and figure is not None:
            figure.parent.mkdir(parents=True, exist_ok=True)
            files = draw_predictions(shown, figure, f"{note}.")
            print(f"Drawn: {' and '.join(map(str, files))}")
    except (OSError, ValueError, RuntimeError) as error:
        return fail(error, 2, "predict")
    except KeyboardInterrupt:
        return fail("stopped", 130, "predict")
    return 0 if count == len(images) else 1


def _predict(
    model: Model,
    names: Sequence[str],
    paths: list[Path],
    crops: int,
    top: int,
    device: str,
) -> Iterator[Prediction]:
    """Yield what each photograph shows; name those that cannot be read on stderr."""
    network, _ = place(model.network, device)
    for start in range(0, len(paths), AT_ONCE):
        read, pictures = [], []
        for path in paths[start : start + AT_ONCE]:
            try:
                side = model.preprocessing.side
                pictures.append(read_image(path, side, math.ceil(side / MOST_ENLARGED)))
                read.append(path)
            except FileNotFoundError:
                fail(
                    f"expected a photograph, got {path}, which is not there",
                    1,
                    "predict",
                )
            except (OSError, ValueError) as error:
                fail(error, 1, "predict")
        if not read:
            continue
        x = np.stack(pictures)
        how = model.preprocessing, crops, AT_ONCE, device
        found = predict(network, x, *how)  # (n, K)
        order = np.argsort(-found, axis=1, kind="stable")[:, :top]
        for path, picture, p, first in zip(read, pictures, found, order, strict=True):
            classes = [(names[k], float(p[k])) for k in first]
            truth = true_class(path, names, model.class_folders)
            yield Prediction(str(path), picture, classes, truth)


def _find_nearest(
    shown: list[Prediction], model: Model, dataset: Dataset, device: str
) -> list[Prediction]:
    """Return the predictions with their neighbours, which are printed."""
    total = len(dataset.train_labels)
    names = distinct_names(dataset.class_names, dataset.class_folders)
    with progress_bar(
        total=total, desc=dataset.name, unit="picture", leave=False
    ) as bar:
        places, distances = nearest_pictures(
            model.network,
            np.stack([prediction.image for prediction in shown]),
            dataset.train_images,
            model.preprocessing,
            NEIGHBOURS,
            device=device,
            progress=bar.update,
        )
    print(f"Nearest of {total:,} training pictures of {dataset.name}, by the Euclidean")
    print("distance in the last hidden layer:")
    found = []
    for prediction, where, away in zip(shown, places, distances, strict=True):
        labels = [names[k] for k in dataset.train_labels[where]]
        print(visible(prediction.name))
        for number, distance, label in zip(where, away, labels, strict=True):
            far = f"{distance:#.4g}".rstrip(".")
            print(visible(f"  {far:>10}  {label} (training picture {number})"))
        near = zip(dataset.train_images[where], away.tolist(), labels, strict=True)
        found.append(replace(prediction, neighbours=list(near)))
    print()
    return found
