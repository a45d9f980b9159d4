"""Two towers on two devices compute what the grouped network does on one."""

import numpy as np
import pytest
import strict_cupy

from minialexnet import MomentumSGD, Sequential, SoftmaxCrossEntropy
from minialexnet import two_devices as module
from minialexnet.alexnet import alexnet
from minialexnet.layers import Convolution2D, Dropout, Flatten, FullyConnected
from minialexnet.two_devices import TwoDevices

CLASSES = 5  # not even: the second tower has two of the outputs


def build(profile="2012"):
    network = alexnet(profile, CLASSES, width=1 / 16, input_size=63, seed=2)
    for _, layer in network.leaves():  # large enough for every path to count
        if "W" in layer.params:
            layer.params["W"] *= 4
    return network.astype("float64")


def pictures(seed=0, count=3):
    rng = np.random.default_rng(seed)
    return 20 * rng.standard_normal((count, 3, 63, 63)), rng.integers(0, CLASSES, count)


def whole(two, what):
    """Return both towers' arrays put together, by the network's names."""
    arrays = getattr(two, what)()
    names = [name.partition(".")[2] for name in arrays if name.startswith("tower1.")]
    return {
        name: np.concatenate([arrays[f"tower1.{name}"], arrays[f"tower2.{name}"]])
        for name in names
    }


@pytest.mark.parametrize("profile", ["2012", "paper", "caffe", "torchvision"])
@pytest.mark.parametrize("train", [False, True])
def test_outputs_and_gradients_are_those_of_one_device(profile, train):
    network, (x, labels) = build(profile), pictures()
    two, loss = TwoDevices(build(profile)), SoftmaxCrossEntropy()
    y = network.forward(x, train)
    found = two.forward(x, train)
    np.testing.assert_allclose(found, y, rtol=1e-12, atol=1e-12 * abs(y).max())
    loss.forward(y, labels)
    network.backward(loss.backward())
    two.backward(loss.backward())
    gradients = whole(two, "gradients")
    assert gradients.keys() == network.gradients().keys()
    for name, gradient in network.gradients().items():
        np.testing.assert_allclose(
            *(gradients[name], gradient),
            rtol=1e-12,
            atol=1e-12 * abs(gradient).max(),
            err_msg=name,
        )


def test_ten_steps_of_training_are_those_of_one_device():
    network, two = build(), TwoDevices(build())
    loss = SoftmaxCrossEntropy()
    options = {"rate_factors": {"b": 2}, "decay_factors": {"b": 0}}
    one_sgd = MomentumSGD(network.parameters(), 1e-4, **options)
    two_sgd = MomentumSGD(two.parameters(), 1e-4, **options)
    before = {name: w.copy() for name, w in network.parameters().items()}
    for step in range(10):
        x, labels = pictures(step)
        for run, sgd in ((network, one_sgd), (two, two_sgd)):
            loss.forward(run.forward(x, train=True), labels)
            run.backward(loss.backward())
            sgd.step(run.gradients())
    learned = two.write_back().parameters()
    for name, w in network.parameters().items():
        np.testing.assert_allclose(learned[name], w, rtol=1e-12, atol=1e-12)
        assert not np.array_equal(w, before[name]), name
    assert two.network.states() == network.states() == {
        "dropout6.step": 10,
        "dropout7.step": 10,
    }  # fmt: skip


def test_the_bytes_that_cross_are_counted():
    x, _ = pictures()
    two = TwoDevices(build())
    two.backward(np.ones_like(two.forward(x)))
    shapes = {r.name: r.output_shape for r in build().table((3, 63, 63)).rows}
    there_and_back = 2 * 8 * len(x)  # float64, and each half goes to the other tower
    # Forward each tower sends its half; backward each returns the other's half.
    expected = {
        "conv3": there_and_back * int(np.prod(shapes["pool2"])),
        "fc6": there_and_back * shapes["flatten"][0],
        "fc7": there_and_back * shapes["dropout6"][0],
        "fc8": there_and_back * shapes["dropout7"][0],
        "output": there_and_back * (CLASSES // 2),
    }
    assert {k: v for k, v in two.bytes_moved.items() if v} == expected


def test_the_papers_normalisation_exchanges_two_maps_at_the_border():
    x, _ = pictures(count=1)
    two = TwoDevices(build("paper"))
    two.forward(x)
    _, height, width = build("paper").table((3, 63, 63)).rows[0].output_shape
    assert two.bytes_moved["lrn1"] == 2 * 2 * 8 * height * width
    assert two.bytes_moved["conv2"] == 0


def test_nothing_is_mixed_across_devices(monkeypatch):
    """On the strict stand-in an array of the other device is an error, not a copy."""

    def to_device(array, device):
        if device == "cpu":
            return strict_cupy.asnumpy(array) if hasattr(array, "get") else array
        with strict_cupy.cuda.Device(int(device[5:])):
            host = array.get() if hasattr(array, "get") else array
            return strict_cupy.asarray(host)

    monkeypatch.setattr(module, "to_device", to_device)
    monkeypatch.setattr("minialexnet.layers.base.to_device", to_device)
    monkeypatch.setattr(module, "check_device", lambda device: device)
    monkeypatch.setattr(
        module, "use_device", lambda device: strict_cupy.cuda.Device(int(device[5:]))
    )
    network, (x, _) = build("paper"), pictures()
    y = network.forward(x, train=True)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    network.backward(dy)
    two = TwoDevices(build("paper"), ("cuda:0", "cuda:1"))
    found = two.forward(x, train=True)
    np.testing.assert_allclose(found.get(), y, rtol=1e-11, atol=1e-12 * abs(y).max())
    with strict_cupy.cuda.Device(0):
        two.backward(strict_cupy.asarray(dy))
    for name, gradient in network.gradients().items():
        halves = [two.gradients()[f"tower{i}.{name}"].get() for i in (1, 2)]
        np.testing.assert_allclose(
            *(np.concatenate(halves), gradient),
            rtol=1e-10,
            atol=1e-11 * abs(gradient).max(),
        )


def test_what_cannot_be_split_is_refused_by_name():
    three = Sequential([("conv", Convolution2D(3, 6, 3, groups=3)), Flatten()])
    with pytest.raises(ValueError, match="conv: expected one group or two, got 3"):
        TwoDevices(three)
    with pytest.raises(ValueError, match="expected device"):
        TwoDevices(build(), ("cpu:0", "tpu"))


def test_masks_of_dropout_behind_a_convolution_fit_together():
    layers = [Convolution2D(3, 4, 3), Dropout(0.5, seed=1), Flatten()]
    network = Sequential([*layers, FullyConnected(4 * 61 * 61, 2)]).astype("float64")
    x, _ = pictures()
    y = TwoDevices(network).forward(x, train=True)
    np.testing.assert_allclose(y, network.forward(x, train=True), rtol=1e-10)
