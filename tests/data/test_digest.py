"""The hash of a data set: other pictures, labels or orders give another."""

from dataclasses import replace

import numpy as np
import pytest

from minialexnet.data import shapes
from minialexnet.data.digest import digest, digest_of
from minialexnet.data.set_aside import Chosen, set_aside


def flip_a_bit(array):
    changed = np.array(array)
    changed.flat[-1] ^= 1
    return changed


@pytest.fixture
def dataset():
    return shapes.load(train=600, test=20)


@pytest.mark.parametrize(
    "field", ["train_images", "train_labels", "test_images", "test_labels"]
)
def test_one_bit_makes_another(dataset, field):
    other = replace(dataset, **{field: flip_a_bit(getattr(dataset, field))})
    assert digest(other) != digest(dataset)


def test_names_do_not_count_and_copies_are_the_same(dataset):
    copy = replace(
        dataset, name="moved", train_images=np.asfortranarray(dataset.train_images)
    )
    assert digest(copy) == digest(dataset)


def test_pictures_set_aside_count(dataset):
    found = {digest(set_aside(dataset, count)) for count in (1, 2)}
    assert len(found | {digest(dataset)}) == 3
    other = replace(dataset, train_images=flip_a_bit(dataset.train_images))
    assert digest(set_aside(other, 1)) not in found


def test_the_same_bytes_in_another_shape_or_choice_are_other_pictures(dataset):
    images = dataset.test_images
    chosen = [Chosen(images, np.array(places)) for places in ([0, 1], [0, 2])]
    shapes = [images.reshape(40, 3, 16, 32), images.reshape(40, 3, 32, 16)]
    assert len({digest_of(some) for some in (images, *chosen, *shapes)}) == 5
