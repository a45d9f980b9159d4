"""The end of the work on a prepared data set: labels, statistics and its record."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files import checkpoint
from ..files.replacing import replacing
from .color import color_covariance
from .decoding import Job
from .layout import ImageFolder
from .record import ARRAYS, RECORD, SPLITS


def finish(
    dst: Path, jobs: Sequence[Job], plan: dict[str, Any], source: ImageFolder
) -> None:
    """Write labels and statistics and, last of all, the record."""
    shards: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    labels = {split: [np.zeros(0, np.int64)] for split in SPLITS}
    skipped = [error.args for error in source.skipped]
    total, products = np.zeros((), np.int64), np.zeros((3, 3), np.int64)
    for job in jobs:
        arrays, state = checkpoint.load(job.done)
        labels[job.split].append(arrays["labels"])
        shards[job.split].append(
            {"pictures": len(arrays["labels"]), "sha256": state["sha256"]}
        )
        skipped += state["skipped"]
        if job.split == "train":
            total, products = total + arrays["total"], products + arrays["squares"]
    count = sum(shard["pictures"] for shard in shards["train"])
    if count == 0:
        raise ValueError(f"{source.root}: expected a training picture that can be read")
    arrays = {f"{split}_labels": np.concatenate(labels[split]) for split in SPLITS}
    arrays["mean_image"] = (total / count).astype(np.float32)
    arrays["color_covariance"] = color_covariance(
        total.sum(axis=(1, 2)), products, count * total[0].size
    )
    checkpoint.save(dst / ARRAYS, arrays, {})
    record = plan | {
        "classes": source.classes,
        "class_names": source.class_names,
        **shards,
        "arrays": hashlib.sha256((dst / ARRAYS).read_bytes()).hexdigest(),
        "skipped": [{"file": name, "why": why} for name, why in skipped],
        "left_out": source.left_out,
    }
    with replacing(dst / RECORD) as file:
        file.write(json.dumps(record, indent=1).encode())
