"""The gradient check refuses layers that break their contract."""

import re

import numpy as np
import pytest

from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import normal
from tests.support.small_layers import Scale, Square, fails, missing_scale


def wrong_axis(self, dy):
    self.grads = {"w": (dy * self.x).sum(1), "c": dy.sum(0)}
    return dy * self.params["w"]


def one_bias_twice(self, dy):
    self.grads = {"w": (dy * self.x).sum(0), "c": dy.sum(0) * [1, 1, 2]}
    return dy * self.params["w"]


def adds_up(self, dy):
    self.total = getattr(self, "total", 0) + (dy * self.x).sum(0)
    self.grads = {"w": self.total, "c": dy.sum(0)}
    return dy * self.params["w"]


def adds_up_in_place(self, dy):
    for key, gradient in {"w": (dy * self.x).sum(0), "c": dy.sum(0)}.items():
        self.grads[key] = self.grads.get(key, 0) + gradient
    return dy * self.params["w"]


def changes_dy(self, dy):
    right = Scale.backward(self, dy)
    dy[1, 2] = 0
    return right


def changes_x(self, dy):
    right = Scale.backward(self, dy)
    self.x[0, 1] *= 2
    return right


def changes_a_weight(self, dy):
    right = Scale.backward(self, dy)
    self.params["w"][2] -= 0.1
    return right


def steps_by_itself(self, dy):
    right = Scale.backward(self, dy)
    self.params["c"] = self.params["c"] - 0.1 * self.grads["c"]
    return right


def casts_a_weight(self, dy):
    right = Scale.backward(self, dy)
    self.params["c"] = self.params["c"].astype("float32")
    return right


def gives_nan(self, dy):
    right = Scale.backward(self, dy)
    self.grads["w"][1] = np.nan
    return right


def gives_infinity(self, dy):
    right = Scale.backward(self, dy)
    right[2, 1] = -np.inf
    return right


def flat_dx(self, dy):
    return Scale.backward(self, dy).ravel()


def no_batch_sum(self, dy):
    right = Scale.backward(self, dy)
    self.grads["c"] = dy
    return right


def forgets_a_key(self, dy):
    right = Scale.backward(self, dy)
    del self.grads["c"]
    return right


def has_a_key_too_many(self, dy):
    right = Scale.backward(self, dy)
    self.grads["v"] = self.grads["c"]
    return right


def rounds(self, dy):
    right = Scale.backward(self, dy)
    self.grads["w"] = self.grads["w"].astype("float32")
    return right


@pytest.mark.parametrize(
    ("backward", "expected"),
    [
        (missing_scale, r"^dx of Scale is wrong at \(\d, \d\): expected .* by complex"),
        (wrong_axis, r"^dw of Scale is wrong at \(\d,\): expected .* by complex step"),
        (one_bias_twice, r"^dc of Scale is wrong at \(2,\): .*1 of 3 slopes are off$"),
        (adds_up, r"^dw of Scale differs in a second backward at \(\d,\): first"),
        (adds_up_in_place, r"^dw of Scale differs in a second backward at \(\d,\)"),
        (changes_dy, r"^Scale\.backward changed dy: at \(1, 2\) from \S+ to 0\.0$"),
        (changes_x, r"^Scale\.backward changed x: at \(0, 1\) from"),
        (changes_a_weight, r"^Scale\.backward changed w: at \(2,\) from"),
        (steps_by_itself, r"^Scale\.backward changed c: at \(\d,\) from"),
        (casts_a_weight, r"changed c: from float64 \(3,\) to float32 \(3,\)$"),
        (gives_nan, r"^dw of Scale is nan at \(1,\)$"),
        (gives_infinity, r"^dx of Scale is -inf at \(2, 1\)$"),
        (flat_dx, r"^dx of Scale has shape \(9,\), expected that of x, \(3, 3\)$"),
        (no_batch_sum, r"^dc of Scale has shape \(3, 3\), expected that of c, \(3,\)$"),
        (forgets_a_key, r"expected to give the gradients \['c', 'w'\], got \['w'\]$"),
        (has_a_key_too_many, r"the gradients \['c', 'w'\], got \['c', 'v', 'w'\]$"),
        (rounds, r"^dw of Scale has type float32, expected that of w, float64$"),
    ],
)
def test_a_wrong_backward_is_told_what_is_wrong(monkeypatch, backward, expected):
    layer = Scale()
    monkeypatch.setattr(layer, "backward", backward.__get__(layer))
    before = {key: (array, array.copy()) for key, array in layer.params.items()}
    assert re.search(expected, fails(layer, normal(1, 3, 3)))
    for key, (array, values) in before.items():
        assert layer.params[key] is array
        np.testing.assert_array_equal(array, values)


def test_a_gradient_buffer_that_adds_up_is_found_and_kept_as_it_was():
    class Buffer(Scale):
        def __init__(self):
            super().__init__()
            self.grads = {key: np.zeros(3) for key in self.params}

        def backward(self, dy):
            self.grads["w"] += (dy * self.x).sum(0)
            self.grads["c"] += dy.sum(0)
            return dy * self.params["w"]

    layer = Buffer()
    assert "dw of Buffer differs in a second backward" in fails(layer, normal(1, 4, 3))
    assert not layer.grads["w"].any()


def test_a_second_backward_may_differ_by_rounding():
    class Jitter(Square):
        calls = 0

        def backward(self, dy):
            self.calls += 1
            return super().backward(dy) * (1 + 1e-14 * self.calls)

    assert check_layer(Jitter(), normal(0, 4, 3)).errors["x"] < 1e-12


def test_a_first_layer_may_leave_dx_out_and_no_other_may():
    class NoInput(Scale):
        needs_dx = False

        def backward(self, dy):
            super().backward(dy)

    x = normal(0, 4, 3)
    assert check_layer(NoInput(), x).errors.keys() == {"w", "c"}
    layer = NoInput()
    layer.needs_dx = True
    assert fails(layer, x) == "NoInput.backward returned None, expected dx"
    nothing = Square()
    nothing.needs_dx, nothing.backward = False, lambda dy: None
    assert fails(nothing, x) == "Square.backward returned None, expected dx"


def test_a_forward_of_something_else_is_refused():
    x = normal(0, 4, 3)
    layer = Square()
    layer.forward = lambda x: (x * x).astype("float32")
    assert re.search(r"float64 numbers, got float32 of shape \(4, 3\)", fails(layer, x))
    layer.forward = lambda x: x[:0]
    assert re.search(r"got float64 of shape \(0, 3\)$", fails(layer, x))
    layer.forward = lambda x: None
    assert re.search(r"got object of shape \(\)$", fails(layer, x))
    layer.forward = lambda x: np.where(x == x[1, 2], np.nan, x)
    assert fails(layer, x) == "Square.forward returned nan at (1, 2)"
    layer.forward = lambda x: np.negative(x, out=x)
    assert "Square.forward changed x: at (" in fails(layer, x)
    draws = np.random.default_rng(0)
    layer.forward = lambda x: x * draws.random(3)
    layer.backward = lambda dy: dy
    assert "Square.forward gives two outputs for one x" in fails(layer, x)
    layer.y = np.empty((4, 3))
    layer.forward = lambda x: np.multiply(x, draws.random(3), out=layer.y)
    assert "Square.forward gives two outputs for one x" in fails(layer, x)
