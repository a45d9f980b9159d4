"""The gradient check exchanges what a layer holds, and puts it back as it came."""

import copy
import types

import numpy as np
import pytest

from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import normal
from tests.support.small_layers import Network, Scale, Square, fails


def test_parameters_under_a_second_name_are_exchanged_there_too():
    class Alias(Scale):
        def __init__(self):
            super().__init__()
            self.w, self.c = self.params["w"], [self.params["c"]]

        def forward(self, x):
            self.x = x
            return x * self.w + self.c[0]

    assert check_layer(Alias(), normal(0, 4, 3)).errors["w"] < 1e-12


def test_parameters_may_be_a_property():
    class Property(Scale):
        params = property(lambda self: {"w": self.w, "c": self.c}, lambda *_: None)

        def __init__(self):
            self.w, self.c = normal(0, 2, 3)

    assert check_layer(Property(), normal(0, 4, 3)).errors["w"] < 1e-12


def everything(layer):
    """Return the objects that a layer holds, and copies of the numbers in them."""
    held = [vars(layer), layer.params, layer.grads, layer.state]
    objects = [dict(part) for part in held]
    numbers = {**objects[0], "rng": layer.rng.bit_generator.state}
    return objects, copy.deepcopy([numbers, *objects[1:]])


@pytest.mark.parametrize("wrong", [False, True])
def test_the_layer_is_put_back_even_if_it_is_wrong(wrong):
    class Stateful(Scale):
        def __init__(self):
            super().__init__(dtype="float32")
            self.state, self.rng = {"step": 5}, np.random.default_rng(3)
            self.mean, self.calls = np.zeros(3), [0]

        def forward(self, x):
            self.state["step"] += 1
            self.calls[0] += 1
            self.mean += 1
            self.extra = x
            self.mask = self.rng.random(3) * self.state["step"]
            return super().forward(x) * self.mask

        def backward(self, dy):
            dx = super().backward(dy * self.mask)
            if wrong:
                self.grads["w"][1] += 1
            return dx

    layer, x = Stateful(), normal(0, 4, 3).astype("float32")
    layer.backward(layer.forward(x))
    objects, copies = everything(layer)
    x_before = x.copy()
    if wrong:
        assert fails(layer, x).startswith("dw of Stateful is wrong at (1,): expected ")
    else:
        assert check_layer(layer, x).errors["w"] < 1e-12
    objects_after, copies_after = everything(layer)
    for before, after in zip(objects, objects_after, strict=True):
        assert before.keys() == after.keys()
        assert all(before[key] is after[key] for key in before)
    np.testing.assert_equal(copies_after, copies)
    assert layer.params["w"].dtype == "float32"
    np.testing.assert_array_equal(x, x_before)


def test_a_state_may_be_replaced_as_a_whole():
    class Fading(Square):
        def __init__(self):
            self.state = {"step": 1}

        def forward(self, x):
            self.factor = self.state["step"]
            self.state = {"step": self.factor + 1}
            return self.factor * super().forward(x)

        def backward(self, dy):
            return self.factor * super().backward(dy)

    layer = Fading()
    state = layer.state
    assert check_layer(layer, normal(0, 5)).errors["x"] < 1e-12
    assert layer.state is state
    assert state == {"step": 1}


def test_a_module_that_a_layer_uses_is_left_alone():
    module = types.ModuleType("functions")
    module.calls = 0

    def forward(x):
        module.calls += 1
        return x * x

    module.forward = forward
    layer = Square()
    layer.functions = module
    layer.forward = lambda x: (setattr(layer, "x", x), module.forward(x))[1]
    assert check_layer(layer, normal(0, 5)).errors["x"] < 1e-12
    assert module.calls > 5


def test_the_layer_is_put_back_if_forward_raises():
    class Raising(Scale):
        def forward(self, x):
            if self.params["c"][0] != weights[0]:
                raise RuntimeError("moved")
            return super().forward(x)

    layer = Raising()
    weights = layer.params["c"]
    with pytest.raises(RuntimeError, match="moved"):
        check_layer(layer, normal(0, 2, 3), method="central")
    assert layer.params["c"] is weights


def test_layers_that_cannot_be_checked_say_why():
    x = normal(0, 2, 3)
    with pytest.raises(ValueError, match=r"x with elements, got shape \(0, 3\)"):
        check_layer(Square(), x[:0])
    layer = Network(Scale())
    layer.parameters = lambda: {"w": np.ones(3)}
    with pytest.raises(TypeError, match="'w' to be an array that a layer holds"):
        check_layer(layer, x)
    layer.parameters = lambda: list(layer.layers[0].params.values())
    with pytest.raises(TypeError, match=r"Network\.parameters\(\) to be a dict.*list"):
        check_layer(layer, x)
    layer = Scale()
    layer.params["c"] = layer.params["w"]
    with pytest.raises(ValueError, match="an array of its own"):
        check_layer(layer, x)
    layer = Scale()
    layer.params["x"] = layer.params.pop("c")
    with pytest.raises(ValueError, match=r"none called 'x', got \['w', 'x'\]"):
        check_layer(layer, x)
