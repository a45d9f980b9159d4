"""The files that come with the package, and a model of two files: kept, used again."""

import numpy as np
import pytest
from PIL import Image

from minialexnet import cli, model
from minialexnet.cuda_convnet import (
    CfgError,
    description,
    network_files,
    params_beside,
)
from minialexnet.data import Dataset
from minialexnet.evaluate import evaluate
from minialexnet.train import Training
from tests.support.layer_files import CIFAR, NARROW, write


def noise(side=32, classes=10):
    images = np.random.default_rng(0).integers(0, 256, (20, 3, side, side), np.uint8)
    labels = np.arange(20) % classes
    names = tuple("abcdefghij"[:classes])
    return Dataset("noise", images, labels, images, labels, names)


@pytest.fixture
def begun():
    """Return a model of the four-layer files, with weights that all count."""
    found = model.begin(noise(), description(network_files("cifar")[0]) | {"seed": 5})
    for name, w in found.network.parameters().items():
        w *= 1000 if name == "conv1.W" else 10
    return found


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="network out of alexnet, cifar, got 'vgg'"):
        network_files("vgg")
    for name in ("net.cfg", "my-layers.cfg"):
        with pytest.raises(ValueError, match="expected a params file to be named"):
            params_beside(tmp_path / name)


def test_a_saved_model_comes_back_without_its_files(tmp_path, begun):
    model.save(tmp_path / "a.npz", begun)
    back = model.load(tmp_path / "a.npz")
    assert back.description == begun.description
    assert (back.description["layers"], back.description["params"]) == tuple(CIFAR)
    assert (back.description["classes"], back.description["input_size"]) == (10, 32)
    assert back.network.learning == begun.network.learning
    x = back.preprocessing.center(noise().train_images)
    y = begun.network.forward(x)
    assert np.array_equal(back.network.forward(x), y)
    assert len(np.unique(y.argmax(axis=1))) > 1


def test_towers_and_dropout_come_back_too(tmp_path):
    files = description(*write(tmp_path, *NARROW)) | {"seed": 1, "input_size": 63}
    begun = model.begin(noise(64, 5), files)
    model.save(tmp_path / "a.npz", begun)
    back = model.load(tmp_path / "a.npz")
    assert back.preprocessing.size == 63
    x = back.preprocessing.center(noise(64, 5).train_images)
    for network in (begun.network, back.network):
        network.layers["hs1a"].state["step"] = 3
    y = begun.network.forward(x, train=True)
    assert np.array_equal(back.network.forward(x, train=True), y)


def test_a_run_is_trained_evaluated_and_asked(tmp_path, begun, capsys):
    training = Training(begun, noise(), begun.network.optimizer, batch_size=10)
    before = begun.network.parameters()["fc10.W"].copy()
    assert training.optimizer.learning_rate == 0.001
    training.run_epoch()
    assert not np.array_equal(begun.network.parameters()["fc10.W"], before)
    training.save(tmp_path / "checkpoint.npz", {"data": "noise"})
    training.close()
    back = model.load(tmp_path)
    found = [
        evaluate(m.network, noise().test_images, noise().test_labels, m.preprocessing)
        for m in (back, begun)
    ]
    assert found[0] == found[1]
    Image.new("RGB", (40, 40), "red").save(tmp_path / "a.png")
    words = ["predict", str(tmp_path), str(tmp_path / "a.png"), "--top", "2"]
    assert cli.main(words) == 0
    assert "a.png" in capsys.readouterr().out


def test_other_numbers_of_classes_are_refused_with_file_section_and_key():
    with pytest.raises(CfgError) as caught:
        model.begin(noise(classes=4), description(*network_files("cifar")))
    line = CIFAR[0].split("\n").index("outputs=10") + 1
    assert str(caught.value) == (
        f"cifar-layers.cfg:{line}: [fc10] expected outputs=4, one for each class, "
        "got 10"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layers": 3}, "texts of two files"),
        ({"params": None}, "texts of two files"),
        ({"layers": "[conv1"}, r"cifar-layers.cfg:1: expected \[section\]"),
        ({"profile": "2012"}, "arguments of cuda_convnet"),
        ({"names": []}, "names"),
        ({"names": 7}, "names"),
        ({"input_size": 8}, "cifar-layers.cfg:.*expected sizeX"),
        ({"input_size": -1}, "input_shape"),
        ({"input_size": "32"}, "input_size"),
        ({"seed": "x"}, "seed"),
    ],
)
def test_a_description_that_is_none_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        model.build(description(*network_files("cifar")) | change)
