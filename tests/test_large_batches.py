"""Linear scaling with warm-up, and LARS, against numbers worked by hand."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from minialexnet import LARS, MomentumSGD, WarmUpRate
from minialexnet.engine.transfer import to_numpy
from minialexnet.run import new_training
from minialexnet.runs.config import Config
from minialexnet.runs.rates import new_schedule
from tests.support.train_on_noise import few

LARGE = Config(
    batch_size=512,
    learning_rate=0.01,
    reference_batch=128,
    warm_up=2,
    schedule="3",
    color="none",
    threads=1,
)


def test_the_rate_grows_step_by_step_and_is_divided_later():
    # From 0.01 to 0.04 in two epochs of four steps: 0.03 / 8 a step.
    schedule, rates = new_schedule(LARGE, tests=1), []
    for _ in range(4):
        rates += [schedule.rate(step / 4) for step in range(4)]
        schedule.update(1.0)
    expected = [0.01, 0.01375, 0.0175, 0.02125, 0.025, 0.02875, 0.0325, 0.03625]
    assert rates == pytest.approx(expected + [0.04] * 4 + [0.004] * 4, rel=1e-12)


def test_a_training_takes_the_rate_of_each_step_and_goes_on_with_it(tmp_path):
    config = replace(LARGE, batch_size=8, reference_batch=2, learning_rate=0.0001)
    dataset = few("noise")
    whole, first, second = (new_training(config, dataset, None, 0) for _ in range(3))
    seen = []
    whole.run_epoch(lambda _: seen.append(whole.optimizer.learning_rate))
    # 60 pictures are 7.5 steps an epoch; the last is a small one.
    rates = [0.0001 * (1 + 3 * step / 15) for step in range(8)]
    assert seen == pytest.approx(rates, rel=1e-12)
    assert whole.history[0]["learning_rate"] == seen[-1]
    whole.evaluate("test")
    whole.run_epoch()

    first.run_epoch()
    first.evaluate("test")
    first.save(tmp_path / "a.npz", {})
    second.load(tmp_path / "a.npz")
    second.run_epoch()
    for name, w in whole.network.parameters().items():
        assert (w == second.network.parameters()[name]).all()


def test_without_a_warm_up_the_rate_is_scaled_from_the_beginning():
    for schedule in ("constant", "3", "plateau"):
        config = replace(LARGE, warm_up=0, schedule=schedule)
        assert new_schedule(config, tests=1).rate() == pytest.approx(0.04, rel=1e-12)


@pytest.mark.parametrize(
    "odd",
    [{"reference_batch": None}, {"reference_batch": 513}, {"schedule": "plateau"}],
)
def test_a_warm_up_to_nowhere_is_refused(odd):
    with pytest.raises(ValueError, match="expected --warm-up with a --reference-batch"):
        new_schedule(replace(LARGE, **odd), tests=1)
    for first, warm_up in ((2.0, 5), (-1.0, 5), (0.1, 0)):
        with pytest.raises(ValueError, match="expected 0 <= first <= learning_rate"):
            WarmUpRate(1.0, (), first=first, warm_up=warm_up)


def test_a_run_from_before_these_options_goes_on(tmp_path):
    config = replace(LARGE, batch_size=8, reference_batch=None, warm_up=0)
    training, now = new_training(config, few("noise")), asdict(config)
    new = ("reference_batch", "warm_up", "optimizer")
    training.save(tmp_path / "a.npz", {k: v for k, v in now.items() if k not in new})
    training.load(tmp_path / "a.npz", now)
    with pytest.raises(ValueError, match="has optimizer sgd, asked for was lars"):
        training.load(tmp_path / "a.npz", now | {"optimizer": "lars"})


def test_the_optimiser_is_chosen_by_name():
    config, dataset = replace(LARGE, batch_size=8, reference_batch=8), few("noise")
    assert type(new_training(config, dataset).optimizer) is MomentumSGD
    lars = replace(config, optimizer="lars")
    assert type(new_training(lars, dataset).optimizer) is LARS
    two = replace(lars, model="alexnet", width=1 / 16, device="cpu:0,cpu:1")
    with pytest.raises(ValueError, match="expected one --device for --optimizer lars"):
        new_training(two, dataset)


def test_two_steps_worked_by_hand(xp):
    w = xp.asarray([3.0, 4.0])
    lars = LARS({"fc1.W": w}, 2.0, momentum=0.5, weight_decay=0.1, trust=0.01)
    # |w| = 5, |dw| = 1.5: the rate is 2 * 0.01 * 5 / (1.5 + 0.1 * 5) = 0.05, and
    # v = -0.05 * (0.1 * (3, 4) + (1.5, 0)).
    lars.step({"fc1.W": xp.asarray([1.5, 0.0])})
    np.testing.assert_allclose(to_numpy(w), [2.91, 3.98], rtol=1e-14)
    # |w| = sqrt(2.91^2 + 3.98^2) = 4.930365, |dw| = 0.5: the rate is
    # 0.02 * 4.930365 / (0.5 + 0.4930365) = 0.0992988, and v = 0.5 * (-0.09, -0.02)
    # - 0.0992988 * (0.1 * (2.91, 3.98) + (0.3, 0.4)).
    lars.step({"fc1.W": xp.asarray([0.3, 0.4])})
    np.testing.assert_allclose(
        to_numpy(w), [2.91 - 0.1036856, 3.98 - 0.0892404], atol=1e-7
    )


def test_each_parameter_has_its_own_length_factor_and_decay():
    parameters = {"a.W": np.array([6.0, 8.0]), "a.b": np.array([3.0, 0.0])}
    lars = LARS(
        parameters,
        weight_decay=1.0,
        learning_rate=1.0,
        rate_factors={"b": 2},
        decay_factors={"b": 0},
    )
    gradients = {"a.W": np.array([0.0, 10.0]), "a.b": np.array([0.0, 1.0])}
    rates = [lars.rate_of(name, dw) for name, dw in gradients.items()]
    assert rates == pytest.approx([0.001 * 10 / 20, 0.001 * 2 * 3 / 1], rel=1e-14)


@pytest.mark.parametrize("zero", ["w", "dw"])
def test_where_a_length_is_0_the_quotient_counts_as_1(zero):
    b, db = np.array([[3.0, 4.0], [0.0, 2.0]])
    (b if zero == "w" else db)[...] = 0
    before = b.copy()
    lars = LARS({"a.b": b}, 2.0, weight_decay=0.0)
    lars.step({"a.b": db})
    np.testing.assert_allclose(b, before - 0.002 * db, rtol=1e-14)


def test_a_step_does_not_depend_on_the_size_of_the_gradient():
    w, dw = np.random.default_rng(0).normal(size=(2, 7))
    moved = []
    for factor in (1.0, 1000.0):
        mine = w.copy()
        LARS({"w": mine}, 1.0, weight_decay=0.0).step({"w": factor * dw})
        moved.append(mine - w)
    np.testing.assert_allclose(*moved, rtol=1e-9)
    assert np.linalg.norm(moved[0]) == pytest.approx(0.001 * np.linalg.norm(w))


def test_a_trust_that_is_none_is_refused():
    for trust in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="expected a finite trust > 0, got"):
            LARS({"w": np.ones(1)}, trust=trust)
