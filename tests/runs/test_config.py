"""What a run is: its defaults by model, its fields, and what earlier versions wrote."""

import json
from dataclasses import asdict, fields, replace

import pytest

from minialexnet import model
from minialexnet.runs.config import Config, groups
from minialexnet.runs.defaults import AUGMENTATIONS, new_config, read_config


def test_an_alexnet_is_trained_as_the_paper_says():
    config = new_config(model="alexnet")
    assert config == Config(model="alexnet")
    names = ("batch_size", "learning_rate", "momentum", "weight_decay", "schedule")
    assert [getattr(config, n) for n in names] == [128, 0.01, 0.9, 0.0005, "plateau"]
    assert (config.profile, config.epochs) == ("paper", 90)
    assert (config.crops, config.mirrors, config.color) == (True, True, "paper")


def test_the_small_network_takes_small_steps():
    config = new_config(weight_decay=0.1)
    assert config.model == "cifar"
    assert (config.epochs, config.batch_size, config.learning_rate) == (10, 32, 0.003)
    assert (config.schedule, config.weight_decay) == ("constant", 0.1)
    assert not config.crops and not config.mirrors and config.color == "none"


def test_fine_tuning_is_slow_and_conv1_slower_still():
    config = new_config(model="alexnet", pretrained="a.npz", rate={"fc8": 10})
    assert config.learning_rate == 0.001
    assert config.rate == {"conv1": 0.1, "fc8": 10}
    assert new_config(pretrained="a.npz", rate={"conv1": 1}).rate == {"conv1": 1}


def test_what_another_model_has_is_refused():
    with pytest.raises(ValueError, match="no --input-size for --model cifar"):
        new_config(input_size=32)
    assert new_config(model="alexnet", input_size=32).input_size == 32


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="expected momentum to be finite, got nan"):
        Config(momentum=float("nan"))
    with pytest.raises(ValueError, match="expected fc8 to be finite, got inf"):
        Config(rate={"fc8": float("inf")})


def test_every_field_says_what_it_is_and_stands_in_a_group():
    assert [f for group in groups(Config).values() for f in group] == list(
        fields(Config)
    )
    assert all(f.metadata["text"] for f in fields(Config))


def test_a_config_comes_back_from_json():
    config = new_config(
        model="alexnet", change={"removed": ["conv4"]}, rate={"fc8": 2.0}, threads=2
    )
    assert read_config(json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize("augment", AUGMENTATIONS)
def test_the_config_of_an_earlier_version_is_read(augment):
    earlier = {"model": "cifar", "data": "shapes", "epochs": 3, "from": "a.npz"}
    config = read_config(earlier | {"augment": augment})
    assert (config.threads, config.convolution, config.pooling) == (1, "im2col", 3)
    assert config.parts == 1
    assert read_config(earlier | {"threads": 3}).parts == 3
    assert read_config(earlier | {"threads": 3, "parts": 8}).parts == 8
    assert (config.pretrained, config.epochs) == ("a.npz", 3)
    assert {k: getattr(config, k) for k in AUGMENTATIONS[augment]} == AUGMENTATIONS[
        augment
    ]


@pytest.mark.parametrize(
    "stored", [{}, {"rate": 1}, {"model": "cifar", "data": "a", "epochs": 1, "new": 1}]
)
def test_the_config_of_another_program_is_refused(stored):
    with pytest.raises(ValueError, match="config of a run; missing or unknown"):
        read_config(stored)


def test_the_network_is_built_from_its_own_fields():
    config = Config(model="alexnet", profile="2012", width=1 / 16, input_size=32)
    arm = replace(config, change={"exchange": False}, activation="tanh", seed=3)
    built = model.build(arm.network() | {"classes": 4})
    assert built.layers["conv3"].groups == 2
    assert "tanh1" in built.layers
    small = Config(activation="tanh", pooling=2).network()
    assert small == {
        "model": "cifar", "activation": "tanh", "pooling": 2, "convolution": "im2col",
        "seed": 0,
    }  # fmt: skip
    assert model.build(small).layers["pool1"].kernel_size == (2, 2)
