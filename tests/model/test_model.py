"""A model as a whole: built, saved, loaded, and begun from another."""

import numpy as np
import pytest

from minialexnet import cifar_net, model
from minialexnet.data import Dataset
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.files import checkpoint
from minialexnet.model.packing import unpack

SMALL = {"model": "alexnet", "profile": "2012", "width": 1 / 32, "towers": 2, "seed": 3}


def dataset(side=64, classes=3, width=None):
    images = np.random.default_rng(0).integers(
        0, 256, (6, 3, side, width or side), np.uint8
    )
    labels = np.arange(6) % classes
    names = tuple("abcdef"[:classes])
    folders = tuple(f"n{name}" for name in names)
    return Dataset(
        "noise", images, labels, images, labels, names, class_folders=folders
    )


def test_a_saved_model_comes_back_the_same(tmp_path):
    begun = model.begin(dataset(), SMALL)
    model.save(tmp_path / "a.npz", begun)
    back = model.load(tmp_path / "a.npz")
    assert back.description == begun.description
    assert back.class_names == ("a", "b", "c")
    assert back.class_folders == ("na", "nb", "nc")
    x = back.preprocessing.center(dataset().train_images)
    assert np.array_equal(x, begun.preprocessing.center(dataset().train_images))
    assert np.array_equal(back.network.forward(x), begun.network.forward(x))


def test_what_stands_before_the_network_is_saved_whole(tmp_path):
    mean = np.array([123, 117, 104], np.float32)
    given = Preprocessing(32, mean, divisor=(58.4, 57.1, 57.4), order="BGR", side=40)
    network = {"model": "cifar", "classes": 2}
    saved = model.Model(cifar_net(classes=2), given, ("no", "yes"), network)
    model.save(tmp_path / "a.npz", saved)
    back = model.load(tmp_path / "a.npz").preprocessing
    assert (back.size, back.divisor, back.order, back.side) == (
        32, (58.4, 57.1, 57.4), "BGR", 40,
    )  # fmt: skip
    assert np.array_equal(back.mean, mean)


@pytest.mark.parametrize(
    ("side", "asked", "size"),
    [(64, None, 56), (256, None, 224), (240, None, 224), (128, 100, 100)],
)
def test_the_input_is_the_profiles_or_seven_eighths(side, asked, size):
    begun = model.begin(dataset(side), SMALL | {"input_size": asked})
    assert begun.preprocessing.size == begun.description["input_size"] == size
    assert begun.preprocessing.side == side
    assert begun.network.output_shape((3, size, size)) == (3,)


def test_an_alexnet_is_the_papers_where_nothing_else_is_said():
    begun = model.begin(dataset(64), {"model": "alexnet", "width": 1 / 32})
    assert begun.preprocessing.size == 56
    assert "space2" not in begun.network.layers  # the 2012 code's


def test_begin_takes_the_mean_of_the_training_pictures():
    begun = model.begin(dataset(32), {"model": "cifar"})
    assert np.allclose(begun.preprocessing.mean, dataset(32).train_images.mean(axis=0))


def test_pictures_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"at least 100 pixels.*got 64"):
        model.begin(dataset(64), SMALL | {"input_size": 100})
    with pytest.raises(ValueError, match="square pictures, got 64 x 60"):
        model.begin(dataset(64, width=60), SMALL)
    with pytest.raises(ValueError, match="32 pixels for the model cifar, got 64"):
        model.begin(dataset(64), {"model": "cifar"})


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"model": "resnet"}, "out of alexnet, cifar, cuda_convnet, got 'resnet'"),
        ({}, "got None"),
        ({"model": "cifar", "profile": "2012"}, "arguments of cifar.*profile"),
    ],
)
def test_a_description_that_fits_no_model_is_refused(description, message):
    with pytest.raises(ValueError, match=message):
        model.build(description)


# Files that are none


def test_the_file_of_a_run_is_its_checkpoint(tmp_path):
    for missing, words in (
        (tmp_path, "a folder without"),
        (tmp_path / "x", "not ther"),
    ):
        with pytest.raises(FileNotFoundError, match=f"got {missing}, .*{words}"):
            model.file_of(missing)
    file = tmp_path / checkpoint.NAME
    file.write_bytes(b"")
    assert model.file_of(tmp_path) == model.file_of(file) == file


def test_a_checkpoint_without_a_model_is_refused(tmp_path):
    checkpoint.save(tmp_path / "a.npz", {"x": np.zeros(2)}, {})
    with pytest.raises(ValueError, match=r"a.npz: expected a model.*class_names"):
        model.load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_names": ["a"]}, "a class name for each of 3 outputs, got 1"),
        ({"class_folders": ["a"]}, "expected 3 class folders, got 1"),
        ({"class_names": [1, 2, 3]}, "class_names.* to be a text"),
    ],
)
def test_names_that_are_none_or_not_as_many_as_outputs_are_refused(changes, message):
    arrays, state = model.pack(model.begin(dataset(), SMALL))
    with pytest.raises(ValueError, match=message):
        unpack(arrays, state | changes)


def test_a_file_of_another_program_is_to_be_converted(tmp_path):
    (tmp_path / "a.pth").touch()
    with pytest.raises(ValueError, match=r"convert a\.pth a\.npz makes one"):
        model.load(tmp_path / "a.pth")


def test_weights_of_another_network_are_refused(tmp_path):
    arrays, state = model.pack(model.begin(dataset(32), {"model": "cifar"}))
    del arrays["w/conv2.b"]
    checkpoint.save(tmp_path / "a.npz", arrays, state)
    with pytest.raises(ValueError, match=r"a.npz: .*missing or unknown: conv2.b"):
        model.load(tmp_path / "a.npz")
