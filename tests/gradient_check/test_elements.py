"""The gradient check finds one wrong element, also among thousands, and names it."""

import re

import numpy as np
import pytest

from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import normal
from tests.support.small_layers import Network, Scale, Square, fails, missing_scale


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
