"""Training pictures that are kept from the training."""

import numpy as np
import pytest

from minialexnet.data import Dataset
from minialexnet.data.set_aside import set_aside


def pictures():
    images = np.random.default_rng(0).integers(0, 256, (9, 3, 4, 4), np.uint8)
    labels = np.array([1, 0, 0, 1, 1, 0, 1, 0, 1])
    return Dataset(
        "noise", images, labels, images[:2], labels[:2], ("a", "b"),
        mean_image=np.zeros((3, 4, 4), np.float32),
    )  # fmt: skip


def test_the_last_of_each_class_are_not_trained_on():
    whole = pictures()
    less = set_aside(whole, 2)
    kept = [0, 1, 2, 3, 4]
    assert less.train_labels.tolist() == whole.train_labels[kept].tolist()
    assert less.train_images.shape == (5, 3, 4, 4)
    assert np.array_equal(less.train_images[:], whole.train_images[kept])
    asked = np.array([4, 0])
    assert np.array_equal(less.train_images[asked], whole.train_images[asked])
    assert less.test_images is whole.test_images
    assert np.allclose(less.mean(), whole.train_images[kept].mean(axis=0))


def test_they_are_tested_on_where_that_is_asked_for():
    whole = pictures()
    less = set_aside(whole, 1, tested=True)
    assert less.test_labels.tolist() == [0, 1]
    assert np.array_equal(less.test_images[:], whole.train_images[[7, 8]])
    assert less.train_images.dtype == less.test_images.dtype == np.uint8


def test_every_class_keeps_a_picture():
    with pytest.raises(ValueError, match="more than 4 training pictures of a, got 4"):
        set_aside(pictures(), 4)
