"""What a Dataset refuses, where data lies, and load by name."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minialexnet import data
from minialexnet.data import Dataset, cifar10
from minialexnet.data import dataset as dataset_module


def parts(**changes):
    """Return the arguments of a small right Dataset, with some of them changed."""
    right = {
        "name": "two",
        "train_images": np.zeros((4, 3, 5, 6), np.uint8),
        "train_labels": np.array([0, 1, 1, 0]),
        "test_images": np.zeros((2, 3, 5, 6), np.uint8),
        "test_labels": np.array([1, 0]),
        "class_names": ("no", "yes"),
    }
    return right | changes


def test_a_right_dataset_keeps_its_arrays():
    given = parts()
    dataset = Dataset(**given)
    assert all(getattr(dataset, name) is value for name, value in given.items())


def test_the_test_set_may_be_empty():
    nothing = np.zeros((0, 3, 5, 6), np.uint8), np.zeros(0, np.int64)
    dataset = Dataset(**parts(test_images=nothing[0], test_labels=nothing[1]))
    assert len(dataset.test_images) == 0


def test_mean_and_covariance_are_over_all_training_pictures(monkeypatch):
    monkeypatch.setattr(dataset_module, "CHUNK", 3)
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 5, 6), np.uint8)
    dataset = Dataset(**parts(train_images=images))
    assert np.allclose(dataset.mean(), images.mean(axis=0), rtol=1e-6)
    assert dataset.mean().dtype == np.float32
    pixels = images.transpose(1, 0, 2, 3).reshape(3, -1)
    assert np.allclose(dataset.covariance(), np.cov(pixels, bias=True), rtol=1e-10)


def test_a_mean_and_a_covariance_that_are_known_are_taken():
    given = {
        "mean_image": np.ones((3, 5, 6), np.float32),
        "color_covariance": np.eye(3),
    }
    dataset = Dataset(**parts(**given))
    assert dataset.mean() is given["mean_image"]
    assert dataset.covariance() is given["color_covariance"]


def test_a_dataset_is_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        Dataset(**parts()).name = "other"


@pytest.mark.parametrize(
    "changes, error, message",
    [
        (
            {"train_images": np.zeros((4, 3, 5, 6), np.float32)},
            TypeError,
            "two: train_images to be an array of uint8, got float32",
        ),
        (
            {"test_images": [[1]]},
            TypeError,
            "test_images to be an array of uint8, got list",
        ),
        (
            {"train_labels": np.zeros(4, np.int32)},
            TypeError,
            "train_labels to be an array of int64, got int32",
        ),
        (
            {"test_labels": np.array([0.0, np.nan])},
            TypeError,
            "test_labels to be an array of int64, got float64",
        ),
        (
            {"class_names": ["no", "yes"]},
            TypeError,
            r"a tuple of str, got \['no', 'yes'\]",
        ),
        ({"class_names": ("no", 1)}, TypeError, "a tuple of str"),
        (
            {"train_images": np.zeros((4, 5, 6, 3), np.uint8)},
            ValueError,
            r"train_images of shape \(N, 3, H, W\).*got \(4, 5, 6, 3\)",
        ),
        (
            {"train_images": np.zeros((4, 3, 30), np.uint8)},
            ValueError,
            r"got \(4, 3, 30\)",
        ),
        (
            {"test_images": np.zeros((2, 3, 5, 0), np.uint8)},
            ValueError,
            r"none of them 0, got \(2, 3, 5, 0\)",
        ),
        (
            {
                "train_images": np.zeros((0, 3, 5, 6), np.uint8),
                "train_labels": np.zeros(0, np.int64),
            },
            ValueError,
            r"train_images.*got \(0, 3, 5, 6\)",
        ),
        (
            {"mean_image": np.zeros((3, 6, 5), np.float32)},
            ValueError,
            r"mean_image of shape \(3, 5, 6\), got \(3, 6, 5\)",
        ),
        (
            {"color_covariance": np.zeros(3)},
            ValueError,
            r"color_covariance of shape \(3, 3\), got \(3,\)",
        ),
        (
            {"test_images": np.zeros((2, 3, 6, 5), np.uint8)},
            ValueError,
            r"one size, got \(3, 5, 6\) and \(3, 6, 5\)",
        ),
        (
            {"train_labels": np.zeros(3, np.int64)},
            ValueError,
            r"train_labels of shape \(4,\).*got \(3,\)",
        ),
        (
            {"test_labels": np.zeros((2, 1), np.int64)},
            ValueError,
            r"test_labels of shape \(2,\).*got \(2, 1\)",
        ),
        (
            {"train_labels": np.array([0, 1, 2, 3])},
            ValueError,
            "train_labels from 0 to 1, got 2 at index 2",
        ),
        (
            {"test_labels": np.array([0, -1])},
            ValueError,
            "test_labels from 0 to 1, got -1 at index 1",
        ),
        (
            {"class_folders": ("n01",)},
            ValueError,
            "expected 2 class_folders, got 1",
        ),
    ],
)
def test_a_wrong_dataset_is_refused(changes, error, message):
    with pytest.raises(error, match=message):
        Dataset(**parts(**changes))


def test_data_dir_takes_the_argument_then_the_environment_then_the_cache(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("MINIALEXNET_DATA", raising=False)
    assert data.data_dir() == Path("/home/somebody/.cache/minialexnet")
    monkeypatch.setenv("MINIALEXNET_DATA", "")
    assert data.data_dir() == Path("/home/somebody/.cache/minialexnet")
    monkeypatch.setenv("MINIALEXNET_DATA", "~/pictures")
    assert data.data_dir() == Path("/home/somebody/pictures")
    assert data.data_dir("here") == Path("here")
    assert data.data_dir(Path("~/there")) == Path("/home/somebody/there")


@pytest.mark.parametrize("name", ["cifar-10", "", None, "dataset"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match=rf"shapes, cifar10, .*got {name!r}"):
        data.load(name)


def test_load_passes_the_folder_and_the_options_on(monkeypatch):
    monkeypatch.setattr(cifar10, "load", lambda *given, **options: (given, options))
    assert data.load("cifar10", "here", download=False) == (
        ("here",),
        {"download": False},
    )


def test_a_wrong_option_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'seed'"):
        data.load("cifar10", seed=1)


def test_no_data_set_is_imported_before_it_is_asked_for():
    code = """if True:
        import sys, minialexnet.data
        late = "cifar10", "shapes", "download"
        print([x for x in late if f"minialexnet.data.{x}" in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
