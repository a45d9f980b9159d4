"""Layers of several inputs: a block of weights for each."""

import numpy as np
import pytest

from minialexnet.exercises import oracles
from tests.support.geometries import distinct, normal


def test_each_input_has_its_block_of_weights_and_the_sum_one_bias(web):
    web.forward(normal(0, 2, 2, 6, 6))
    shapes = [web.parameters()[f"conv2.W{i}"].shape for i in (1, 2, 3)]
    assert shapes == [(6, 2, 2, 2), (6, 2, 3, 3), (6, 2, 4, 4)]  # filters=3 a group
    assert (web.parameters()["conv2.b"] == -0.5).all()
    spreads = [web.parameters()[f"fc1.W{i}"].std() for i in (1, 2, 3)]
    assert spreads == pytest.approx([0.1, 0.2, 0.3], rel=0.25)
    layer = web.layers["conv2"]
    x = [distinct(1, 2, *shape) for shape in ((2, 6, 6), (4, 6, 6), (4, 6, 6))]
    W = layer.params
    expected = sum(
        oracles.convolution(
            x[i], W[f"W{i + 1}"], np.zeros(6), (2, 2), padding, groups, True
        )
        for i, (padding, groups) in enumerate([((0, 0), 1), ((0, 0), 2), ((1, 1), 2)])
    )
    np.testing.assert_allclose(layer.forward(x), expected - 0.5, rtol=1e-12)
