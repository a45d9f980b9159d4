"""MomentumSGD against the paper's two lines, and the schedules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import (
    ConstantRate,
    EpochListRate,
    FullyConnected,
    MomentumSGD,
    PlateauRate,
    Sequential,
)
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.parallel.batch import DataParallel
from tests.support.geometries import normal, seeds

rates = st.sampled_from([0.01, 0.3, 1.0])


@given(
    rate=rates,
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    decay=st.sampled_from([0.0, 0.0005, 0.2]),
    seed=seeds,
)
def test_steps_are_the_papers(xp, rate, momentum, decay, seed):
    w, gradients = normal(seed, 5), normal(seed + 1, 4, 5)
    mine = xp.asarray(w.copy())
    sgd = MomentumSGD({"w": mine}, rate, momentum, decay)
    for gradient in gradients:
        sgd.step({"w": xp.asarray(gradient)})
    expected = oracles.momentum_sgd(w, gradients, rate, momentum, decay)
    np.testing.assert_allclose(to_numpy(mine), expected, rtol=1e-12, atol=1e-14)


def test_a_large_parameter_is_many_small_ones():
    # Of so many rows that it is worked off in parts, the last of them smaller.
    w, gradients = normal(0, 331, 401), normal(1, 3, 331, 401)
    whole, rows = w.copy(), w.copy()
    one = MomentumSGD({"w": whole})
    many = MomentumSGD({str(i): row for i, row in enumerate(rows)})
    for gradient in gradients:
        one.step({"w": gradient})
        many.step({str(i): row for i, row in enumerate(gradient)})
    np.testing.assert_array_equal(whole, rows)
    assert (whole != w).all()


def test_the_defaults_are_the_papers():
    w, gradients = normal(0, 3), normal(1, 6, 3)
    expected = oracles.momentum_sgd(w, gradients, 0.01, 0.9, 0.0005)
    sgd = MomentumSGD({"w": w})
    for gradient in gradients:
        sgd.step({"w": gradient})
    np.testing.assert_allclose(w, expected, rtol=1e-14)


@given(rate=rates, seed=seeds)
def test_biases_may_learn_twice_as_fast_and_not_decay(rate, seed):
    w, gradients = normal(seed, 3, 4), normal(seed + 1, 5, 3, 4)
    parameters = dict(zip(["conv1.W", "conv1.b", "fc1.b"], w.copy(), strict=True))
    sgd = MomentumSGD(
        parameters,
        rate,
        weight_decay=0.1,
        rate_factors={"b": 2, "fc1.b": 3},  # the full name counts first
        decay_factors={"b": 0},
    )
    for gradient in gradients:
        sgd.step(dict(zip(parameters, gradient, strict=True)))
    for i, (name, factor, decay) in enumerate(
        [("conv1.W", 1, 0.1), ("conv1.b", 2, 0), ("fc1.b", 3, 0)]
    ):
        expected = oracles.momentum_sgd(
            w[i], gradients[:, i], factor * rate, 0.9, decay
        )
        np.testing.assert_allclose(parameters[name], expected, rtol=1e-11, atol=1e-13)


@given(seed=seeds)
def test_parameters_may_have_momenta_of_their_own(seed):
    w, gradients = normal(seed, 3, 4), normal(seed + 1, 5, 3, 4)
    parameters = dict(zip(["conv1.W", "conv1.b", "fc1.b"], w.copy(), strict=True))
    momenta = {"b": 0.5, "fc1.b": 0.0}  # the full name counts first
    sgd = MomentumSGD(parameters, 0.1, 0.9, 0.2, momenta=momenta)
    for gradient in gradients:
        sgd.step(dict(zip(parameters, gradient, strict=True)))
    for i, (name, momentum) in enumerate(zip(parameters, (0.9, 0.5, 0), strict=True)):
        expected = oracles.momentum_sgd(w[i], gradients[:, i], 0.1, momentum, 0.2)
        np.testing.assert_allclose(parameters[name], expected, rtol=1e-11, atol=1e-13)


def test_the_rate_may_change_between_steps_and_scales_the_decay():
    w = np.array([10.0])
    sgd = MomentumSGD({"w": w}, 1.0, momentum=0, weight_decay=0.1)
    sgd.step({"w": np.zeros(1)})
    assert w[0] == pytest.approx(9)
    sgd.learning_rate = 0.1
    sgd.step({"w": np.zeros(1)})
    assert w[0] == pytest.approx(9 * (1 - 0.01))


def test_float32_stays_and_gradients_are_left_alone(xp):
    w, gradient = xp.ones(3, "float32"), xp.ones(3, "float32")
    sgd = MomentumSGD({"w": w}, rate_factors={"w": 2}, decay_factors={"w": 0.5})
    sgd.step({"w": gradient})
    assert w.dtype == sgd.velocities["w"].dtype == "float32"
    assert gradient.tolist() == [1, 1, 1]
    assert w.tolist() == pytest.approx([1 - 0.02 - 0.00025 * 0.02] * 3, rel=1e-6)


def test_a_step_that_does_not_fit_moves_nothing():
    parameters = {"a": np.ones(2), "b": np.ones(3)}
    sgd = MomentumSGD(parameters)
    for gradients, message in [
        ({"a": np.ones(2)}, "odd ones: b"),
        ({"a": np.ones(2), "b": np.ones(3), "c": np.ones(1)}, "odd ones: c"),
        (
            {"a": np.ones(2), "b": np.ones(2)},
            r"gradient of b in shape \(3,\), got \(2,\)",
        ),
    ]:
        with pytest.raises(ValueError, match=message):
            sgd.step(gradients)
    assert all((w == 1).all() for w in parameters.values())
    assert all((v == 0).all() for v in sgd.velocities.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": -1}, "learning_rate >= 0"),
        ({"learning_rate": float("nan")}, "learning_rate >= 0"),
        ({"learning_rate": float("inf")}, "all finite, got inf"),
        ({"weight_decay": float("inf")}, "all finite, got 0.01, 0.9 and inf"),
        ({"rate_factors": {"W": float("inf")}}, "factor >= 0 for 'W', got inf"),
        ({"decay_factors": {"W": float("nan")}}, "factor >= 0 for 'W', got nan"),
        ({"momentum": 1}, "momentum < 1"),
        ({"momentum": -0.1}, "momentum < 1"),
        ({"weight_decay": -1}, "weight_decay >= 0"),
        ({"rate_factors": {"bias": 2}}, "a parameter's name for a factor, got 'bias'"),
        ({"decay_factors": {"W": -1}}, "factor >= 0 for 'W', got -1"),
        ({"momenta": {"W": 1.0}}, "momenta < 1, got {'W': 1.0}"),
        ({"momenta": {"W": -0.5}}, ">= 0 for 'W', got -0.5"),
        ({"momenta": {"bias": 0.5}}, "a parameter's name .* got 'bias'"),
    ],
)
def test_impossible_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MomentumSGD({"fc1.W": np.ones(1)}, **arguments)


def test_a_parameter_without_an_axis_is_refused():
    with pytest.raises(ValueError, match=r"with an axis, got scalars .'gain'"):
        MomentumSGD({"gain": np.ones(())})


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_rate_that_is_not_finite_moves_nothing(rate):
    w = np.ones(1)
    sgd = MomentumSGD({"fc1.W": w})
    sgd.learning_rate = rate
    with pytest.raises(ValueError, match=f"finite rate, got {rate}"):
        sgd.step({"fc1.W": np.ones(1)})
    assert w == 1
    for schedule in (ConstantRate, lambda rate: EpochListRate(rate, (1,)), PlateauRate):
        with pytest.raises(ValueError, match=f"finite learning_rate .* got {rate}"):
            schedule(rate)
    with pytest.raises(ValueError, match=f"finite factor > 0, got {rate}"):
        PlateauRate(1, factor=rate)


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.astype(np.float64),
        lambda net: net.astype(np.float32),
        lambda net: net.astype(np.float64).astype(np.float32),
        lambda net: Sequential([("whole", net)]).astype(np.float64),
    ],
)
def test_parameters_made_anew_are_not_left_behind(change):
    net = Sequential([FullyConnected(3, 2)])
    sgd = MomentumSGD(net.parameters())
    change(net)
    x = np.ones((1, 3), net.parameters()["fc1.W"].dtype)
    net.backward(net.forward(x))
    with pytest.raises(ValueError, match=r"fc1\.W as it was before astype, to,"):
        sgd.step(net.gradients())
    after = MomentumSGD(net.parameters())
    before = net.parameters()["fc1.W"].copy()
    after.step(net.gradients())
    assert (net.parameters()["fc1.W"] != before).any()


def test_parameters_on_threads_are_the_networks_own():
    net = Sequential([FullyConnected(3, 2)])
    sgd = MomentumSGD(net.parameters(), weight_decay=0)
    before = net.parameters()["fc1.W"].copy()
    with DataParallel(net, threads=2) as parallel:
        x = np.ones((4, 3), np.float32)
        parallel.backward(parallel.forward(x))
        sgd.step(parallel.gradients())
    assert (net.parameters()["fc1.W"] != before).any()


def rates_of(schedule, errors):
    """Return the rate of each epoch, the errors coming after each."""
    rates = []
    for error in errors:
        rates.append(schedule.rate())
        schedule.update(error)
    return rates


def test_a_constant_rate_stays():
    assert rates_of(ConstantRate(0.01), [1, 1, 1, 1]) == [0.01] * 4


def test_an_epoch_list_divides_before_the_epochs_it_names():
    rates = rates_of(EpochListRate(1.0, (2, 3)), [0] * 5)
    assert rates == pytest.approx([1, 1, 0.1, 0.01, 0.01])
    assert rates_of(EpochListRate(1.0, (1,), factor=2), [0] * 2) == [1, 0.5]
    for epochs in ((5, 3), (3, 3)):
        with pytest.raises(ValueError, match="expected numbers of epochs that grow"):
            EpochListRate(1.0, epochs)


def test_a_plateau_divides_three_times_and_no_more():
    rates = rates_of(PlateauRate(1.0, patience=1), [5] * 7)
    assert rates == pytest.approx([1, 1, 0.1, 0.01, 0.001, 0.001, 0.001])
    rates = rates_of(PlateauRate(1.0, patience=2, drops=2), [5] * 8)
    assert rates == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.01])


def test_a_plateau_waits_for_its_patience_and_begins_again_after_a_gain():
    errors = [5, 4, 4, 3, 3, 3.5, 2.9, 2.9, 2.9]
    schedule = PlateauRate(1.0, patience=2)
    rates = rates_of(schedule, errors)
    assert rates == pytest.approx([1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1])
    assert schedule.rate() == pytest.approx(0.01)


def test_a_plateau_can_be_taken_up_where_it_stood():
    straight = PlateauRate(1.0, patience=2)
    expected = rates_of(straight, [3, 3, 3, 2, 2, 2, 2])
    first = PlateauRate(1.0, patience=2)
    rates = rates_of(first, [3, 3])
    second = PlateauRate(**vars(first))
    assert rates + rates_of(second, [3, 2, 2, 2, 2]) == expected


def test_a_rate_may_be_a_scalar_of_numpy():
    ours, theirs = np.ones(3), np.ones(3)
    for w, rate in ((ours, np.float64(0.1)), (theirs, 0.1)):
        sgd = MomentumSGD({"w": w}, rate)
        for _ in range(2):
            sgd.step({"w": np.ones(3)})
    assert ours.tolist() == theirs.tolist()
