"""``minialexnet evaluate``: top-1 and top-5 errors, of networks and of their mean."""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.devices import check_device
from ..engine.memory import keep_freed_memory
from ..evaluate import predict, top_errors
from ..files import checkpoint
from ..files.progress import progress_bar
from ..files.records import peak_memory_gib, provenance, write_lines
from ..model import file_of, load
from ..parallel.place import place
from ..run import load_pictures
from ..runs.config import Config
from ..runs.defaults import read_config
from . import add_testing_options, fail, positive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Measure top-1 and top-5 errors: how often the right class is not the one that "
        "a network finds most probable, or not among its five. The probabilities of "
        "several networks are averaged too, as the paper does with five and seven."
    )
    parser.add_argument(
        "models",
        nargs="+",
        type=Path,
        metavar="RUN_OR_CHECKPOINT",
        help="folder of a run, or a file that train or convert wrote",
    )
    parser.add_argument(
        "--data",
        help="name of a data set, or a folder that prepare made (default: that of the "
        "first run)",
    )
    parser.add_argument("--split", choices=("test", "train"), default="test")
    parser.add_argument(
        "--batch-size", type=positive, default=128, help="crops at once (default 128)"
    )
    add_testing_options(parser)
    parser.add_argument("--out", type=Path, help="write what was found as JSON lines")


def run(out: Path | None, **options: Any) -> int:
    """Print the errors of each network and of their mean; return the exit code."""
    try:
        if out is not None and not out.parent.is_dir():
            raise ValueError(f"expected a folder for --out, got no {out.parent}")
        records = _measure(**options)
        width = max(len(record["model"]) for record in records)
        print(f"{'':{width}}   top-1    top-5")
        for record in records:
            errors = [f"{record[key]:7.2%}" for key in ("error", "top5_error")]
            print(f"{record['model']:{width}}  {'  '.join(errors)}")
        first = records[0]
        peak = first["peak_memory_gib"]
        print(
            f"{first['pictures']:,} pictures ({first['split']}), {first['crops']} crop"
            f"{'s' if first['crops'] > 1 else ''} each, {first['seconds']:.1f} s for "
            "the first" + (f", peak memory {peak:.2f} GiB" if peak is not None else "")
        )
        if out is not None:
            write_lines(out, records)
    except (OSError, ValueError, RuntimeError) as error:
        return fail(error, 2, "evaluate")
    except KeyboardInterrupt:
        return fail("stopped, nothing was written", 130, "evaluate")
    return 0


def _measure(
    models: list[Path],
    data: str | None,
    data_dir: Path | None,
    split: str,
    crops: int,
    batch_size: int,
    device: str,
) -> list[dict[str, Any]]:
    """Return a record for each network and, of several, one for their mean."""
    check_device(device)
    keep_freed_memory()
    config = _config_of(models[0]) if data is None else Config(data=data)
    config = replace(config, tested_on="test")  # whatever the training looked at
    name, dataset = config.data, load_pictures(config, data_dir)
    images = getattr(dataset, f"{split}_images")
    labels = getattr(dataset, f"{split}_labels")
    if not len(labels):
        raise ValueError(f"expected {split} pictures in {name}, got none")
    about = provenance() | {"data": name, "split": split, "pictures": len(labels)}
    about |= {"crops": crops, "device": device}

    def errors(probabilities: Any) -> dict[str, float]:
        error, top5_error = top_errors(probabilities, labels)
        return {"error": error, "top5_error": top5_error}

    for path in models:  # all of them, before the first is measured
        known = load(path).class_names
        if known != dataset.class_names:
            raise ValueError(
                f"expected {path} to know the {len(dataset.class_names)} classes of "
                f"{name}, {', '.join(dataset.class_names[:2])} ..., got {len(known)}, "
                f"{', '.join(known[:2])} ..."
            )
    records: list[dict[str, Any]] = []
    total = np.zeros((len(labels), len(dataset.class_names)))
    for path in models:
        model = load(path)
        start = time.perf_counter()
        with progress_bar(
            total=len(labels), desc=str(path), unit="picture", leave=False
        ) as bar:
            network, _ = place(model.network, device)
            how = model.preprocessing, crops, batch_size, device
            found = predict(network, images, *how, bar.update)
        total += found
        records.append(
            {"model": str(path)}
            | errors(found)
            | {"seconds": round(time.perf_counter() - start, 3)}
            | {"peak_memory_gib": peak_memory_gib()}
            | about
        )
    if len(models) > 1:
        members = [str(path) for path in models]
        mean = {"model": f"mean of {len(models)}", "members": members}
        records.append(mean | errors(total) | about)
    return records


def _config_of(path: Path) -> Config:
    """Return what a run is, whose data are measured on."""
    path = file_of(path)
    config = None
    if path.suffix != ".safetensors":
        config = checkpoint.load_state(path).get("config")
    if config is None:
        raise ValueError(f"expected --data, since {path} is not of a training")
    return read_config(config)
