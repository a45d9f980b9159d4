"""A run put together from its config."""

from dataclasses import replace

import numpy as np
import pytest

from minialexnet import data, model
from minialexnet.cuda_convnet import network_files
from minialexnet.data import Dataset
from minialexnet.run import load_pictures, new_augmentation, new_training
from minialexnet.runs.config import Config
from minialexnet.runs.defaults import new_config
from minialexnet.runs.rates import new_optimizer, new_schedule
from minialexnet.schedules import ConstantRate, EpochListRate, PlateauRate

SMALL = Config(model="alexnet", profile="2012", width=1 / 32, batch_size=20, threads=1)


def pictures(side=64, count=40):
    images = np.random.default_rng(0).integers(0, 256, (count, 3, side, side), np.uint8)
    labels = np.arange(count) % 10
    names = tuple("abcdefghij")
    return Dataset("noise", images, labels, images[:20], labels[:20], names)


def trained(config, dataset=None):
    """Return the weights after an epoch."""
    training = new_training(config, dataset or pictures(), workers=0)
    training.run_epoch()
    training.close()
    return training.network.parameters()


def test_an_arm_is_the_config_changed_in_a_field():
    base = trained(SMALL)
    arms = {
        "exchange": replace(SMALL, change={"exchange": False}),
        "pooling": replace(SMALL, pooling=2),
        "activation": replace(SMALL, activation="tanh"),
        "dropout": replace(SMALL, change={"dropout": 0.0}),
        "biases": replace(SMALL, change={"ones": 0.1}),
        "weights": replace(SMALL, change={"conv_sigma": [0.01] * 5}),
        "lrn": replace(SMALL, change={"after": [["pool", "relu"], *[["relu"]] * 4]}),
        "removed": replace(SMALL, change={"removed": ["conv4"]}),
        "towers": replace(SMALL, towers=1),
        "one tower": replace(SMALL, change={"two_towers": False}),
        "crops": replace(SMALL, crops=False),
        "mirrors": replace(SMALL, mirrors=False),
        "color": replace(SMALL, color="none"),
        "other color": replace(SMALL, color="2012"),
        "decay": replace(SMALL, weight_decay=0.1),
        "rate": replace(SMALL, learning_rate=0.1),
        "one rate": replace(SMALL, rate={"conv1": 0.1}),
        "seed": replace(SMALL, seed=1),
        "batch": replace(SMALL, batch_size=10),
    }
    ends = {"base": base["conv1.W"].tobytes()}
    for name, config in arms.items():
        ends[name] = trained(config)["conv1.W"].tobytes()
    assert len(set(ends.values())) == len(arms) + 1


def test_a_config_and_its_seed_say_all():
    first, second = trained(SMALL), trained(replace(SMALL))
    assert all(np.array_equal(w, second[name]) for name, w in first.items())


def test_classes_are_of_tiny_imagenet_only():
    with pytest.raises(ValueError, match="--classes with --data tiny-imagenet"):
        load_pictures(Config(data="shapes", classes=5))


def test_pictures_are_held_out(monkeypatch):
    monkeypatch.setattr(data, "load", lambda name, data_dir: pictures())
    for tested_on, tests in (("test", 20), ("held-out", 10)):
        found = load_pictures(Config(held_out=1, tested_on=tested_on))
        assert (len(found.train_labels), len(found.test_labels)) == (30, tests)
    with pytest.raises(ValueError, match="--held-out with --tested-on held-out"):
        load_pictures(Config(tested_on="held-out"))


@pytest.mark.parametrize(("crops", "mirrors"), [(False, True), (True, False)])
def test_crops_and_mirrors_are_asked_for_apart(crops, mirrors):
    config = Config(crops=crops, mirrors=mirrors, color="none")
    found = new_augmentation(config, pictures())
    assert (found.crop, found.flip) == (crops, mirrors)
    neither = replace(config, crops=False, mirrors=False)
    assert new_augmentation(neither, pictures()) is None


def test_a_run_has_the_threads_that_it_asks_for():
    for threads in (1, 5):
        training = new_training(replace(SMALL, threads=threads), pictures())
        assert getattr(training.network, "threads", 1) == threads
        training.close()


def test_schedules():
    assert new_schedule(Config(), 1) == PlateauRate(0.01, 3)
    assert new_schedule(Config(schedule="constant"), 0) == ConstantRate(0.01)
    assert new_schedule(Config(schedule="25,51"), 0) == EpochListRate(0.01, (25, 51))
    assert new_schedule(Config(patience=7), 1) == PlateauRate(0.01, 7)
    with pytest.raises(ValueError, match="expected test pictures"):
        new_schedule(Config(), 0)
    for text in ("51,25", "25,25", "0,25", "soon"):
        with pytest.raises(ValueError, match=f"epochs that grow, .* got '{text}'"):
            new_schedule(Config(schedule=text), 0)


def test_the_optimizer_is_what_the_config_says():
    config = new_config(learning_rate=1.0, momentum=0.5, weight_decay=0.1)
    begun = model.begin(pictures(32), config.network())
    parameters = begun.network.parameters()
    optimizer = new_optimizer(config, begun, parameters)
    W, b = parameters["fc1.W"], parameters["fc1.b"]
    b[...] = 1
    expected = W * (0.9 - 0.05 - 0.09)  # the second step has half the first's velocity
    for _ in range(2):
        optimizer.step({name: np.zeros_like(w) for name, w in parameters.items()})
    assert np.allclose(W, expected, atol=1e-7)
    assert (b == 1).all()
    with pytest.raises(ValueError, match=r"--rate for a layer out of conv1, .*got fc9"):
        new_optimizer(replace(config, rate={"fc9": 2.0}), begun, parameters)


def test_the_biases_learn_as_the_profile_says():
    parameters = ("conv1.W", "conv1.b")
    for profile, bias in (("paper", 1), ("2012", 2)):
        config = replace(SMALL, profile=profile, weight_decay=0.0, momentum=0.0)
        training = new_training(config, pictures(), workers=0)
        before = {n: training.network.parameters()[n].copy() for n in parameters}
        gradients = {
            n: np.ones_like(w) for n, w in training.network.parameters().items()
        }
        training.optimizer.step(gradients)
        weight, other = (
            (before[n] - training.network.parameters()[n]).mean() for n in parameters
        )
        assert weight == pytest.approx(0.01, rel=1e-4)
        assert other == pytest.approx(0.01 * bias, rel=1e-4)


def test_a_network_of_the_2012_codes_files_learns_as_they_say():
    layers, params = network_files("cifar")
    config = new_config(
        model=str(layers), learning_rate=0.002, batch_size=20, threads=1,
        schedule="constant", crops=False, mirrors=False, color="none",
    )  # fmt: skip
    assert replace(config, params=str(params)).network() == config.network()
    training = new_training(config, pictures(32), workers=0)
    weights = training.network.parameters()
    assert list(weights)[:2] == ["conv1.W", "conv1.b"]
    before = weights["conv1.b"].copy()
    training.optimizer.step({name: np.ones_like(w) for name, w in weights.items()})
    moved = before - weights["conv1.b"]
    assert moved == pytest.approx(0.004, rel=1e-4)  # epsB is twice epsW


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"momentum": 0.5}, "no --momentum for --model .*cfg"),
        ({"profile": "paper"}, "no --profile for --model .*cfg"),
    ],
)
def test_what_the_files_say_is_not_asked_for(asked, message):
    with pytest.raises(ValueError, match=message):
        new_config(model=str(network_files("cifar")[0]), **asked)
    with pytest.raises(ValueError, match="cifar, alexnet or a file that ends"):
        new_config(model="resnet")
