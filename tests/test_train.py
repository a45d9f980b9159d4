"""Epochs, and that a training goes on to the bit, with a network of two layers."""

import dataclasses

import numpy as np
import pytest

from minialexnet import Dropout, FullyConnected, MomentumSGD, ReLU, Sequential
from minialexnet.data import Dataset
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.layers import Flatten
from minialexnet.model import Model
from minialexnet.schedules import ConstantRate, EpochListRate, PlateauRate
from minialexnet.step import DivergedError
from minialexnet.train import Training

CONFIG = {"batch_size": 3, "learning_rate": 0.01}


def pictures(tests=3, count=8):
    images = np.random.default_rng(0).integers(0, 256, (count, 3, 4, 4), np.uint8)
    labels = np.arange(count) % 3
    return Dataset("noise", images, labels, images[:tests], labels[:tests], (*"abc",))


class Seen(Flatten):
    """Notes whether each forward was one of training."""

    def forward(self, x, train=False):
        vars(self).setdefault("seen", []).append(train)
        return super().forward(x, train)


def begin(schedule=None, dataset=None, rate=0.01, dropout=0.5, **settings):
    """Return a training that has not begun, and its network."""
    layers = [Seen(), FullyConnected(48, 9, seed=1), ReLU(), Dropout(dropout, seed=2)]
    network = Sequential([*layers, FullyConnected(9, 3, seed=3)])
    how = Preprocessing(4, np.full(3, 120, np.float32), (50.0,) * 3, side=4)
    model = Model(network, how, (*"abc",), {"model": "small"})
    return Training(
        model,
        dataset or pictures(),
        lambda parameters: MomentumSGD(parameters, rate, 0.9, 0),
        schedule,
        **{"batch_size": 3} | settings,
    )


def weights(training):
    return {name: w.tobytes() for name, w in training.network.parameters().items()}


def labels_of(training, monkeypatch):
    """Return the labels in the order of two epochs."""
    seen = []
    monkeypatch.setattr(training, "step", lambda x, labels: seen.append(labels) or 0.0)
    for _ in range(2):
        training.run_epoch()
    return np.concatenate(seen).reshape(2, -1).tolist()


# An epoch


def test_each_seed_and_each_epoch_has_an_order_of_its_own(monkeypatch):
    orders = [
        order for seed in (0, 1) for order in labels_of(begin(seed=seed), monkeypatch)
    ]
    assert [sorted(order) for order in orders] == [[0, 0, 0, 1, 1, 1, 2, 2]] * 4
    assert len(set(map(str, orders))) == 4
    assert labels_of(begin(seed=1), monkeypatch) == orders[2:]


def test_the_running_loss_is_the_mean_over_all_pictures():
    training = begin(rate=0.0, dropout=0.0)
    training.run_epoch()
    training.evaluate("train")
    (entry,) = training.history
    assert entry["running_loss"] == pytest.approx(entry["train_loss"], rel=1e-5)
    assert training.begun["batches"] == 0


def test_the_schedule_is_asked_and_told_of_the_test_error_alone():
    told = []

    class Told(ConstantRate):
        def rate(self, done=0.0):
            return 0.5**done

        def update(self, error):
            told.append(error)

    training = begin(Told(1.0))
    training.run_epoch()
    training.evaluate("train")
    assert told == []
    training.evaluate("test")
    assert told == [training.history[0]["test_error"]]
    assert training.history[0]["learning_rate"] == 0.5 ** (6 / 8)
    alone = begin(Told(1.0), pictures(tests=0))
    alone.run_epoch()
    assert told[1:] == [alone.history[0]["running_loss"]]


def test_an_epoch_is_counted_once_and_by_its_test_error():
    training = begin(EpochListRate(0.01, (1, 2)))
    with pytest.raises(RuntimeError, match="called before run_epoch"):
        training.evaluate("test")
    training.run_epoch()
    with pytest.raises(RuntimeError, match=r"expected evaluate.* between two epochs"):
        training.run_epoch()
    for _ in range(2):
        training.evaluate("test")
    training.run_epoch()
    assert training.history[1]["learning_rate"] == 0.001


def test_training_is_in_training_mode_and_checking_in_testing_mode():
    training = begin()
    training.run_epoch()
    training.check_last_step()
    first, second = list(training.network.layers.values())[:2]
    assert first.seen == [True] * 3 + [False]
    assert not first.needs_dx and second.needs_dx


# What diverges


def test_a_loss_that_is_no_number_moves_no_weight():
    training = begin()
    training.network.layers["fc1"].params["W"][...] = np.inf
    before = weights(training)
    with np.errstate(invalid="ignore"), pytest.raises(DivergedError, match="in epoch"):
        training.run_epoch()
    assert weights(training) == before
    assert training.history == []


def test_a_step_too_far_is_found_before_it_is_kept():
    training = begin(rate=1e38, batch_size=8)
    with np.errstate(over="ignore", invalid="ignore"):
        training.run_epoch()
        with pytest.raises(DivergedError, match="after a step at a learning rate of"):
            training.check_last_step()
        with pytest.raises(DivergedError, match="the test loss became"):
            training.evaluate("test")


# Going on


def whole(schedule, epochs=3):
    """Return the weights after some epochs, and what the schedule knows."""
    training = begin(schedule)
    for _ in range(epochs):
        training.run_epoch()
        training.evaluate("test")
    return weights(training), vars(schedule)


def test_it_goes_on_to_the_bit_from_the_middle_of_an_epoch(tmp_path):
    path = tmp_path / "checkpoint.npz"
    expected = whole(PlateauRate(0.01, patience=1))

    def stop(count):
        if len(first.history) == 1 and first.begun["batches"] == 2:
            first.begun["seconds"] = 1000.0
            first.save(path, CONFIG)
            raise KeyboardInterrupt

    first = begin(PlateauRate(0.01, patience=1))
    first.runs.append({"date": "yesterday"})
    first.run_epoch(stop)
    first.evaluate("test")
    with pytest.raises(KeyboardInterrupt):
        first.run_epoch(stop)
    second = begin(PlateauRate(0.01, patience=1))
    second.load(path, CONFIG)
    assert second.runs == [{"date": "yesterday"}]
    assert (len(second.history), second.begun["batches"]) == (1, 2)
    for _ in range(2):
        second.run_epoch()
        second.evaluate("test")
    assert (weights(second), vars(second.schedule)) == expected
    assert 1000 < second.history[1]["seconds"] < 2000


def test_after_an_epochs_last_batch_its_rate_is_known_still(tmp_path):
    path = tmp_path / "checkpoint.npz"
    first, second = (begin(EpochListRate(0.01, (0,))) for _ in range(2))
    first.run_epoch(lambda count: first.save(path, CONFIG))
    second.load(path, CONFIG)
    second.run_epoch()
    assert second.history[0]["learning_rate"] == 0.001


def test_another_run_is_not_gone_on_with(tmp_path):
    path = tmp_path / "checkpoint.npz"
    begin(ConstantRate(0.01)).save(path, CONFIG)
    with pytest.raises(ValueError, match="the run has batch_size 3, asked for was 4"):
        begin(ConstantRate(0.01)).load(path, CONFIG | {"batch_size": 4})
    with pytest.raises(ValueError, match="expected the state of the schedule"):
        begin(EpochListRate(0.01, (1,))).load(path, CONFIG)
    changed = dataclasses.replace(pictures(), train_images=pictures().train_images + 1)
    with pytest.raises(ValueError, match="the pictures that the run was trained on"):
        begin(ConstantRate(0.01), changed).load(path, CONFIG)
