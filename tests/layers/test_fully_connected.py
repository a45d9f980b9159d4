"""FullyConnected and Flatten against the loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import Flatten, FullyConnected, Normal
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_layer
from tests.support.geometries import normal, on, seeds

sizes = st.integers(1, 5)


@given(N=sizes, D=sizes, K=sizes, seed=seeds)
def test_forward_and_backward_are_the_loops(xp, N, D, K, seed):
    layer = FullyConnected(D, K, weight=Normal(1), bias=Normal(1), seed=seed)
    W, b = (np.float64(layer.params[key]) for key in "Wb")
    x, dy = normal(seed, N, D), normal(seed + 1, N, K)
    y = to_numpy(on(xp, layer).forward(xp.asarray(x)))
    np.testing.assert_allclose(y, oracles.fully_connected(x, W, b), 1e-10, 1e-13)
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(
        dx, oracles.fully_connected(dy, W.T, np.zeros(D)), rtol=1e-10, atol=1e-13
    )
    dW = np.array([[dy[:, k] @ x[:, d] for d in range(D)] for k in range(K)])
    np.testing.assert_allclose(to_numpy(layer.grads["W"]), dW, rtol=1e-10, atol=1e-13)
    db = [sum(dy[n, k] for n in range(N)) for k in range(K)]
    np.testing.assert_allclose(to_numpy(layer.grads["b"]), db, rtol=1e-10, atol=1e-13)


@given(N=sizes, D=sizes, K=sizes, seed=seeds)
def test_gradients_by_the_complex_step(N, D, K, seed):
    layer = FullyConnected(D, K, weight=Normal(1), bias=Normal(1), seed=seed)
    report = check_layer(layer.astype("float64"), normal(seed, N, D))
    assert report.errors.keys() == {"x", "W", "b"}
    assert max(report.errors.values()) < 1e-12


def test_a_first_layer_skips_dx_and_nothing_else():
    layer = FullyConnected(4, 3)
    layer.needs_dx = False
    layer.forward(normal(0, 2, 4))
    assert layer.backward(np.ones((2, 3))) is None
    assert layer.grads["b"].tolist() == [2, 2, 2]


def test_shapes_and_costs_of_fc8():
    layer = FullyConnected(4096, 1000)
    assert layer.params["W"].shape == (1000, 4096)
    assert layer.output_shape((4096,)) == (1000,)
    assert layer.multiply_adds((4096,)) == 4096 * 1000


def test_wrong_input_is_refused():
    layer = FullyConnected(9216, 4)
    with pytest.raises(
        ValueError, match="FullyConnected expected 9216 input features, got 5"
    ):
        layer.forward(np.ones((1, 5)))
    with pytest.raises(
        ValueError, match=r"got shape \(256, 6, 6\) \(Flatten comes first\)"
    ):
        layer.forward(np.ones((1, 256, 6, 6)))
    for sizes in [(0, 4), (4, 0)]:
        with pytest.raises(ValueError, match=r"(in|out)_features >= 1, got 0"):
            FullyConnected(*sizes)


def test_flatten_goes_channels_slowest_and_back(xp):
    x = np.arange(48.0).reshape(2, 2, 3, 4)
    layer = Flatten()
    # Channels last in memory, as a convolution's output is.
    strided = xp.asarray(np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
    y = layer.forward(strided.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(to_numpy(y), np.arange(48.0).reshape(2, 24))
    np.testing.assert_array_equal(to_numpy(layer.backward(y)), x)
    assert layer.output_shape((256, 6, 6)) == (9216,)
