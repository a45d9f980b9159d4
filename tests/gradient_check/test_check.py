"""check_layer and check_function pass what is right, and say what is wrong."""

import re

import numpy as np
import pytest
from hypothesis import given

import minialexnet as mn
from minialexnet.gradient_check import (
    GradientError,
    check_function,
    check_layer,
)
from tests.support.geometries import normal, on, seeds
from tests.support.small_layers import Network, Scale, Square, fails, missing_scale


@pytest.mark.parametrize("method", ["auto", "complex"])
@given(seed=seeds)
def test_right_layers_pass_by_the_complex_step(method, seed):
    report = check_layer(Scale(), normal(seed, 4, 3), method=method, seed=seed)
    assert report.errors.keys() == {"x", "w", "c"}
    assert max(report.errors.values()) < 1e-12
    assert {check.method for check in report.arrays} == {"complex"}
    assert check_layer(Square(), normal(seed, 5)).errors["x"] < 1e-12


@given(seed=seeds)
def test_right_layers_pass_by_central_differences(seed):
    report = check_layer(Scale(), normal(seed, 4, 3), method="central", seed=seed)
    assert max(report.errors.values()) < 1e-7
    assert {check.method for check in report.arrays} == {"central"}
    assert check_layer(Square(), normal(seed, 5), method="central").errors["x"] < 1e-7


@pytest.mark.parametrize("magnitude", [1e-6, 1e6])
def test_right_layers_of_any_size_pass(magnitude):
    for method in ("complex", "central"):
        layer = Network(Scale(), mn.Tanh(), Scale())
        layer.layers[0].params["w"] /= magnitude
        x = magnitude * normal(3, 4, 3)
        assert check_layer(layer, x, method=method).errors.keys() > {"x", "part0.w"}
        right = layer.backward
        layer.backward = lambda dy, right=right: 1.01 * right(dy)
        assert "dx of Network is wrong at (" in fails(layer, x, method=method)


def test_a_network_of_any_class_is_checked_by_its_parameters():
    network = Network(Scale(), Network(Square(), Scale()), Scale())
    report = check_layer(network, normal(0, 2, 3))
    assert [check.name for check in report.arrays] == [
        *("x", "part0.w", "part0.c", "part2.w", "part2.c")
    ]
    assert max(report.errors.values()) < 1e-12


def test_a_loss_takes_its_labels_and_no_dy():
    class SquaredError:
        def forward(self, x, target):
            self.difference = x - target
            return (self.difference**2).sum()

        def backward(self):
            return 2 * self.difference

    loss, x, target = SquaredError(), normal(0, 4, 3), normal(1, 4, 3)
    assert check_layer(loss, x, target).errors["x"] < 1e-12
    loss.backward = lambda: 2 * loss.difference * (np.arange(3) != 1)
    assert re.match(r"dx of SquaredError is wrong at \(\d, 1\)", fails(loss, x, target))
    loss.forward = lambda x, target: x - target
    with pytest.raises(TypeError, match=r"takes no dy.*got shape \(4, 3\)"):
        check_layer(loss, x, target)


def test_one_axis_is_told_to_be_a_batch_where_forward_refuses_it():
    x = np.linspace(-1, 1, 4)
    with pytest.raises(ValueError) as caught:
        check_layer(mn.FullyConnected(4, 3), x)
    (note,) = caught.value.__notes__
    assert note.startswith("x has one axis, of 4 numbers.") and "x[None]" in note
    assert check_layer(mn.FullyConnected(4, 3), x[None]).errors["W"] < 1e-12
    with pytest.raises(ValueError) as caught:
        check_layer(mn.FullyConnected(5, 3), x[None])
    assert not hasattr(caught.value, "__notes__")


def test_another_method_is_refused():
    with pytest.raises(ValueError, match=r"expected method to be 'auto', .* 'exact'"):
        check_layer(Square(), normal(0, 2), method="exact")


def test_train_reaches_forward():
    class Trained(Square):
        def forward(self, x, train):
            self.x = x if train else 0 * x
            return x * x

    assert check_layer(Trained(), normal(0, 4), train=True).errors["x"] < 1e-12
    assert "dx of Trained" in fails(Trained(), normal(0, 4))
    with pytest.raises(TypeError, match="train"):
        check_layer(Square(), normal(0, 4), train=True)


def test_a_function_is_checked_like_a_layer():
    x = normal(0, 3, 4)
    report = check_function(lambda x: (x**3).sum(), lambda x: 3 * x**2, x)
    assert report.errors["x"] < 1e-12
    assert check_function(np.linalg.norm, x / np.linalg.norm(x), x).errors["x"] < 1e-6
    assert check_function(np.sin, np.cos, 0.7).errors["x"] < 1e-12

    def in_place(x):
        x *= 3 * x
        return x

    assert check_function(lambda x: (x**3).sum(), in_place, x).errors["x"] < 1e-12

    def cubes(x):
        return (x**3).sum()

    wrong = 3 * x**2
    wrong[2, 1] = 0
    with pytest.raises(
        GradientError, match=r"^dx of cubes is wrong at \(2, 1\): exp.*"
    ):
        check_function(cubes, wrong, x)
    with pytest.raises(
        GradientError, match=r"dx of cubes has shape \(4, 3\), expected"
    ):
        check_function(cubes, wrong.T, x)
    with pytest.raises(GradientError, match=r"cubes returned nan at \(\)"):
        check_function(cubes, wrong, np.nan * x)
    with pytest.raises(GradientError, match=r"dx of cubes is nan at \(0, 0\)"):
        check_function(cubes, np.nan * x, x)
    with pytest.raises(
        ValueError, match=r"sin to return one number, got shape \(3, 4\)"
    ):
        check_function(np.sin, np.cos, x)


def test_a_constant_has_gradient_zero_whatever_rounding_leaves():
    def one(x):
        p = np.exp(x) / np.exp(x).sum()
        return (p * p).sum() / (p * p).sum() + p.sum()

    for method in ("complex", "central"):
        x = normal(0, 5)
        assert check_function(one, np.zeros(5), x, method=method).errors["x"] < 1e-6
        assert check_function(one, 1e-16 * x, x, method=method).errors["x"] < 1e-6


def test_every_array_module(xp):
    x = xp.asarray(normal(0, 4, 3))
    layer = on(xp, Scale())
    report = check_layer(layer, x)
    way = ("complex", "") if xp is np else ("central", f"{xp.__name__} arrays")
    assert {(check.method, check.note) for check in report.arrays} == {way}
    assert max(report.errors.values()) < 1e-7
    layer.backward = missing_scale.__get__(layer)
    assert re.search(r"dx of Scale is wrong at \(\d, \d\)", fails(layer, x))
    if xp is not np:
        with pytest.raises(ValueError, match=f"NumPy arrays, got {xp.__name__} arrays"):
            check_layer(layer, x, method="complex")
