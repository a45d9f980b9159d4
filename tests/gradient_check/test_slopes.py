"""How the gradient check measures: which method, with which step, and near kinks."""

import re

import numpy as np
import pytest

import minialexnet as mn
from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import distinct, normal
from tests.support.small_layers import Scale, Square, fails, of


def into_float_buffer(x):
    y = np.zeros(x.shape)
    y[...] = x * x
    return y


def steep(x):
    return 3 * x**2 + 1e-7 * np.sign(x)


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
        (lambda x: x**3 + 1e-7 * abs(x), steep, "forward loses"),
        (into_float_buffer, lambda x: 2 * x, "complex numbers end in ComplexWarning"),
        (
            np.cbrt,
            lambda x: np.cbrt(x) ** -2 / 3,
            "complex numbers end in TypeError: u",
        ),
        (nan_for_complex, lambda x: 2 * x, "complex numbers end in nan"),
    ],
)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
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


def test_a_slope_that_is_no_number_is_a_failure():
    text = fails(of(nan_for_complex, lambda x: 2 * x), normal(0, 2), method="complex")
    assert "expected nan by complex step" in text


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


def relu_through_abs(x):
    """Return ReLU in a form that the complex step does not get through."""
    return (x + abs(x)) / 2


def positive(x):
    return (x > 0) * 1.0


def test_a_kink_nearby_does_not_disturb():
    relu = of(lambda x: np.maximum(x, 0), positive)
    x = normal(0, 300)
    for x[7] in (1e-5, -1e-9):  # far nearer than central differences' step
        (check,) = check_layer(relu, x).arrays
        assert check.method == "complex"
        assert check.error < 1e-12
    x[7] = 1e-5 * abs(x).max()
    (check,) = check_layer(of(relu_through_abs, positive), x[:100]).arrays
    assert check.method == "central"
    assert check.error < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_many_kinks_do_not_drive_auto_from_the_complex_step(seed):
    relu = of(lambda x: np.maximum(x, 0), positive)
    x = normal(seed, 300)
    x[::20] *= 1e-6  # fifteen of them within the step
    (check,) = check_layer(relu, x, seed=seed).arrays
    assert check.method == "complex"


def test_the_imaginary_part_is_missed_although_a_kink_is_near():
    x = normal(0, 100)
    x[0] = 1e-6
    text = fails(of(relu_through_abs, positive), x)
    assert text.startswith("dx of Elementwise is wrong at (0,)")
    assert "1 of 100 slopes are off. This may be a kink" in text
    assert "central differences (forward loses the imaginary part)" in text


@pytest.mark.parametrize("method", ["auto", "central"])
@pytest.mark.parametrize("at", [1e-8, 1e-6, 5e-6])
def test_what_is_measured_does_not_depend_on_backward(method, at):
    # At any distance from a kink no answer draws the measured slope towards itself.
    x = np.array([at, 1.0, -1.0])
    seen = set()
    for answer in (-1, -0.5, 0.01, 0.3, 0.7, 0.95, 2):
        wrong = of(abs, lambda x, a=answer: np.where(abs(x) < 0.1, a, np.sign(x)))
        text = fails(wrong, x, method=method)
        assert text.startswith("dx of Elementwise is wrong at (0,): expected ")
        seen.add(text.split("expected ")[1].split(", got")[0])
    assert len(seen) == 1


def test_the_step_of_central_differences_balances_its_two_errors():
    # About eps^(2/3) = 4e-11; a step ten times longer or shorter shows.
    for f, slope in ((np.exp, np.exp), (np.sin, np.cos), (np.tanh, sech2)):
        errors = [
            check_layer(of(f, slope), normal(seed, 50), method="central").errors["x"]
            for seed in range(5)
        ]
        assert max(errors) < 2e-9


def sech2(x):
    return 1 - np.tanh(x) ** 2


# On a kink


@pytest.mark.parametrize("method", ["auto", "complex", "central"])
@pytest.mark.parametrize(
    ("layer", "index"), [(mn.ReLU(), (0, 1)), (mn.MaxPooling2D(2, 2), (0, 0, 0, 1))]
)
def test_a_failure_on_a_kink_says_that_it_may_be_one(layer, index, method):
    x = np.array([[1.0, 0.0, -2.0, 3.0]])
    if isinstance(layer, mn.MaxPooling2D):
        x = np.array([[[[2.0, 2.0], [0.0, 1.0]]]])
    text = fails(layer, x, method=method)
    assert "This may be a kink and no mistake: the slope is " in text
    assert "ReLU has a kink at 0" in text
    left, right = map(
        float, re.search(r"is (\S+) to the left and (\S+) to the right", text).groups()
    )
    assert sorted(abs(np.array([left, right])) > 1e-3) == [False, True]
    x[index] = 0.5
    assert "kink" not in str(check_layer(layer, x, method=method))


def test_no_kink_is_blamed_for_a_wrong_backward():
    # Wrong on the kink itself, which no slope of it is, and where y only bends.
    below = of(lambda x: np.maximum(x, 0), lambda x: (x > 0) - 0.5 * (x == 0))
    assert "kink" not in fails(below, np.array([1.0, 0.0, -2.0]), method="central")
    for x in (np.zeros(3), np.ones(3)):
        assert "kink" not in fails(of(np.square, lambda x: 2 * x + 0.01), x)


# The method asked for


def test_the_method_asked_for_is_the_one_used():
    x = distinct(0, 4, 3)
    assert "by complex step, got" in fails(of(abs, np.sign), x, method="complex")
    nan = fails(of(nan_for_complex, lambda x: 2 * x), x, method="complex")
    assert "expected nan by complex step, got" in nan
    with pytest.raises(TypeError, match="ufunc 'cbrt' not supported"):
        check_layer(of(np.cbrt, np.cbrt), x, method="complex")
    with pytest.raises(ValueError, match="got 'magic'"):
        check_layer(Square(), x, method="magic")
