"""What is measured on a network when its training is over."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet.data.color import color_eigen
from minialexnet.data.dataset import Dataset, Images
from minialexnet.engine.devices import use_device
from minialexnet.engine.transfer import to_device, to_numpy
from minialexnet.evaluate import predict
from minialexnet.files.records import Record
from minialexnet.model import begin
from minialexnet.nearest import features
from minialexnet.pictures.kernels import colour_shares
from minialexnet.train import Training

from .claim import Goal
from .planned import Planned

SHIFT = 0.3  # standard deviation of the test's light, in those of the pixels
LIGHT_SEED = 2012
NEAREST = 6  # as in Figure 4
BATCH = 128

Arrays = dict[str, NDArray[Any]]


def ending(run: Planned, training: Training) -> tuple[Record, Arrays]:
    """Return the numbers of a finished run, and what it says of each test picture.

    Returns
    -------
    numbers : dict
        "train_error" and the like; of conv1's kernels how much is colour.
    arrays : dict
        By the centre crop, "p" (the true class's probability, float16) and "right"
        (packed bits, whether it is the first, and among the first five); with
        "probabilities" in the run's wants, all of them as "center" and "ten"; with
        "shifted", "right_shifted".
    """
    last = training.history[-1]
    if "sweep" in run.wants or run.goal != Goal():
        return {}, {}
    dataset, labels = training.dataset, training.dataset.test_labels
    if "diverged" in last:
        return at_chance(len(dataset.class_names), len(labels))
    numbers: Record = {}
    if "train_error" not in last:
        training.evaluate("train")
    center = probabilities(training, dataset.test_images)
    arrays: Arrays = {
        "p": center[np.arange(len(labels)), labels].astype(np.float16),
        "right": np.packbits(right(center, labels), axis=1),
    }
    if "probabilities" in run.wants:
        arrays["labels"] = labels.astype(np.uint8)
        arrays["center"] = center.astype(np.float16)
        arrays["ten"] = probabilities(training, dataset.test_images, 10).astype(
            np.float16
        )
    if "shifted" in run.wants:
        found = right(probabilities(training, under_other_light(dataset)), labels)
        arrays["right_shifted"] = np.packbits(found, axis=1)
        numbers["shifted_error"] = 1 - float(found[0].mean())
    if "purity" in run.wants:
        numbers |= purities(training)
    parameters = training.network.parameters()
    if run.config.model == "alexnet":
        shares = colour_shares(to_numpy(parameters["conv1.W"]))
        numbers["colour"] = shares.round(4).tolist()
    return numbers, arrays


def at_chance(classes: int, pictures: int) -> tuple[Record, Arrays]:
    """Return what a run that diverged has: the error of chance."""
    error = 1 - 1 / classes
    numbers = dict.fromkeys(("test_error", "train_error", "shifted_error"), error)
    wrong = np.packbits(np.zeros((2, pictures), bool), axis=1)
    alike = np.full(pictures, 1 / classes, np.float16)
    return numbers, {"p": alike, "right": wrong, "right_shifted": wrong}


def probabilities(
    training: Training, images: Images, crops: int = 1
) -> NDArray[np.float32]:
    """Return how probable the network takes each class to be, (N, K)."""
    how = training.model.preprocessing, crops, BATCH, training.device
    return predict(training.network, images, *how)


def right(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Any:
    """Return whether each label is the first, and among the first five, (2, N)."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :5]
    hits = order == labels[:, None]  # (N, 5)
    return np.stack([hits[:, 0], hits.any(axis=1)])


def under_other_light(dataset: Dataset) -> NDArray[np.uint8]:
    """Return the test pictures, each with a change of its colours, always the same.

    It lies along the axes of the training pictures' colours, as the noise of section
    4.1 does, and is three times as large as that of the 2012 code.
    """
    values, vectors = color_eigen(dataset.covariance())
    images = dataset.test_images[:]
    along = np.random.default_rng(LIGHT_SEED).standard_normal((len(images), 3))
    shifts = SHIFT * along * np.sqrt(values) @ vectors.T  # (N, 3)
    shifted = images + shifts[:, :, None, None].astype(np.float32)
    return shifted.round().clip(0, 255).astype(np.uint8)


def purities(training: Training) -> Record:
    """Return how many of the nearest training pictures are of a test picture's class.

    By the last hidden layer of the network, of the same network untrained, and by the
    pixels of the centre crops.
    """
    dataset, preprocessing = training.dataset, training.model.preprocessing
    untrained = begin(dataset, training.model.description).network
    networks = {"pixels": None, "untrained": untrained, "trained": training.network}
    found = {}
    for name, network in networks.items():
        device = training.device if name == "trained" else "cpu"

        def rows(
            images: Images, network: Any = network, device: str = device
        ) -> NDArray[np.float32]:
            parts = []
            for at in range(0, len(images), BATCH):
                x = preprocessing.center(images[at : at + BATCH])
                if network is not None:
                    with use_device(device):
                        x = to_numpy(features(network, to_device(x, device)))
                parts.append(x.reshape(len(x), -1))
            return np.concatenate(parts)

        near = nearest_rows(rows(dataset.test_images), rows(dataset.train_images))
        alike = dataset.train_labels[near] == dataset.test_labels[:, None]
        found[f"purity_{name}"] = float(alike.mean())
    return found


def nearest_rows(
    queries: NDArray[np.float32], others: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return the indices of the nearest rows of `others`, (Q, 6)."""
    squares = (others.astype(np.float64) ** 2).sum(axis=1) / 2
    near = squares - queries @ others.T  # half the squared distance, but for a constant
    return np.argsort(near, axis=1, kind="stable")[:, :NEAREST]
