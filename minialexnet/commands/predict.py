"""``minialexnet predict``: a network's first classes for photographs, and Figure 4."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import fail, positive

if TYPE_CHECKING:
    from ..data.dataset import Dataset
    from ..model import Model
    from ..pictures.predictions import Prediction

__all__ = ["add"]

EIGHTHS = "▏▎▍▌▋▊▉"
AT_ONCE = 32  # photographs in memory
MOST_DRAWN = 64
NEIGHBOURS = 6  # as in the paper's figure


def add(commands: Any) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "predict",
        help="say what photographs show, and which training pictures are near",
        description="Print the most probable classes of each photograph. The true one "
        "is marked where a file lies in the folder of a class.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="folder of a run, or a file that train or convert wrote",
    )
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="JPEG or PNG"
    )
    parser.add_argument(
        "--crops",
        type=int,
        choices=(1, 10),
        default=1,
        help="1: the centre; 10: corners, centre and their mirror images (default 1)",
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
    parser.add_argument(
        "--data-dir", type=Path, help="where data lies (default: $MINIALEXNET_DATA)"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0 (default cpu)")
    parser.set_defaults(run=run)


def run(
    checkpoint: Path,
    images: list[Path],
    crops: int,
    top: int,
    figure: Path | None,
    nearest: str | None,
    data_dir: Path | None,
    device: str,
) -> int:
    """Print what the photographs show; return the exit code, 1 if one is broken."""
    from .. import model as models
    from ..data import load
    from ..engine.devices import check_device
    from ..pictures.predictions import draw_predictions

    try:
        check_device(device)
        if figure is not None and len(images) > MOST_DRAWN:
            raise ValueError(
                f"expected at most {MOST_DRAWN} photographs for --figure, "
                f"got {len(images)}"
            )
        model = models.load(checkpoint)
        model.network.to(device)
        dataset = None if nearest is None else load(nearest, data_dir)
        count, shown = 0, []
        for prediction in _predict(model, images, crops, max(top, 5), device):
            print(
                *_lines(prediction, top, model.class_names),
                sep="\n",
                end="\n\n",
                flush=True,
            )
            count += 1
            if figure is not None or dataset is not None:
                shown.append(prediction)
        note = f"{checkpoint}, {crops} crop{'s' if crops > 1 else ''} a photograph"
        if shown and dataset is not None:
            shown = _find_nearest(shown, model, dataset, device)
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
    model: Model, paths: list[Path], crops: int, top: int, device: str
) -> Iterator[Prediction]:
    """Yield what each photograph shows; name those that cannot be read on stderr."""
    import numpy as np

    from ..data.picture import read_image
    from ..evaluate import predict
    from ..parallel.batch import DataParallel
    from ..pictures.predictions import Prediction

    names = model.class_names
    network = DataParallel(model.network) if device == "cpu" else model.network
    for start in range(0, len(paths), AT_ONCE):
        read, pictures = [], []
        for path in paths[start : start + AT_ONCE]:
            try:
                pictures.append(read_image(path, model.preprocessing.side))
                read.append(path)
            except (OSError, ValueError) as error:
                fail(error, 1, "predict")
        if not read:
            continue
        x = np.stack(pictures)
        found = predict(
            network, x, model.preprocessing, crops, AT_ONCE, device
        )  # (n, K)
        order = np.argsort(-found, axis=1, kind="stable")[:, :top]
        for path, picture, p, first in zip(read, pictures, found, order, strict=True):
            classes = [(names[k], float(p[k])) for k in first]
            yield Prediction(str(path), picture, classes, _truth(path, names))


def _truth(path: Path, names: Sequence[str]) -> str | None:
    """Return the class whose folder a file lies in, CLASS/ or CLASS/images/, if any.

    Where the network knows its classes by words, a list of words beside the folder,
    or beside the folder train or val that it lies in, says which those are.
    """
    for folder in path.absolute().parents[:2]:
        lists = (_words(root) for root in folder.parents[:2])
        for words in ({}, *lists):
            name = words.get(folder.name, folder.name)
            if name in names:
                return name
    return None


@cache
def _words(folder: Path) -> dict[str, str]:
    """Return the words for classes that the lists in a folder have."""
    from ..data.classes import read_all_words
    from ..data.listing import Folder

    return read_all_words(Folder(folder))


def _find_nearest(
    shown: list[Prediction], model: Model, dataset: Dataset, device: str
) -> list[Prediction]:
    """Return the predictions with their neighbours, which are printed."""
    from dataclasses import replace

    import numpy as np
    from tqdm import tqdm

    from ..evaluate import nearest

    total = len(dataset.train_labels)
    with tqdm(
        total=total, desc=dataset.name, unit="picture", leave=False, disable=None
    ) as bar:
        places, distances = nearest(
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
        labels = [dataset.class_names[k] for k in dataset.train_labels[where]]
        print(_printable(prediction.name))
        for place, distance, label in zip(where, away, labels, strict=True):
            far = f"{distance:#.4g}".rstrip(".")
            print(_printable(f"  {far:>10}  {label} (training picture {place})"))
        near = zip(dataset.train_images[where], away.tolist(), labels, strict=True)
        found.append(replace(prediction, neighbours=list(near)))
    print()
    return found


# In the terminal


def _lines(prediction: Prediction, top: int, names: Sequence[str]) -> list[str]:
    """Return the lines that show a photograph's first classes, with their bars."""
    classes = prediction.classes[:top]
    head = prediction.name
    if prediction.truth is not None:
        among = prediction.truth in [name for name, _ in classes]
        head += f": {prediction.truth}{' *' if among else ', not among these'}"
    width = shutil.get_terminal_size().columns - len("* ") - len("  100.0 %  ")
    room = min(max(_columns(_printable(name)) for name in names), max(10, width // 2))
    lines = [_printable(head)]
    for name, p in classes:
        mark = "*" if name == prediction.truth else " "
        bar = _bar(p, max(5, width - room))
        line = f"{mark} {_fitted(_printable(name), room)}  {100 * p:5.1f} %  {bar}"
        lines.append(line.rstrip())
    return lines


def _bar(share: float, width: int) -> str:
    """Return a bar of a share of the width, in eighths where they can be printed."""
    if not _encodable("█" + EIGHTHS):
        return "#" * round(share * width)
    whole, rest = divmod(round(share * width * 8), 8)
    return "█" * whole + EIGHTHS[:rest][-1:]


def _fitted(text: str, room: int) -> str:
    """Return the text cut or filled up to so many columns of the terminal."""
    if _columns(text) > room:
        dots = "…" if _encodable("…") else "..."
        while _columns(text) > room - len(dots):
            text = text[:-1]
        text += dots
    return text + " " * (room - _columns(text))


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese signs take two."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "ascii"


def _encodable(text: str) -> bool:
    return text == text.encode(_encoding(), "replace").decode(_encoding())


def _printable(text: str) -> str:
    """Return the text with ? for what the terminal cannot show, or would obey."""
    text = "".join(sign if sign.isprintable() else "?" for sign in text)
    return text.encode(_encoding(), "replace").decode(_encoding())
