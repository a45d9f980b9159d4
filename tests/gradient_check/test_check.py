"""The gradient check passes right layers and names what is wrong with wrong ones."""

import copy
import dataclasses
import re
import types

import numpy as np
import pytest
from hypothesis import given

import minialexnet as mn
from minialexnet.gradient_check import (
    ArrayCheck,
    GradientError,
    Report,
    check_function,
    check_layer,
)
from tests.support.geometries import distinct, normal, on, seeds


class Scale:
    """y = w x + c over the last axis, as a reader would write it: no base class."""

    def __init__(self, features=3, dtype="float64"):
        rng = np.random.default_rng(7)
        w, c = rng.standard_normal((2, features)).astype(dtype)
        self.params, self.grads = {"w": w, "c": c}, {}

    def forward(self, x):
        self.x = x
        return x * self.params["w"] + self.params["c"]

    def backward(self, dy):
        self.grads = {"w": (dy * self.x).sum(0), "c": dy.sum(0)}
        return dy * self.params["w"]


class Square:
    """y = x^2, without parameters."""

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dy):
        return 2 * self.x * dy


class Network:
    """Layers in a row, no kin of Sequential."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def _collect(self, what):
        return {
            f"part{i}.{key}": array
            for i, layer in enumerate(self.layers)
            for key, array in getattr(layer, what, {}).items()
        }

    def parameters(self):
        return self._collect("params")

    def gradients(self):
        return self._collect("grads")


def fails(layer, x, *inputs, **options):
    """Return the message of the check that must fail."""
    with pytest.raises(GradientError) as caught:
        check_layer(layer, x, *inputs, **options)
    return str(caught.value)


# Right layers


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
    assert max(report.errors.values()) < 1e-8
    assert {check.method for check in report.arrays} == {"central"}
    assert check_layer(Square(), normal(seed, 5), method="central").errors["x"] < 1e-8


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


def test_train_reaches_forward():
    class Trained(Square):
        def forward(self, x, train):
            self.x = x if train else 0 * x
            return x * x

    assert check_layer(Trained(), normal(0, 4), train=True).errors["x"] < 1e-12
    assert "dx of Trained" in fails(Trained(), normal(0, 4))
    with pytest.raises(TypeError, match="train"):
        check_layer(Square(), normal(0, 4), train=True)


# The layer comes back as it came


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


# Wrong slopes: the array, the worst index and both values


@pytest.mark.parametrize("method", ["complex", "central"])
@pytest.mark.parametrize("place", [(0, 0), (3, 2), (1, 1)])
def test_one_wrong_element_is_named_with_both_values(method, place):
    class OneWrong(Square):
        def backward(self, dy):
            dx = super().backward(dy)
            self.right, self.wrong = dx[place], dx[place] + 0.5
            dx[place] += 0.5
            seen.append((self.right, self.wrong))
            return dx

    seen = []
    text = fails(OneWrong(), normal(2, 4, 3), method=method)
    method_words = {"complex": "complex step", "central": "central differences"}[method]
    right, wrong = seen[0]
    found = re.match(
        rf"dx of OneWrong is wrong at {re.escape(str(place))}: expected (\S+) by "
        rf"{method_words}, got (\S+); relative error (\S+), tolerance (\S+); "
        "1 of 12 slopes are off$",
        text,
    )
    assert found, text
    assert float(found[1]) == pytest.approx(right, rel=1e-7)
    assert float(found[2]) == wrong
    expected_error = 0.5 / max(abs(right), abs(wrong))
    assert float(found[3]) == pytest.approx(expected_error, rel=0.1)
    assert float(found[4]) == {"complex": 1e-10, "central": 1e-6}[method]


def missing_scale(self, dy):
    self.grads = {"w": (dy * self.x).sum(0), "c": dy.sum(0)}
    return dy


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


def test_every_wrong_array_of_a_network_is_named():
    network = Network(Scale(), Square(), Scale())
    network.layers[2].backward = missing_scale.__get__(network.layers[2])
    lines = fails(network, normal(1, 4, 3)).split("\n")
    assert [line.split(" is wrong")[0] for line in lines] == [
        "dx of Network",
        "part0.dw of Network",
        "part0.dc of Network",
    ]


@pytest.mark.parametrize("method", ["complex", "central"])
@pytest.mark.parametrize("place", [0, 4321, 9999])
def test_one_wrong_element_in_ten_thousand_is_found(method, place):
    class Large(Square):
        def backward(self, dy):
            dx = super().backward(dy)
            dx.flat[place] = 0
            return dx

    text = fails(Large(), normal(0, 100, 100), method=method)
    index = tuple(map(int, np.unravel_index(place, (100, 100))))
    assert f"dx of Large is wrong at {index}: " in text
    assert ", got 0; relative error" in text
    (check,) = check_layer(Square(), normal(0, 100, 100), method=method).arrays
    assert (check.elements, check.directions, check.size) == (64, 3, 10_000)


def test_two_swapped_elements_of_a_large_array_do_not_cancel():
    class Swapped(Square):
        def backward(self, dy):
            dx = super().backward(dy)
            dx[[300, 301]] = dx[[301, 300]]
            return dx

    for seed in range(40):
        text = fails(Swapped(), normal(0, 500), seed=seed)
        assert re.match(r"dx of Swapped is wrong at \(30[01],\)", text)


def test_a_gradient_a_hair_off_is_seen_by_the_complex_step_only():
    class Hair(Square):
        def backward(self, dy):
            return super().backward(dy) * (1 + 1e-9)

    x = normal(0, 3, 4)
    assert "dx of Hair is wrong" in fails(Hair(), x)
    assert check_layer(Hair(), x, tolerance=1e-8).errors["x"] == pytest.approx(1e-9)
    assert check_layer(Hair(), x, method="central").errors["x"] < 1e-6
    assert "dx of Hair is wrong" in fails(Hair(), x, method="central", tolerance=2e-10)


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


def test_parameters_that_forward_does_not_read_are_pointed_out():
    class Deaf(Scale):
        def forward(self, x):
            self.x = x
            return x * float(WEIGHT) + self.params["c"]

    WEIGHT = 2.0
    layer = Deaf()
    layer.params["w"] = np.full(3, WEIGHT)
    hint = "does forward read 'w' from where the parameters are kept?"
    assert hint in fails(layer, normal(0, 4, 3))
    assert "does forward read" not in fails(
        of(np.ones_like, np.ones_like), normal(0, 4)
    )


# Which method


def of(f, slope):
    """Return a layer of the function f with the derivative slope."""

    class Elementwise:
        def forward(self, x):
            self.x = x
            return f(x)

        def backward(self, dy):
            return dy * slope(self.x)

    return Elementwise()


def into_float_buffer(x):
    y = np.zeros(x.shape)
    y[...] = x * x
    return y


def nan_for_complex(x):
    return x * x * (np.nan if np.iscomplexobj(x) else 1)


@pytest.mark.parametrize(
    ("f", "slope", "note"),
    [
        (abs, np.sign, "forward loses the imaginary part"),
        (lambda x: abs(x) ** 3, lambda x: 3 * x * abs(x), "forward loses"),
        (lambda x: x.real**2, lambda x: 2 * x, "forward loses"),
        # Lost in a part of y that is far smaller than central differences' tolerance.
        (lambda x: x + 1e-8 * abs(x) ** 2, lambda x: 1 + 2e-8 * x, "forward loses"),
        (lambda x: x + 1e-4 * abs(x) ** 2, lambda x: 1 + 2e-4 * x, "forward loses"),
        (into_float_buffer, lambda x: 2 * x, "complex numbers end in ComplexWarning"),
        (
            np.cbrt,
            lambda x: np.cbrt(x) ** -2 / 3,
            "complex numbers end in TypeError: u",
        ),
        (nan_for_complex, lambda x: 2 * x, "complex numbers end in nan"),
    ],
)
def test_auto_leaves_the_complex_step_where_it_does_not_get_through(f, slope, note):
    report = check_layer(of(f, slope), distinct(0, 4, 3))
    (check,) = report.arrays
    assert check.method == "central"
    assert check.note.startswith(note)
    assert f"central differences ({note}" in str(report)
    assert check.error < 1e-6


@pytest.mark.parametrize("part", [1, 1e-4])
def test_a_wrong_zero_is_not_trusted(part):
    # Where the complex step and backward miss the same thing, they agree, wrongly.
    layer = of(lambda x: x + part * abs(x) ** 2, np.ones_like)
    assert "wrong at" in (text := fails(layer, distinct(0, 4, 3)))
    assert "central differences (forward loses the imaginary part)" in text


def test_the_last_bit_does_not_decide_for_central_differences():
    # At x = 0 the differences of y = x are as exact as the complex step.
    for seed in range(50):
        (check,) = check_layer(
            of(np.positive, np.ones_like), np.zeros(3), seed=seed
        ).arrays
        assert check.method == "complex"


def test_each_array_has_its_own_method():
    class Half(Scale):
        def forward(self, x):
            self.x = x
            return x * self.params["w"].real + self.params["c"]

    methods = {c.name: c.method for c in check_layer(Half(), normal(0, 4, 3)).arrays}
    assert methods == {"x": "complex", "w": "central", "c": "complex"}


def test_a_kink_nearby_does_not_disturb():
    relu = of(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0)
    x = normal(0, 300)
    x[7] = 1e-5  # nearer than the first of central differences' two steps
    (check,) = check_layer(relu, x).arrays
    assert check.method == "complex"
    assert check.error < 1e-12
    through_abs = of(lambda x: (x + abs(x)) / 2, lambda x: (x > 0) * 1.0)
    (check,) = check_layer(through_abs, x[:100]).arrays
    assert check.method == "central"
    assert check.error < 1e-6


def test_the_method_asked_for_is_the_one_used():
    x = distinct(0, 4, 3)
    assert "by complex step, got" in fails(of(abs, np.sign), x, method="complex")
    nan = fails(of(nan_for_complex, lambda x: 2 * x), x, method="complex")
    assert "expected nan by complex step, got" in nan
    with pytest.raises(TypeError, match="ufunc 'cbrt' not supported"):
        check_layer(of(np.cbrt, np.cbrt), x, method="complex")
    with pytest.raises(ValueError, match="got 'magic'"):
        check_layer(Square(), x, method="magic")


def test_every_array_module(xp):
    x = xp.asarray(normal(0, 4, 3))
    layer = on(xp, Scale())
    report = check_layer(layer, x)
    way = ("complex", "") if xp is np else ("central", f"{xp.__name__} arrays")
    assert {(check.method, check.note) for check in report.arrays} == {way}
    assert max(report.errors.values()) < 1e-8
    layer.backward = missing_scale.__get__(layer)
    assert re.search(r"dx of Scale is wrong at \(\d, \d\)", fails(layer, x))
    if xp is not np:
        with pytest.raises(ValueError, match=f"NumPy arrays, got {xp.__name__} arrays"):
            check_layer(layer, x, method="complex")


# What is no number to differentiate by


@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_only_real_floats_are_taken(dtype):
    with pytest.raises(TypeError, match=f"expected x of real .* got {dtype}"):
        check_layer(Square(), np.ones((2, 3), dtype))
    layer = Scale()
    layer.params["w"] = np.ones(3, dtype)
    with pytest.raises(TypeError, match=f"expected w of real .* got {dtype}"):
        check_layer(layer, normal(0, 2, 3))


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


# Functions


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


# The report


def test_the_report_reads_well():
    check = ArrayCheck(
        "conv1.W", "complex", 2e-16, 1e-10, (1,), 1.0, 1.0, 64, 900, 3, 0
    )
    central = dataclasses.replace(
        check, name="x", method="central", size=64, directions=0, note="cupy arrays"
    )
    report = Report("Sequential", (central, check))
    assert str(report).split("\n") == [
        "Sequential: every gradient agrees",
        "  dx  largest relative error 2.0e-16 (tolerance 1e-10), "
        "central differences (cupy arrays), all 64 elements",
        "  conv1.dW  largest relative error 2.0e-16 (tolerance 1e-10), "
        "complex step, 64 of 900 elements and 3 random directions",
    ]
    assert report.errors == {"x": 2e-16, "conv1.W": 2e-16}
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.subject = "another"


def test_the_same_seed_measures_the_same():
    layer, x = Scale(), normal(0, 90, 3)
    assert check_layer(layer, x, seed=4) == check_layer(layer, x, seed=4)
    assert check_layer(layer, x, seed=4) != check_layer(layer, x, seed=5)


# The real layers


def real_layers():
    """Yield (layer, input, train) for every layer, and for networks of them."""
    big = mn.Normal(0.5)
    conv = {"kernel_size": 3, "weight": big, "bias": big}
    image, odd = distinct(1, 2, 4, 7, 5), distinct(2, 1, 4, 6, 9)
    yield mn.Convolution2D(4, 6, stride=2, padding=1, groups=2, **conv), image, False
    yield mn.Convolution2D(4, 3, ceil_mode=True, **conv), odd, False
    for layer in (mn.ReLU(), mn.Tanh(), mn.Sigmoid(), mn.Flatten()):
        yield layer, image, False
    for across in ("channels", "space"):
        for n in (4, 5):
            lrn = mn.LocalResponseNormalization(n=n, alpha=0.3, across=across)
            yield lrn, normal(3, 2, 3, 4, 5), False
    for pooling in (mn.MaxPooling2D, mn.AveragePooling2D):
        yield pooling(3, 2), image, False
        yield pooling(3, 2, padding=1, ceil_mode=True), odd, True
    for train in (False, True):
        yield mn.Dropout(0.3, seed=4), normal(4, 3, 20), train
        yield mn.Dropout(0.3, inverted=True, seed=4), normal(4, 3, 20), train
    yield mn.FullyConnected(5, 3, weight=big, bias=big), normal(5, 4, 5), False
    inner = mn.Sequential([mn.Convolution2D(4, 4, padding=1, **conv), mn.ReLU()])
    network = mn.Sequential(
        [
            inner,
            ("lrn", mn.LocalResponseNormalization(alpha=0.2)),
            mn.MaxPooling2D(3, 2),
            mn.Flatten(),
            mn.Dropout(0.4, seed=2),
            mn.FullyConnected(24, 3, weight=big),
        ]
    )
    yield network, normal(6, 2, 4, 7, 5), True


REAL = list(real_layers())
each_real = pytest.mark.parametrize(
    ("layer", "x", "train"), REAL, ids=[type(layer).__name__ for layer, *_ in REAL]
)


@each_real
def test_every_layer_is_right(layer, x, train):
    before = {
        key: (array, array.copy())
        for key, array in (
            layer.parameters() if hasattr(layer, "parameters") else layer.params
        ).items()
    }
    report = check_layer(layer, x, train=train)
    assert report.errors.keys() == {"x", *before}
    assert {check.method for check in report.arrays} == {"complex"}
    assert max(report.errors.values()) < 1e-12
    after = layer.parameters() if hasattr(layer, "parameters") else layer.params
    for key, (array, values) in before.items():
        assert after[key] is array
        np.testing.assert_array_equal(array, values, strict=True)
    assert layer.state.get("step", 0) == 0


@each_real
def test_every_layer_is_right_by_central_differences(layer, x, train):
    report = check_layer(layer, x, train=train, method="central")
    assert max(report.errors.values()) < 1e-6


def test_the_loss_is_right():
    loss, labels = mn.SoftmaxCrossEntropy(), np.array([2, 0, 1, 2])
    for method, bound in (("auto", 1e-12), ("central", 1e-6)):
        report = check_layer(loss, 3 * normal(7, 4, 3), labels, method=method)
        assert report.errors["x"] < bound
