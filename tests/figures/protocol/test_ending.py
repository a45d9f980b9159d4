"""What is measured at the end of a run, on rows and pictures made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from minialexnet import MomentumSGD
from minialexnet.data.dataset import Dataset
from minialexnet.model import begin
from minialexnet.train import Training
from protocol import ending

COVARIANCE = np.array([[500.0, 400, 0], [400, 500, 0], [0, 0, 100]])


def pictures(colours, labels, side=2):
    """Return a data set whose pictures, of one colour each, train and test."""
    images = np.zeros((len(colours), 3, side, side), np.uint8)
    images += np.asarray(colours, np.uint8)[:, :, None, None]
    both = images, np.asarray(labels, np.int64)
    return Dataset("colours", *both, *both, ("one", "two"))


def test_a_class_is_the_first_or_among_the_first_five():
    rows = np.array([[0.3, 0.1, 0.2, 0.15, 0.15, 0.05, 0.05]] * 4, np.float32)
    top1, top5 = ending.right(rows, np.array([0, 2, 1, 5]))
    assert top1.tolist() == [True, False, False, False]
    assert top5.tolist() == [True, True, True, False]


def test_the_nearest_rows_come_first():
    others = np.float32([[9, 0], [1, 0], [4, 0], [3, 0], [6, 0], [2, 0], [5, 0]])
    near = ending.nearest_rows(np.float32([[4.2, 0], [0, 0]]), others)
    assert near.tolist() == [[2, 6, 3, 4, 5, 1], [1, 5, 3, 2, 6, 4]]


def test_other_light_is_noise_along_the_colours_of_the_training_pictures():
    grey = pictures(np.full((4000, 3), 128), np.zeros(4000))
    dataset = replace(grey, color_covariance=COVARIANCE)
    found = ending.under_other_light(dataset)
    assert np.array_equal(found, ending.under_other_light(dataset))
    shifts = found[:, :, 0, 0] - 128.0  # (N, 3)
    assert np.array_equal(found, np.broadcast_to(found[:, :, :1, :1], found.shape))
    assert abs(shifts.mean(axis=0)).max() < 0.5
    assert np.cov(shifts.T) == pytest.approx(0.3**2 * COVARIANCE, abs=2.5)
    black = replace(dataset, test_images=np.zeros_like(grey.test_images))
    assert ending.under_other_light(black).max() < 60  # what is below 0 is cut off


def test_neighbours_are_by_the_network_as_it_is_now_as_it_began_and_by_pixels():
    # Red tells the two classes apart, and hardly counts beside green and blue.
    red = np.tile([120, 136], 16)
    others = np.random.default_rng(0).integers(0, 256, (32, 2))
    colours = np.column_stack([red, others])
    distances = ((colours[:, None] - colours) ** 2).sum(axis=2)
    alike = red[distances.argsort(axis=1)[:, :6]] == red[:, None]
    dataset = pictures(colours, red > 128, side=32)
    model = begin(dataset, {"model": "cifar", "seed": 0})
    model.network.parameters()["conv1.W"][:, 1:] = 0  # red is all that it sees
    training = Training(model, dataset, MomentumSGD)
    found = ending.purities(training)
    assert found["purity_trained"] == 1
    assert found["purity_pixels"] == alike.mean() < 0.7
    assert found["purity_untrained"] not in (1, alike.mean())
