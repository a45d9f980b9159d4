"""Two towers on two devices compute what the grouped network does on one."""

import sys
import threading

import numpy as np
import pytest

from minialexnet import MomentumSGD, Sequential, SoftmaxCrossEntropy
from minialexnet.alexnet import alexnet
from minialexnet.engine.devices import use_device
from minialexnet.engine.streams import new_stream, use_stream
from minialexnet.engine.transfer import to_device, to_numpy
from minialexnet.layers import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    ReLU,
)
from minialexnet.parallel.two_devices import TwoDevices
from tests.support import strict_cupy

CLASSES = 5  # not even: the second tower has two of the outputs
TOWERS = ["paper", "2012", "caffe"]


def build(profile="2012"):
    network = alexnet(profile, CLASSES, width=1 / 16, input_size=63, seed=2)
    for _, layer in network.leaves():  # large enough for every path to count
        if "W" in layer.params:
            layer.params["W"] *= 4
    return network.astype("float64")


def pictures(seed=0, count=3):
    rng = np.random.default_rng(seed)
    return 20 * rng.standard_normal((count, 3, 63, 63)), rng.integers(0, CLASSES, count)


def near(found, expected, tolerance=1e-12, name=""):
    atol = tolerance * abs(expected).max()
    np.testing.assert_allclose(found, expected, tolerance, atol, err_msg=name)


@pytest.fixture
def two():
    """Make `TwoDevices` that are closed at the end."""
    made = []

    def make(network, devices=("cpu:0", "cpu:1")):
        made.append(TwoDevices(network, devices))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def gpus(monkeypatch):
    """Let "cuda:0" and "cuda:1" be the stand-in's, which refuses what may go wrong."""
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)


@pytest.mark.parametrize("profile", [*TOWERS, "torchvision"])
@pytest.mark.parametrize("train", [False, True])
def test_outputs_and_gradients_are_those_of_one_device(two, profile, train):
    network, (x, labels) = build(profile), pictures()
    towers, loss = two(build(profile)), SoftmaxCrossEntropy()
    y = network.forward(x, train)
    near(towers.forward(x, train), y)
    loss.forward(y, labels)
    dx = network.backward(loss.backward())
    near(towers.backward(loss.backward()), dx)
    gradients = towers.join(towers.gradients())
    assert list(gradients) == list(network.gradients())
    for name, gradient in network.gradients().items():
        near(gradients[name], gradient, name=name)


# On the stand-in ten steps take seconds; the test below sees two of every profile.
@pytest.mark.parametrize(
    ("profile", "devices"),
    [
        *((profile, ("cpu:0", "cpu:1")) for profile in TOWERS),
        ("2012", ("cuda:0", "cuda:1")),
        pytest.param("paper", ("cuda:0", "cuda:1"), marks=pytest.mark.slow),
        pytest.param("caffe", ("cuda:0", "cuda:1"), marks=pytest.mark.slow),
    ],
)
def test_ten_steps_of_training_are_those_of_one_device(gpus, two, profile, devices):
    network, towers = build(profile), two(build(profile), devices)
    loss = SoftmaxCrossEntropy()
    options = {"rate_factors": {"b": 2}, "decay_factors": {"b": 0}}
    one_sgd = MomentumSGD(network.parameters(), 1e-4, **options)
    two_sgd = MomentumSGD(towers.parameters(), 1e-4, **options)
    before = {name: w.copy() for name, w in network.parameters().items()}
    for step in range(10):
        x, labels = pictures(step)
        loss.forward(network.forward(x, train=True), labels)
        network.backward(loss.backward())
        one_sgd.step(network.gradients())
        with use_device(towers.devices[0]):
            labels = to_device(labels, towers.devices[0])
            loss.forward(towers.forward(x, train=True), labels)
            towers.backward(loss.backward())
            two_sgd.step(towers.gradients())
    learned = towers.join(towers.parameters())
    velocities = towers.join(two_sgd.velocities)
    for name, w in network.parameters().items():
        near(learned[name], w, name=name)
        near(velocities[name], one_sgd.velocities[name], 1e-10, name)
        assert not np.array_equal(w, before[name]), name
    steps = {"dropout6.step": 10, "dropout7.step": 10}
    assert towers.states() == network.states() == steps


@pytest.mark.parametrize("devices", [("cuda:0", "cuda:1"), ("cuda:0", "cuda:0")])
@pytest.mark.parametrize("profile", TOWERS)
def test_nothing_is_mixed_and_every_stream_waits(gpus, two, profile, devices):
    """On the stand-in an array of another device, or a missing wait, is an error."""
    network, (x, _) = build(profile), pictures()
    towers = two(build(profile), devices)
    for step in range(2):  # the second step takes the memory that the first gave back
        y = network.forward(x, train=True)
        dy = np.random.default_rng(step).standard_normal(y.shape)
        dx = network.backward(dy)
        near(to_numpy(towers.forward(x, train=True)), y)
        near(to_numpy(towers.backward(dy)), dx, 1e-11)
        gradients = towers.join(towers.gradients())
        for name, gradient in network.gradients().items():
            near(gradients[name], gradient, 1e-11, name)


def test_a_caller_may_have_a_stream_of_its_own(gpus, two):
    network, (x, _) = build(), pictures()
    towers = two(build(), ("cuda:0", "cuda:1"))
    y = network.forward(x)
    with use_stream(new_stream("cuda:0")):
        # Pictures on a GPU, a view of others: what CuPy does not copy as it is.
        twice = strict_cupy.asarray(np.repeat(x, 2, axis=3))
        near(to_numpy(towers.forward(twice[..., ::2])), y)
        near(to_numpy(towers.backward(np.ones_like(y))), network.backward(y * 0 + 1))
    assert towers.parameters()["tower2.conv1.W"].device.id == 1


def test_one_network_on_other_devices_goes_on_where_it_was(two):
    """What a checkpoint holds is the same whichever devices the run was on."""
    x, _ = pictures()
    network, towers = build("paper"), two(build("paper"))
    network.forward(x, train=True)
    for w in network.parameters().values():
        w += 0.01
    towers.load(network.parameters(), network.states())
    near(towers.forward(x, train=True), network.forward(x, train=True))
    whole = build("paper")
    whole.load(towers.join(towers.parameters()), towers.states())
    assert whole.states() == network.states() == {
        "dropout6.step": 2,
        "dropout7.step": 2,
    }  # fmt: skip
    for name, w in network.parameters().items():
        assert np.array_equal(whole.parameters()[name], w), name


def test_split_is_the_inverse_of_join(two):
    towers = two(build())
    halves = towers.parameters()
    again = towers.split(towers.join(halves))
    assert list(again) == list(halves)
    for name, half in halves.items():
        assert np.array_equal(again[name], half), name


def test_the_network_is_left_as_it_was(two):
    network, (x, _) = build(), pictures()
    before = {name: w.copy() for name, w in network.parameters().items()}
    towers = two(network)
    towers.forward(x, train=True)
    for half in towers.parameters().values():
        half += 1
    for name, w in network.parameters().items():
        assert np.array_equal(w, before[name]), name
    assert set(network.states().values()) == {0}


def test_values_that_do_not_fit_are_refused_and_nothing_is_changed(two):
    towers, whole = two(build()), build()
    for w in whole.parameters().values():
        w += 1
    before = {name: w.copy() for name, w in towers.parameters().items()}
    weights = whole.parameters()
    with pytest.raises(ValueError, match=r"missing or unknown: fc8\.b"):
        towers.load({n: w for n, w in weights.items() if n != "fc8.b"}, whole.states())
    with pytest.raises(ValueError, match=r"expected fc8.b of shape \(5,\), got \(4,\)"):
        towers.load(weights | {"fc8.b": np.zeros(4)}, whole.states())
    with pytest.raises(ValueError, match=r"missing or unknown: dropout6\.step"):
        towers.load(weights, {"dropout7.step": 1})
    with pytest.raises(ValueError, match=r"missing or unknown: fc8\.b, tower1.fc8\.b"):
        towers.join({n.replace("tower1.fc8.b", "fc8.b"): w for n, w in before.items()})
    for name, w in towers.parameters().items():
        assert np.array_equal(w, before[name]), name


def test_dx_of_the_pictures_is_left_out_where_it_is_not_needed(two):
    network, (x, _) = build(), pictures()
    network.layers["conv1"].needs_dx = False
    towers = two(network)
    assert towers.backward(np.ones_like(towers.forward(x))) is None
    assert len(towers.gradients()) == 2 * len(network.parameters())


def test_the_bytes_that_cross_are_counted(two):
    x, _ = pictures()
    towers = two(build())
    towers.backward(np.ones_like(towers.forward(x)))
    shapes = {r.name: r.output_shape for r in build().table((3, 63, 63)).rows}
    number = 8 * len(x)  # float64
    # Forward each tower sends its half; backward each returns the other's half.
    halves = {
        "conv3": int(np.prod(shapes["pool2"])),
        "fc6": shapes["flatten"][0],
        "fc7": shapes["dropout6"][0],
        "fc8": shapes["dropout7"][0],
        "output": CLASSES // 2,
    }
    expected = {name: (number * n, number * n) for name, n in halves.items()}
    assert towers.exchanges() == expected
    lines = towers.report().splitlines()
    assert (
        lines[0] == "Bytes that cross between cpu:0 and cpu:1 in a step of 3 pictures"
    )
    assert lines[1].split() == ["at", "forward", "backward", "both"]
    total = number * sum(halves.values())
    assert lines[-1].split() == [
        "in",
        "all",
        f"{total:,}",
        f"{total:,}",
        f"{2 * total:,}",
    ]
    assert len(lines) == 3 + len(halves)
    towers.forward(x[:1])  # no backward behind it yet
    assert towers.exchanges()["fc8"] == (8 * halves["fc8"], 0)


def test_the_papers_normalisation_exchanges_two_maps_at_the_border(two):
    x, _ = pictures(count=1)
    towers = two(build("paper"))
    towers.forward(x)
    _, height, width = build("paper").table((3, 63, 63)).rows[0].output_shape
    assert list(towers.exchanges()) == [
        *("lrn1", "lrn2", "conv3", "fc6", "fc7", "fc8", "output")
    ]
    assert towers.exchanges()["lrn1"] == (2 * 2 * 8 * height * width, 0)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
def test_normalisation_of_any_reach(two, n):
    """An even n looks one map further down than up; n = 9 sees all of the other."""
    layers = [Convolution2D(3, 7, 3), LocalResponseNormalization(n=n, alpha=0.5)]
    network = Sequential(layers).astype("float64")
    network.layers["conv1"].params["W"] *= 5
    x = np.random.default_rng(n).standard_normal((2, 3, 8, 8))
    towers = two(network)
    y = network.forward(x)
    near(towers.forward(x), y)
    dy = np.random.default_rng(n + 1).standard_normal(y.shape)
    near(towers.backward(dy), network.backward(dy))
    near(towers.join(towers.gradients())["conv1.W"], network.gradients()["conv1.W"])
    up, down = min((n - 1) // 2, 3), min(n // 2, 4)
    moved = towers.exchanges().get("lrn1", (0, 0))
    assert moved == (8 * 2 * 36 * (up + down),) * 2


class Mixing(Layer):
    """A layer that may mix the maps, for all that is known of it."""


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Convolution2D(3, 6, 3, groups=3)], "conv1: expected one group or two, got 3"),
        ([Convolution2D(2, 6, 3, groups=2)], "conv1: expected the network to begin"),
        ([ReLU(), Convolution2D(3, 6, 3)], "relu1: expected the network to begin"),
        ([Convolution2D(3, 6, 3), Mixing()], "layer1: expected a layer .* got Mixing"),
        ([Convolution2D(3, 6, 3), Sequential([ReLU()])], "got Sequential"),
        ([Convolution2D(3, 1, 3)], "conv1: expected a kernel for each tower, got 1"),
    ],
)
def test_what_cannot_be_split_is_refused_by_name(layers, message):
    with pytest.raises(ValueError, match=message):
        TwoDevices(Sequential(layers))


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="expected device"):
        TwoDevices(build(), ("cpu:0", "tpu"))


def test_an_error_in_a_tower_names_the_layer_and_leaves_the_threads_fit(two):
    towers, (x, _) = two(build()), pictures()
    with pytest.raises(
        ValueError, match=r"conv1, given shape .* 3 input channels, got 2"
    ):
        towers.forward(x[:, :2])
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        towers.backward(np.ones((3, CLASSES)))
    near(towers.forward(x), build().forward(x))


def test_no_thread_is_left_behind():
    before = threading.active_count()
    with TwoDevices(build()) as towers:
        towers.forward(pictures()[0])
        assert threading.active_count() == before + 2
    assert threading.active_count() == before


def test_both_towers_compute_at_once(two, monkeypatch):
    """Each waits in conv2 until the other is there too."""
    both = threading.Barrier(2, timeout=60)
    plain = Convolution2D.forward

    def forward(layer, x, train=False):
        if layer.kernel_size == (5, 5):
            both.wait()
        return plain(layer, x, train)

    network, (x, _) = build(), pictures()
    y = network.forward(x)
    towers = two(network)
    monkeypatch.setattr(Convolution2D, "forward", forward)
    near(towers.forward(x), y)


def test_masks_of_dropout_behind_a_convolution_fit_together(two):
    layers = [Convolution2D(3, 5, 3), Dropout(0.5, seed=1, first_unit=3), Flatten()]
    network = Sequential([*layers, FullyConnected(5 * 61 * 61, 2)]).astype("float64")
    x, _ = pictures()
    y = two(network).forward(x, train=True)
    near(y, network.forward(x, train=True))
