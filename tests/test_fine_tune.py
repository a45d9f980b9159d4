"""A network that begins with what another has learned."""

import numpy as np
import pytest

from minialexnet import cifar_net
from minialexnet.data import Dataset
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.fine_tune import copy_fitting, fine_tuned
from minialexnet.model import Model
from minialexnet.runs.config import Config


def test_every_layer_that_fits_is_copied_but_the_last():
    source, network = cifar_net(seed=1, classes=4), cifar_net(seed=2, classes=4)
    first = {k: w.copy() for k, w in network.parameters().items()}
    copied = copy_fitting(source.parameters(), network)
    assert copied == ["conv1", "conv2", "conv3"]
    for name, w in network.parameters().items():
        kept = name.startswith("fc1")
        assert np.array_equal(w, first[name] if kept else source.parameters()[name])


def test_a_layer_of_another_shape_begins_anew():
    source = cifar_net(seed=1).parameters()
    source["conv2.W"] = source["conv2.W"][:, :16]
    network = cifar_net(seed=2)
    assert copy_fitting(source, network) == ["conv1", "conv3"]
    assert np.array_equal(
        network.parameters()["conv2.W"], cifar_net(seed=2).parameters()["conv2.W"]
    )


def test_a_network_with_nothing_in_common_is_refused():
    with pytest.raises(ValueError, match="same name and shape, got none"):
        copy_fitting({"fc1.W": np.zeros((10, 1024))}, cifar_net())


@pytest.mark.parametrize(("side", "warned"), [(31, 0), (32, 0), (63, 0), (64, 1)])
def test_pictures_of_which_little_is_seen_are_named(side, warned):
    images, labels = np.zeros((2, 3, side, side), np.uint8), np.array([0, 1])
    names = ("ant", "bee")
    dataset = Dataset("x", images, labels, images, labels, names, class_folders=names)
    preprocessing = Preprocessing(32, np.zeros(3, np.float32), side=40)
    description = {"model": "cifar", "classes": 10}
    source = Model(cifar_net(), preprocessing, tuple("0123456789"), description)
    if side < 32:
        with pytest.raises(ValueError, match="pictures of at least 32 pixels, as the"):
            fine_tuned(Config(pretrained="run"), dataset, source)
        return
    model, notes = fine_tuned(Config(pretrained="run"), dataset, source)
    assert model.class_folders == names
    assert notes[0] == "From run: conv1, conv2, conv3; the others begin anew."
    expected = "It takes 32 pixels and sees 25.0% of a picture of 64: pictures of 40"
    assert [note.startswith(expected) for note in notes[1:]] == [True] * warned
