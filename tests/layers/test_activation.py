"""ReLU, Tanh and Sigmoid against the formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import ReLU, Sigmoid, Tanh
from minialexnet.engine.transfer import to_numpy
from minialexnet.gradient_check import check_layer
from minialexnet.layers.finite import only_where
from tests.support.geometries import distinct, normal, seeds

FORMULAS = {
    ReLU: lambda x: max(0.0, x),
    Tanh: math.tanh,
    Sigmoid: lambda x: 1 / (1 + math.exp(-x)),
}
shapes = st.sampled_from([(1, 7), (3, 1), (2, 3, 4, 5), (1, 1, 2, 3)])


@pytest.mark.parametrize("layer_class", FORMULAS)
@given(shape=shapes, seed=seeds)
def test_forward_is_the_formula(xp, layer_class, shape, seed):
    x = 3 * normal(seed, *shape)
    expected = np.vectorize(FORMULAS[layer_class])(x)
    y = to_numpy(layer_class().forward(xp.asarray(x)))
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-15, strict=True)


@pytest.mark.parametrize("layer_class", FORMULAS)
@given(shape=shapes, seed=seeds)
def test_gradient_by_the_complex_step(layer_class, shape, seed):
    report = check_layer(layer_class(), distinct(seed, *shape))
    assert report.errors.keys() == {"x"}
    assert report.errors["x"] < 1e-12


@pytest.mark.parametrize("layer_class", FORMULAS)
def test_backward_on_every_module(xp, layer_class):
    x, dy = np.array([[-2.0, -0.5, 0.5, 2.0]]), np.array([[1.0, 2.0, 3.0, 4.0]])
    f = np.vectorize(FORMULAS[layer_class])
    slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    layer = layer_class()
    layer.forward(xp.asarray(x))
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(dx, dy * slope, rtol=1e-8)


def test_relu_has_no_slope_at_zero(xp):
    layer = ReLU()
    layer.forward(xp.asarray([[-0.0, 0.0, -1.0, 1.0]]))
    dx = layer.backward(xp.asarray([[5.0, 5.0, 5.0, 5.0]]))
    assert dx.tolist() == [[0, 0, 0, 5]]


def test_relu_lets_nothing_negative_through(xp):
    assert not ReLU().forward(xp.asarray(-np.ones((1, 2, 3, 3)))).any()


@pytest.mark.parametrize(
    ("layer_class", "low"), [(ReLU, 0), (Tanh, -1), (Sigmoid, 0)], ids=str
)
def test_far_inputs_saturate_without_a_warning(layer_class, low):
    x = np.array([[-1e4, 1e4]], np.float32)
    layer = layer_class()
    with np.errstate(all="raise"):
        y = layer.forward(x)
        dx = layer.backward(np.ones_like(x))
    assert y.tolist() == [[low, 1e4 if layer_class is ReLU else 1]]
    assert dx.tolist() == [[0, 1 if layer_class is ReLU else 0]]


def test_an_infinite_gradient_is_lost_where_relu_is_zero(xp):
    # As PyTorch has it; the product of the gradient and 0 would be NaN.
    big = float("inf")
    layer = ReLU()
    layer.forward(xp.asarray([[-1.0, 0.0, 1.0, np.nan]] * 4))
    dy = xp.asarray([[big] * 4, [-big] * 4, [np.nan] * 4, [2.0] * 4])
    dx = to_numpy(layer.backward(dy))
    expected = [[0, 0, value, 0] for value in (big, -big, np.nan, 2.0)]
    np.testing.assert_array_equal(dx, expected)


@pytest.mark.parametrize("lost", [2.0, float("inf"), -float("inf")])
def test_where_is_written_into_memory_that_is_given(xp, lost):
    room = xp.full(3, 7.0)
    won = xp.asarray([False, True, True])
    dx = only_where(xp.asarray([lost, 3.0, -4.0]), won, out=room)
    assert to_numpy(room).tolist() == to_numpy(dx).tolist() == [0, 3, -4]
