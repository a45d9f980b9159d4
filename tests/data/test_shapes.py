"""The drawn data set: the same bits from the same seed, and neither easy nor unfair."""

import hashlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from minialexnet import data
from minialexnet.data import outlines, painting, shapes


@pytest.fixture(scope="module")
def dataset():
    return shapes.load()


def test_the_pictures_are_the_same_to_the_bit():
    digests = [
        hashlib.sha256(shapes.draw(np.arange(40), seed, split)[0].tobytes()).hexdigest()
        for seed, split in ((0, "train"), (0, "test"), (2**64 - 1, "train"))
    ]
    assert [digest[:16] for digest in digests] == [
        "a5603b5cced919a3",
        "42df5daf4a3eae27",
        "24c0113d26ceeda4",
    ]


def test_a_picture_does_not_depend_on_how_many_are_drawn(dataset):
    few = shapes.load(train=10, test=3)
    assert np.array_equal(few.train_images, dataset.train_images[:10])
    assert np.array_equal(few.test_images, dataset.test_images[:3])
    assert np.array_equal(few.test_labels, dataset.test_labels[:3])
    numbers = [2000, 5, 127, 128, 5]
    images, labels = shapes.draw(numbers)
    assert np.array_equal(images, dataset.train_images[numbers])
    assert np.array_equal(labels, dataset.train_labels[numbers])


def test_no_two_pictures_are_alike_in_train_and_test_or_between_seeds(dataset):
    far = [5 * 2**32 + i for i in range(10)]  # of the same classes as 0, 1, 2, ...
    images = np.concatenate(
        [
            dataset.train_images,
            dataset.test_images,
            shapes.draw(np.arange(100), seed=1)[0],
            shapes.draw(np.arange(100), seed=2**32)[0],
            shapes.draw(far)[0],
        ]
    )
    assert len({image.tobytes() for image in images}) == len(images)


def test_the_data_set_is_what_a_network_takes(dataset):
    assert dataset.name == "shapes"
    assert dataset.class_names == shapes.CLASS_NAMES
    assert len(set(dataset.class_names)) == 10
    for images, labels, count in (
        (dataset.train_images, dataset.train_labels, 2560),
        (dataset.test_images, dataset.test_labels, 1000),
    ):
        assert images.dtype == np.uint8 and images.shape == (count, 3, 32, 32)
        assert labels.dtype == np.int64
        assert np.bincount(labels).tolist() == [count // 10] * 10


def test_the_pictures_use_the_whole_range_and_all_three_colours(dataset):
    images = dataset.train_images
    assert images.min() == 0 and images.max() == 255
    assert images.std(axis=0).min() > 35  # each pixel of each colour varies
    means = images.mean(axis=(0, 2, 3))
    assert means.max() - means.min() < 8  # and no colour rules


def test_load_by_name_passes_its_options_on():
    by_name = data.load("shapes", train=12, test=4, seed=3)
    assert np.array_equal(by_name.train_images, shapes.draw(np.arange(12), seed=3)[0])
    assert len(by_name.test_labels) == 4


def test_a_linear_classifier_finds_something_but_less_than_half(dataset):
    # Least squares on the pixels, in its dual form, with the penalty that the test set
    # likes best: an upper bound.
    mean = dataset.train_images.mean(axis=0, dtype=np.float64)
    train, test = (
        ((images - mean) / 255).reshape(len(images), -1).astype(np.float32)
        for images in (dataset.train_images, dataset.test_images)
    )
    targets = np.eye(10, dtype=np.float32)[dataset.train_labels] - np.float32(0.1)
    kernel = train @ train.T + 400 * np.eye(len(train), dtype=np.float32)
    scores = test @ (train.T @ np.linalg.solve(kernel, targets))
    assert 0.25 < np.mean(scores.argmax(axis=1) == dataset.test_labels) < 0.5


@pytest.mark.parametrize("label", range(10))
@pytest.mark.parametrize("variant", [0, 1])
def test_outlines_are_filled_as_pillow_fills_them(label, variant):
    outline = outlines.OUTLINES[label, variant] * 700 // outlines.UNIT + (37, -91)
    ours = painting.cover(outline[None].astype(np.int32))[0, 0]
    image = Image.new("L", (1024, 1024))
    # Pillow fills the edge's own pixels too: 32 a pixel, half of one is far too much.
    corners = (outline + 1024) / 2
    ImageDraw.Draw(image).polygon([tuple(corner) for corner in corners], fill=255)
    theirs = np.asarray(image.reduce(32)) * (256 / 255)
    assert ours.sum() > 256 * 60
    assert np.abs(ours - theirs).max() <= 40
    assert abs(ours.sum() - theirs.sum()) < 0.05 * ours.sum()


def test_outlines_cover_pixels_exactly_and_are_cut_off_at_the_edge():
    def rectangle(left, top, right, bottom):
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return painting.cover(np.array([corners], np.int32) * 16)[0, 0]

    expected = np.zeros((32, 32), int)
    expected[14:18, 10:20] = 256
    expected[14:18, 20] = 64  # a quarter of the pixel's width
    expected[18, 10:20] = 128  # half of its height
    expected[18, 20] = 32
    # In quarters of a pixel from the middle of the picture.
    assert np.array_equal(rectangle(-24, -8, 17, 10), expected)
    assert (rectangle(-999, -999, 999, 999) == 256).all()
    assert (rectangle(70, -8, 90, 8) == 0).all()
    assert (rectangle(-90, -8, -70, 8) == 0).all()
    assert (rectangle(-8, 70, 8, 90) == 0).all()


def test_colours_turn_from_red_through_green_and_blue():
    hues = np.array([0, 256, 512, 768, 1024, 1280, 1536], np.int32)
    full = np.full(7, 255, np.int32)
    colours = painting.rgb(hues, full, full)[:, :, 0, 0] > 127
    red, yellow, green = [1, 0, 0], [1, 1, 0], [0, 1, 0]
    cyan, blue, purple = [0, 1, 1], [0, 0, 1], [1, 0, 1]
    assert colours.tolist() == [red, yellow, green, cyan, blue, purple, red]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"train": 0}, ValueError, "expected train to be at least 1 picture, got 0"),
        ({"test": -3}, ValueError, "expected test to be at least 1 picture, got -3"),
        ({"train": 2.5}, TypeError, "train, .* whole number, got 2.5"),
        ({"test": "9"}, TypeError, "test, .* whole number, got '9'"),
        ({"seed": -1}, ValueError, r"seed from 0 to 2\*\*64 - 1, got -1"),
        ({"seed": 2**64}, ValueError, "seed from 0 to"),
        ({"seed": None}, TypeError, "expected seed to be a whole number, got None"),
    ],
)
def test_load_refuses_what_is_no_number_of_pictures(options, error, words):
    with pytest.raises(error, match=words):
        shapes.load(**{"train": 1, "test": 1} | options)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([0.5],), TypeError, "expected indices to be whole numbers, got float64"),
        (([3, -1],), ValueError, "none below 0"),
        ((3,), ValueError, "one row of indices"),
        (([[1, 2]],), ValueError, "one row of indices"),
        (([1], 0, "validation"), ValueError, "'train' or 'test', got 'validation'"),
    ],
)
def test_draw_refuses_what_it_cannot_draw(arguments, error, words):
    with pytest.raises(error, match=words):
        shapes.draw(*arguments)
