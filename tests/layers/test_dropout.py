"""Dropout's masks, number by number, and its two forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import Dropout
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_layer
from tests.support import strict_cupy
from tests.support.geometries import normal, seeds

probabilities = st.sampled_from([0.0, 0.1, 0.5, 0.75])


def mask(layer, xp, *shape):
    """Return the mask that the layer's next step of training takes."""
    return to_numpy(layer.forward(xp.ones(shape), train=True))


@given(
    p=probabilities,
    seed=st.integers(0, 2**64 - 1),
    step=st.integers(0, 2**32 - 1),
    start=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 9)),
)
def test_the_mask_is_philox_word_by_word(xp, p, seed, step, start, shape):
    layer = Dropout(p, seed=seed, first_sample=start[0], first_unit=start[1])
    layer.state["step"] = step
    samples, units = (range(s, s + n) for s, n in zip(start, shape, strict=True))
    expected = oracles.dropout_mask(samples, units, p, seed, step)
    np.testing.assert_array_equal(mask(layer, xp, *shape), expected)


def test_a_word_equal_to_the_probability_keeps_its_unit():
    word = oracles.philox4x32_10((0, 0, 0, 0), (0, 0))[0]
    assert mask(Dropout(word / 2**32), np, 1, 1) == 1
    assert mask(Dropout((word + 1) / 2**32), np, 1, 1) == 0


@given(seed=seeds, cuts=st.tuples(st.integers(1, 5), st.integers(1, 29)))
def test_any_split_over_devices_gives_the_same_mask(xp, seed, cuts):
    whole = mask(Dropout(0.5, seed=seed), xp, 6, 30)
    parts = []
    for sample, samples in ((0, cuts[0]), (cuts[0], 6 - cuts[0])):
        row = []
        for unit, units in ((0, cuts[1]), (cuts[1], 30 - cuts[1])):
            layer = Dropout(0.5, seed=seed, first_sample=sample, first_unit=unit)
            row.append(mask(layer, xp, samples, units))
        parts.append(row)
    np.testing.assert_array_equal(np.block(parts), whole)


def test_the_halves_on_two_devices_are_the_whole():
    x, halves = np.ones((3, 10)), []
    for number in range(2):
        with strict_cupy.cuda.Device(number):
            layer = Dropout(0.5, seed=7, first_unit=5 * number)
            part = strict_cupy.asarray(x[:, 5 * number : 5 * number + 5])
            halves.append(layer.forward(part, train=True))
    assert [half.device.id for half in halves] == [0, 1]
    np.testing.assert_array_equal(
        np.concatenate([half.get() for half in halves], axis=1),
        Dropout(0.5, seed=7).forward(x, train=True),
    )


def test_the_units_of_a_picture_are_counted_in_reading_order(xp):
    flat = mask(Dropout(0.5, seed=4), xp, 2, 24)
    np.testing.assert_array_equal(
        mask(Dropout(0.5, seed=4), xp, 2, 2, 3, 4), flat.reshape(2, 2, 3, 4)
    )


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_mean_is_near_keep(p):
    m = mask(Dropout(p, seed=1), np, 100, 1000)
    deviation = (p * (1 - p) / m.size) ** 0.5
    assert abs(m.mean() - (1 - p)) < 5 * deviation
    assert set(np.unique(m)) == {0, 1}


def test_masks_differ_between_steps_seeds_samples_and_units():
    layer = Dropout(0.5, seed=1)
    first, second = mask(layer, np, 64, 64), mask(layer, np, 64, 64)
    other = mask(Dropout(0.5, seed=2), np, 64, 64)
    for a, b in [(first, second), (first, other), (first, first.T)]:
        assert 0.4 < (a == b).mean() < 0.6
    assert 0.4 < (first[1:] == first[:-1]).mean() < 0.6
    assert 0.4 < (first[:, 1:] == first[:, :-1]).mean() < 0.6


def test_the_same_seed_and_step_give_the_same_mask_again():
    layer = Dropout(0.5, seed=3)
    steps = [mask(layer, np, 2, 8) for _ in range(3)]
    assert layer.state == {"step": 3}
    resumed = Dropout(0.5, seed=3)
    resumed.state["step"] = 2
    np.testing.assert_array_equal(mask(resumed, np, 2, 8), steps[2])


@given(p=probabilities, seed=seeds)
def test_the_papers_form_scales_at_test_and_the_inverted_in_training(xp, p, seed):
    x, dy = normal(seed, 3, 20), normal(seed + 1, 3, 20)
    m = oracles.dropout_mask(range(3), range(20), p, seed, 0)
    keep = 1 - p
    for inverted, training, testing in [(False, m, keep), (True, m / keep, 1)]:
        layer = Dropout(p, inverted, seed=seed)
        for train, factor in [(False, testing), (True, training)]:
            y = layer.forward(xp.asarray(x), train)
            dx = layer.backward(xp.asarray(dy))
            np.testing.assert_allclose(to_numpy(y), x * factor, rtol=1e-15)
            np.testing.assert_allclose(to_numpy(dx), dy * factor, rtol=1e-15)


def test_the_default_halves_the_outputs_at_test():
    assert Dropout().forward(np.ones((1, 3))).tolist() == [[0.5, 0.5, 0.5]]


def test_testing_moves_no_step():
    layer = Dropout()
    layer.forward(np.ones((1, 3)))
    assert layer.state == {"step": 0}


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("train", [False, True])
def test_gradient_by_the_complex_step(inverted, train):
    layer = Dropout(0.4, inverted, seed=5)
    assert check_layer(layer, normal(0, 2, 11), train=train).errors["x"] < 1e-12


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan")])
def test_an_impossible_probability_is_refused(p):
    with pytest.raises(ValueError, match=r"0 <= drop_probability < 1, got"):
        Dropout(p)


def test_an_infinite_number_times_a_mask_of_zero_is_none_both_ways(xp):
    # Forward is a product, as in the paper and in PyTorch; backward is the same one.
    layer, big = Dropout(0.5), xp.full((1, 64), float("inf"))
    mask = to_numpy(Dropout(0.5).forward(xp.ones((1, 64)), train=True))
    expected = np.where(mask > 0, np.inf, np.nan)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(
            to_numpy(layer.forward(big, train=True)), expected
        )
        np.testing.assert_array_equal(to_numpy(layer.backward(big)), expected)
