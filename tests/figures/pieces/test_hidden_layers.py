"""Dropout's network: with it and without it, and nothing else differs."""

import numpy as np

from minialexnet import Dropout, check_layer
from pieces.hidden_layers import Scaled, build


def test_the_two_networks_differ_in_dropout_alone():
    plain, dropped = (build(None, 3, p) for p in (0.0, 0.5))
    for name, weight in plain.parameters().items():
        assert (weight == dropped.parameters()[name]).all()
    layers = list(dropped.layers.values())
    places = [i for i, layer in enumerate(layers) if isinstance(layer, Dropout)]
    # Behind the ReLUs of both hidden dense layers, each with masks of its own.
    assert [type(layers[i - 1]).__name__ for i in places] == ["ReLU", "ReLU"]
    assert [layers[i].drop_probability for i in places] == [0.5, 0.5]
    assert layers[places[0]].seed != layers[places[1]].seed
    x = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    assert dropped.forward(x, train=True).shape == (2, 10)
    assert (plain.forward(x) != dropped.forward(x)).any()
    check_layer(Scaled(), x[:, :, :2, :2])
