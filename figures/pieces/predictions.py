"""Figure 4's record: what a network says of test pictures, and what it finds alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from tqdm import tqdm

from compare.arms import PLAIN
from minialexnet.data.dataset import Dataset
from minialexnet.evaluate import predict, top_errors
from minialexnet.files.records import Record
from minialexnet.model import Model
from minialexnet.nearest import nearest
from minialexnet.run import new_training
from minialexnet.runs.config import Config

SHOWN, QUERIES, NEIGHBOURS, TOP = 8, 5, 6, 5  # as in the paper's figure
EPOCHS, RATE, BATCH = 4, 0.003, 32


def train(dataset: Dataset, epochs: int, seed: int) -> Model:
    """Train the small network on a data set."""
    how = {"epochs": epochs, "learning_rate": RATE, "batch_size": BATCH, "seed": seed}
    config = Config(**PLAIN | how | {"convolution": "winograd"})
    training = new_training(config, dataset, workers=0)
    total = epochs * len(dataset.train_labels)
    with tqdm(total=total, desc="training", unit="picture", leave=False) as bar:
        for _ in range(epochs):
            training.run_epoch(bar.update)
    training.check_last_step()
    return training.model


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
        said = [round(float(share), 4) for share in p[index]]
        near: list[Any] = []
        if row < QUERIES:
            pairs = zip(places[row].tolist(), distances[row].tolist(), strict=True)
            near = [[place, float(f"{distance:.4g}")] for place, distance in pairs]
        records.append(
            {
                "kind": "picture",
                "index": index,
                "classes": [[trained.class_names[k], said[k]] for k in first],
                "nearest": near,
            }
        )
    return records
