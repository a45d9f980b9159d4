"""Bias and ReLU in one pass, and rows filled up for TF32, against the plain bodies."""

import numpy as np
import pytest

from minialexnet import Convolution2D, FullyConnected, ReLU, Sequential, Tanh
from minialexnet.engine import launch
from minialexnet.engine.products import filled
from minialexnet.engine.rectified import is_rectified, noted, with_relu
from minialexnet.engine.twin import plain
from minialexnet.layers import WinogradConvolution2D
from tests.engine.test_kernels import (
    WIDE,
    assert_layer_same,
    assert_same,
    both_types,
)
from tests.support.geometries import normal, on, over_geometries


class Turned(Convolution2D):
    """A convolution whose bias is not the last that is done."""

    def forward(self, x, train=False):
        """Return -y."""
        return -super().forward(x, train)


class Leaky(ReLU):
    """A ReLU that lets a part of what is below zero pass."""

    def forward(self, x, train=False):
        """Return max(x, x / 4)."""
        return super().forward(x, train) - super().forward(-x, train) / 4

    def backward(self, dy):
        """Return something of the right shape."""
        return dy


class Around(Sequential):
    """Layers, to whose result their own input is added."""

    def forward(self, x, train=False):
        """Return x + y."""
        return x + next(iter(self.layers.values())).forward(x, train)


@pytest.fixture
def launched(monkeypatch):
    """Return the launches so far: names with arguments."""
    found, calls = launch.kernel, []

    def kernel(module, dtype, name):
        def run(grid, arguments_or_block, *others):
            calls.append((name, (arguments_or_block, *others)[-1]))
            return found(module, dtype, name)(grid, arguments_or_block, *others)

        return run

    monkeypatch.setattr(launch, "kernel", kernel)
    return calls


def names(calls):
    return [name for name, _ in calls if name in ("add_bias", "relu")]


@both_types
@pytest.mark.parametrize("groups", [1, 2])
def test_bias_and_relu_are_one_pass(gpu_xp, launched, dtype, groups):
    convolution = Convolution2D(4, 6, 3, padding=1, groups=groups, **WIDE)
    network = on(gpu_xp, Sequential([convolution, ReLU()]), dtype)
    x = gpu_xp.asarray(normal(0, 2, 4, 5, 6), dtype=dtype)
    assert_layer_same(gpu_xp, network, x)
    assert names(launched)[:groups] == ["add_bias"] * groups
    assert "relu" not in names(launched)
    network = on(gpu_xp, Sequential([FullyConnected(5, 300, **WIDE), ReLU()]), dtype)
    launched.clear()
    assert_layer_same(gpu_xp, network, gpu_xp.asarray(normal(1, 7, 5), dtype=dtype))
    assert names(launched) == ["add_bias"]


def layers_that_must_not_be_rectified():
    convolution = Convolution2D(4, 4, 3, padding=1, **WIDE)
    return {
        "alone": [convolution],
        "tanh": [convolution, Tanh()],
        "another forward": [Turned(4, 4, 3, padding=1, **WIDE), ReLU()],
        "another relu": [convolution, Leaky()],
        "tiles": [WinogradConvolution2D(4, 4, 3, padding=1, **WIDE), ReLU()],
        "inside another": [Around([convolution]), ReLU()],
        "first of two": [Sequential([convolution, Tanh()]), ReLU()],
        "relu twice": [convolution, ReLU(), Sequential([ReLU()])],
    }


@pytest.mark.parametrize("case", layers_that_must_not_be_rectified())
def test_what_else_stands_before_a_relu_is_as_before(gpu_xp, case):
    layers = layers_that_must_not_be_rectified()[case]
    network = on(gpu_xp, Sequential(layers), "float64")
    x = gpu_xp.asarray(normal(0, 2, 4, 5, 6))
    y = network.forward(x)
    with plain():
        assert_same(y, network.forward(x))


def test_a_layer_by_itself_is_not_rectified_after_a_network_was(gpu_xp):
    convolution = on(gpu_xp, Convolution2D(4, 4, 3, **WIDE))
    x = gpu_xp.asarray(normal(0, 2, 4, 5, 6))
    Sequential([convolution, ReLU()]).forward(x)
    y = convolution.forward(x)
    assert float(y.min()) < 0
    changed = ReLU().forward(y)
    assert changed is not y and float(changed.min()) == 0


def test_a_layer_by_itself_is_not_rectified_after_a_network_has_failed(gpu_xp):
    convolution = on(gpu_xp, Convolution2D(4, 4, 3, **WIDE))
    with pytest.raises(ValueError, match="conv1, given shape"):
        Sequential([convolution, ReLU()]).forward(gpu_xp.ones((1, 3, 5, 6)))
    assert float(convolution.forward(gpu_xp.asarray(normal(0, 2, 4, 5, 6))).min()) < 0


def test_one_array_is_rectified_once():
    one, equal = np.zeros(3), np.zeros(3)
    with with_relu(True):
        assert noted(one) is one
    assert not is_rectified(equal)
    assert is_rectified(one) and not is_rectified(one)
    noted(one)
    assert not is_rectified(one)


def test_what_is_no_number_stays_none_behind_a_bias(gpu_xp):
    network = on(gpu_xp, Sequential([FullyConnected(3, 4, **WIDE), ReLU()]))
    y = network.forward(gpu_xp.asarray(np.full((1, 3), np.nan)))
    assert bool(gpu_xp.isnan(y).all())


def test_rows_are_filled_up_only_for_tf32(monkeypatch):
    single, double = np.zeros(1, np.float32), np.zeros(1)
    monkeypatch.setenv("CUPY_TF32", "1")
    assert [filled(n, single) for n in (363, 364, 75)] == [364, 364, 76]
    assert filled(363, double) == 363
    monkeypatch.setenv("CUPY_TF32", "0")
    assert filled(363, single) == 363


@pytest.mark.parametrize("groups", [1, 2])
@over_geometries()
def test_rows_that_are_filled_up_change_nothing(gpu_xp, groups, geometry, seed):
    N, C, H, W = geometry.shape
    sizes = geometry.kernel_size, geometry.stride, geometry.padding
    layer = Convolution2D(C * groups, 2 * groups, *sizes, groups, geometry.ceil_mode)
    layer = on(gpu_xp, layer, "float32")
    x = gpu_xp.asarray(normal(seed, N, C * groups, H, W), dtype="float32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUPY_TF32", "1")
        assert_layer_same(gpu_xp, layer, x)


def test_conv1s_rows_are_filled_up_in_both_of_its_products(
    gpu_xp, launched, monkeypatch
):
    monkeypatch.setenv("CUPY_TF32", "1")
    layer = on(gpu_xp, Convolution2D(3, 4, 5, 2, **WIDE), "float32")
    x = gpu_xp.asarray(normal(0, 2, 3, 9, 9), dtype="float32")
    assert_layer_same(gpu_xp, layer, x)
    widths = [arguments[5] for name, arguments in launched if name == "im2col"]
    assert widths == [76, 76]  # of 75 numbers
