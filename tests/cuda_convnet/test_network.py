"""Networks whose layers name their inputs: gradients, learning, devices."""

import re

import numpy as np
import pytest

from minialexnet.cuda_convnet import Learning, network
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_layer
from minialexnet.parallel.batch import DataParallel
from tests.support import strict_cupy
from tests.support.geometries import normal
from tests.support.layer_files import (
    CIFAR,
    CLASSES,
    NARROW,
    WEB,
    WEB_PARAMS,
    assert_close,
    one_and_two_towers,
    pictures,
    split,
)


def test_the_gradient_of_a_network_of_several_inputs(web):
    names = [f"conv2.W{i}" for i in (1, 2, 3)] + ["conv2.b"]
    assert [name for name in web.parameters() if name.startswith("conv2")] == names
    assert "pool1_neuron" in web.layers
    for train in (False, True):
        report = check_layer(web, normal(0, 1, 2, 6, 6), train=train)
        assert report.errors.keys() == {"x", *web.parameters()}
        assert max(report.errors.values()) < 1e-10


def test_each_layer_learns_as_the_params_file_says(web):
    assert web.learning["conv1.W"] == Learning(0.1, 0.5, 0)
    assert web.learning["conv2.W3"] == Learning(0.03, 0.3, 3)
    assert web.learning["conv2.b"] == Learning(0.04, 0.4, 0)  # wc is the weights'
    assert web.learning["fc2.b"] == Learning(0.6, 0.9, 0)
    w = {name: array.copy() for name, array in web.parameters().items()}
    sgd = web.optimizer(web.parameters())
    assert sgd.learning_rate == web.learning_rate == 0.5
    gradients = [{n: normal(i, *a.shape) for n, a in w.items()} for i in range(3)]
    for gradient in gradients:
        sgd.step(gradient)
    for name, own in web.learning.items():
        expected = oracles.momentum_sgd(
            w[name].ravel(),
            [g[name].ravel() for g in gradients],
            *(own.rate, own.momentum, own.decay),
        )
        got = web.parameters()[name].ravel()
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(web.parameters()["fc1.W2"], w["fc1.W2"])


def test_all_rates_change_with_the_optimisers(written):
    """A schedule that divides the rate divides every layer's."""
    network = written(WEB, WEB_PARAMS, (2, 6, 6)).astype("float64")
    before = {name: w.copy() for name, w in network.parameters().items()}
    sgd = network.optimizer(network.parameters())
    sgd.learning_rate /= 10
    sgd.step({name: np.ones_like(w) for name, w in before.items()})
    for name, own in network.learning.items():
        step = own.rate / 10 * (1 + own.decay * before[name])
        moved = before[name] - network.parameters()[name]
        np.testing.assert_allclose(moved, step, rtol=1e-9, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("frozen", ["epsW", "eps."])
def test_a_network_may_stand_still(written, frozen):
    params = re.sub(rf"({frozen})=.*", r"\1=0", CIFAR[1])
    network = written(CIFAR[0], params, (3, 32, 32))
    sgd = network.optimizer(network.parameters())
    before = {name: w.copy() for name, w in network.parameters().items()}
    sgd.step({name: np.ones_like(w) for name, w in before.items()})
    for name, w in network.parameters().items():
        moves = name.endswith(".b") and frozen == "epsW"
        assert np.allclose(before[name] - w, 0.002 if moves else 0), name


def test_training_leaves_out_the_gradient_by_the_picture(written):
    _, two = one_and_two_towers(written)
    dy = np.ones_like(two.forward(pictures()[0]))
    two.backward(dy)
    expected = {name: g.copy() for name, g in two.gradients().items()}
    two.layers["conv1a"].needs_dx = False  # as minialexnet.train tells the first layer
    assert two.backward(dy) is None
    assert not two.layers["conv1b"].needs_dx
    for name, gradient in two.gradients().items():
        np.testing.assert_array_equal(gradient, expected[name])


def test_a_batch_on_two_threads_is_the_same(web):
    x, dy = normal(0, 4, 2, 6, 6), normal(1, 4, 3)
    y, dx = web.forward(x, train=True), web.backward(dy)
    expected = {name: g.copy() for name, g in web.gradients().items()}
    for layer in web.layers.values():
        layer.state = {key: 0 for key in layer.state}
    parallel = DataParallel(web, threads=2)
    assert_close({"y": parallel.forward(x, train=True)}, {"y": y})
    assert_close({"dx": parallel.backward(dy)}, {"dx": dx})
    assert_close(parallel.gradients(), expected)


def test_a_layer_that_fails_is_named(written):
    network = written(WEB, WEB_PARAMS, (2, 6, 6))
    with pytest.raises(
        ValueError, match=r"conv1, given shape .*2 input channels, got 3"
    ):
        network.forward(np.zeros((1, 3, 6, 6), np.float32))
    with pytest.raises(ValueError, match=r"conv2, given shape \(\(2, 5, 5\)"):
        network.table((2, 5, 5))
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        written(WEB, WEB_PARAMS, (2, 6, 6)).backward(np.zeros((1, 3)))


@pytest.fixture
def two_strict_devices(monkeypatch):
    """Let "cuda:0" and "cuda:1" be the stand-in's, where mixing them is an error."""

    def to_device(array, device):
        if device == "cpu":
            return strict_cupy.asnumpy(array)
        host = array.get() if hasattr(array, "get") else array
        with strict_cupy.cuda.Device(int(device[5:])):
            return strict_cupy.asarray(host)

    def use_device(device):
        return strict_cupy.cuda.Device(int(device[5:]))

    monkeypatch.setattr(network, "to_device", to_device)
    monkeypatch.setattr("minialexnet.layers.base.to_device", to_device)
    monkeypatch.setattr(network, "check_device", lambda device: device)
    monkeypatch.setattr(network, "use_device", use_device)


@pytest.mark.usefixtures("two_strict_devices")
def test_towers_compute_on_two_devices_and_nothing_is_mixed(written):
    one, two = one_and_two_towers(written)
    two.place(["cuda:0", "cuda:1"])
    (x, _), dy = pictures(), normal(1, 3, CLASSES)
    y = two.forward(strict_cupy.asarray(x), train=True)
    assert y.device.id == 0
    assert_close({"y": y.get()}, {"y": one.forward(x, train=True)})
    dx = two.backward(strict_cupy.asarray(dy))
    assert_close({"dx": dx.get()}, {"dx": one.backward(dy)})
    gradients = two.gradients()
    for name, gradient in gradients.items():
        layer, _, _ = name.partition(".")
        assert gradient.device.id == two.gpus[layer], name
    found = {name: gradient.get() for name, gradient in gradients.items()}
    assert_close(found, split(one.gradients()))
    two.optimizer(two.parameters()).step(gradients)
    expected = split(one.parameters())
    two.optimizer(expected).step(split(one.gradients()))
    assert_close({name: w.get() for name, w in two.parameters().items()}, expected)
    two.to("cpu")  # and back
    assert_close({"y": two.forward(x)}, {"y": one.forward(x)})  # split() gave views


@pytest.mark.usefixtures("two_strict_devices")
def test_load_places_and_a_device_too_few_is_refused(written):
    network = written(*NARROW, (3, 63, 63), devices=["cuda:1", "cuda:0"])
    assert network.parameters()["conv1a.W"].device.id == 1
    assert network.parameters()["conv1b.W"].device.id == 0
    with pytest.raises(ValueError, match="2 devices for gpu numbers 0 to 1, got 1"):
        network.place(["cuda:0"])


def test_devices_that_are_not_there_are_refused(written):
    with pytest.raises(ValueError, match="expected device 'cpu'"):
        written(*NARROW, (3, 63, 63), devices=["cpu", "tpu"])
    network = written(*NARROW, (3, 63, 63), devices=["cpu", "cpu"])
    assert network.forward(np.zeros((1, 3, 63, 63), np.float32)).shape == (1, CLASSES)
