"""Crops that are sent to a GPU as they are and normalised there, to the same bits."""

import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given

from minialexnet import FullyConnected, MomentumSGD, Sequential
from minialexnet.data import Dataset
from minialexnet.data.augment import Augmentation
from minialexnet.data.crops import Crops
from minialexnet.data.loader import Loader
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.engine.transfer import to_numpy
from minialexnet.evaluate import predict
from minialexnet.layers import Flatten
from minialexnet.model import Model
from minialexnet.train import Training
from tests.data.test_augment import VALUES, VECTORS, cases, noise
from tests.support import strict_cupy

COLORS = ("none", "paper", "2012")
KINDS = Crops, np.ndarray, np.ndarray


@pytest.fixture
def gpus(monkeypatch):
    """Let "cuda:0" and "cuda:1" be the stand-in's."""
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)


@given(case=cases())
def test_they_are_the_same_to_the_bit_wherever_they_are_normalised(xp, case):
    images, p = case
    for color in COLORS:
        augment = Augmentation(True, True, color, 0.1, VALUES, VECTORS)
        expected = augment(images, p, np.random.default_rng(3))
        pixels, shifts, shrink = augment.cut(images, p.size, np.random.default_rng(3))
        assert pixels.dtype == np.uint8
        shifts = None if shifts is None else xp.asarray(shifts)
        found = p.normalize(xp.asarray(pixels), shifts, shrink)
        assert type(found) is xp.ndarray and found.dtype == "float32"
        assert np.array_equal(to_numpy(found), expected)
    ten = p.normalize(xp.asarray(p.cut(images, crops=10).pixels))
    assert np.array_equal(to_numpy(ten), p.ten(images))


def test_they_are_sent_to_the_device_that_is_named(gpus):
    p = Preprocessing(6, np.full(3, 9, np.float32))
    crops = Augmentation(True, True, "2012", 0.1, VALUES, VECTORS).cut(
        noise((4, 3, 8, 8)), 6, np.random.default_rng(0)
    )
    there = p.on_device(crops, "cuda:1")
    assert there.device.id == 1
    assert np.array_equal(to_numpy(there), p.normalize(*crops))
    ready = p.on_device(p.normalize(*crops), "cuda:1")  # as a callable of one's own is
    assert np.array_equal(to_numpy(ready), to_numpy(there))


def small():
    """Return a model and 12 pictures of 3 classes."""
    pictures, labels = noise((12, 3, 8, 8)), np.arange(12) % 3
    pieces = pictures, labels, pictures[:0], labels[:0], ("a", "b", "c")
    network = Sequential([Flatten(), FullyConnected(3 * 6 * 6, 3, seed=1)])
    how = Preprocessing(6, np.full(3, 120, np.float32), side=8)
    return Model(network, how, pieces[-1], {}), Dataset("noise", *pieces)


@pytest.mark.parametrize(
    "augment", [None, Augmentation(True, True, "paper", 0.1, VALUES, VECTORS)]
)
def test_training_on_a_gpu_sends_bytes_and_learns_the_same(gpus, augment):
    def training(device, augment):
        model, dataset = small()
        return Training(
            model,
            dataset,
            partial(MomentumSGD, learning_rate=1e-4),
            batch_size=5,
            device=device,
            augment=augment,
        )

    def ready(images, preprocessing, rng):
        if augment is None:
            return preprocessing.center(images)
        return augment(images, preprocessing, rng)

    both = training("cuda:0", augment), training("cuda:0", ready)
    for one, kind in zip((*both, training("cpu", augment)), KINDS, strict=True):
        x, _ = next(one.loader.batches(np.arange(12)))
        assert type(x) is kind
        one.run_epoch()
        one.run_epoch()
    losses, weights = zip(
        *(
            ([entry["running_loss"] for entry in one.history], one.network.parameters())
            for one in both
        ),
        strict=True,
    )
    assert losses[0] == losses[1]
    for name, w in weights[0].items():
        assert np.array_equal(to_numpy(w), to_numpy(weights[1][name]))


@pytest.mark.parametrize("crops", [1, 10])
def test_a_gpu_predicts_what_the_processor_does(gpus, crops):
    model, dataset = small()
    how = dataset.train_images, model.preprocessing, crops, 30
    expected = predict(model.network, *how)
    found = predict(model.network.to("cuda:0"), *how, device="cuda:0")
    np.testing.assert_allclose(found, expected, 1e-5)


def test_the_loader_refuses_crops_that_are_none():
    pictures, labels = noise((4, 3, 6, 6)), np.arange(4)
    for made, error, message in (
        (np.zeros((4, 3, 6, 6), np.float32), TypeError, "array of uint8, got float32"),
        (pictures[:3], ValueError, "4 rows"),
    ):
        loader = Loader(pictures, labels, lambda *_, made=made: Crops(made), 4)
        with pytest.raises(error, match=message):
            next(loader.batches(np.arange(4)))
