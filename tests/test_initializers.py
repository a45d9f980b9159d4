"""How weights and biases begin."""

import numpy as np
import pytest

from minialexnet import Constant, Normal
from minialexnet.initializers import draw


@pytest.mark.parametrize("sigma", [0.01, 3.0])
def test_normal_has_mean_zero_and_the_sigma(sigma):
    w = Normal(sigma)((100, 1000), np.random.default_rng(0))
    assert w.dtype == np.float32
    assert w.shape == (100, 1000)
    assert abs(w.mean()) < 5 * sigma / w.size**0.5
    assert w.std() == pytest.approx(sigma, rel=0.01)
    within = (abs(w) < sigma).mean()  # of a normal distribution: 68.3 %
    assert within == pytest.approx(0.683, abs=0.01)


def test_normal_defaults_to_the_papers_sigma():
    assert Normal() == Normal(0.01)


def test_constant_fills_and_takes_nothing_from_the_generator():
    rng = np.random.default_rng(0)
    b = Constant(1)((3,), rng)
    assert b.tolist() == [1, 1, 1]
    assert b.dtype == np.float32
    assert rng.random() == np.random.default_rng(0).random()
    assert Constant()((2,), rng).tolist() == [0, 0]


@pytest.mark.parametrize("sigma", [-0.01, float("nan"), float("inf")])
def test_an_impossible_sigma_is_refused(sigma):
    with pytest.raises(ValueError, match="sigma to be finite and >= 0, got"):
        Normal(sigma)


def test_draw_is_set_by_the_seed_and_goes_on_with_a_generator():
    wanted = {"W": (Normal(1), (2, 3)), "b": (Normal(1), (3,))}
    first, again, other = draw(wanted, 1), draw(wanted, 1), draw(wanted, 2)
    assert {name: w.shape for name, w in first.items()} == {"W": (2, 3), "b": (3,)}
    for name in wanted:
        np.testing.assert_array_equal(first[name], again[name])
        assert (first[name] != other[name]).any()
    assert (first["W"][0] != first["b"]).any()
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(draw(wanted, rng)["W"], first["W"])
    assert (draw(wanted, rng)["W"] != first["W"]).any()


def test_an_initializer_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"W to return shape \(2, 3\), got \(3, 2\)"):
        draw({"W": (lambda shape, rng: np.zeros((3, 2)), (2, 3))}, 0)


def test_without_a_seed_nothing_is_drawn_and_no_memory_taken():
    wanted = {"W": (Normal(1), (10**6, 10**6)), "b": (Normal(1), (3,))}
    empty = draw(wanted, None)
    assert empty["W"].shape == (10**6, 10**6)
    assert empty["W"].strides == (0, 0)
    assert empty["b"].dtype == np.float32
    assert empty["b"].tolist() == [0, 0, 0]
    assert not empty["b"].flags.writeable
