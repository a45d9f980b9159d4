"""A network that begins with what another has learned."""

import numpy as np
import pytest

from minialexnet import cifar_net
from minialexnet.fine_tune import copy_fitting


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
