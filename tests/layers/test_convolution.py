"""Convolution2D against the loops, and its gradients by the complex step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import Constant, Convolution2D, Normal
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_layer
from minialexnet.layers import turned
from tests.support.geometries import Geometry, normal, on, over_geometries, seeds, whole


def build(geometry, groups, seed, kernels=2):
    """Return a convolution for `groups` times the geometry's channels, and an x."""
    N, C, H, W = geometry.shape
    layer = Convolution2D(
        C * groups,
        kernels * groups,
        geometry.kernel_size,
        geometry.stride,
        geometry.padding,
        groups,
        geometry.ceil_mode,
        weight=Normal(1),
        bias=Normal(1),
        seed=seed,
    )
    return layer, normal(seed, N, C * groups, H, W)


@pytest.mark.parametrize("groups", [1, 2, 3])
@over_geometries()
def test_forward_is_the_loops(xp, groups, geometry, seed):
    layer, x = build(geometry, groups, seed)
    on(xp, layer)
    y = to_numpy(layer.forward(xp.asarray(x)))
    W, b = (to_numpy(layer.params[key]) for key in "Wb")
    _, stride, padding, ceil_mode = geometry.windows
    expected = oracles.convolution(x, W, b, stride, padding, groups, ceil_mode)
    np.testing.assert_allclose(y, expected, rtol=1e-11, atol=1e-12, strict=True)
    assert y.shape[1:] == layer.output_shape(x.shape[1:])


@pytest.mark.parametrize("groups", [1, 2])
@over_geometries()
def test_gradients_by_the_complex_step(groups, geometry, seed):
    layer, x = build(geometry, groups, seed)
    report = check_layer(layer.astype("float64"), x)
    assert max(report.errors.values()) < 1e-12
    assert report.errors.keys() == {"x", "W", "b"}


@pytest.mark.parametrize("groups", [1, 2])
@over_geometries()
def test_backward_is_the_same_on_every_module(xp, groups, geometry, seed):
    layer, x = build(geometry, groups, seed)
    layer.astype("float64")
    dy = whole(seed, *layer.forward(x).shape)
    dx, grads = layer.backward(dy), layer.grads
    on(xp, layer).forward(xp.asarray(x))
    there = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(there, dx, rtol=1e-11, atol=1e-11)
    for key in "Wb":
        np.testing.assert_allclose(
            to_numpy(layer.grads[key]), grads[key], rtol=1e-11, atol=1e-11
        )


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("ceil_mode", [False, True])
@given(size=st.tuples(*[st.integers(1, 6)] * 2), pad=st.integers(0, 2), seed=seeds)
def test_the_faster_dx_of_stride_1_is_the_general_one(
    groups, ceil_mode, size, pad, seed
):
    size = size if ceil_mode else tuple(n + 3 for n in size)
    geometry = Geometry((2, 2, *size), (3, 4), (1, 1), (pad, pad), ceil_mode)
    layer, x = build(geometry, groups, seed, kernels=3)
    dy = normal(seed, *layer.forward(x).shape)
    fast = layer.backward(dy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turned, "FEW_KERNELS", 0)
        general = layer.backward(dy)
    np.testing.assert_allclose(fast, general, rtol=1e-10, atol=1e-12, strict=True)


@given(st.integers(0, 999))
def test_two_groups_are_two_convolutions_side_by_side(seed):
    layer = Convolution2D(4, 6, 3, padding=1, groups=2, weight=Normal(1), seed=seed)
    x = normal(seed, 2, 4, 5, 5)
    halves = []
    for half in range(2):
        tower = Convolution2D(2, 3, 3, padding=1)
        tower.params["W"] = layer.params["W"][3 * half : 3 * half + 3]
        halves.append(tower.forward(x[:, 2 * half : 2 * half + 2]))
    np.testing.assert_allclose(layer.forward(x), np.concatenate(halves, axis=1))


def test_a_batch_worked_off_in_parts_is_its_examples_one_by_one(monkeypatch):
    # Eight examples of half a megabyte of windows each, three at a time.
    monkeypatch.setattr("minialexnet.engine.parts.CPU_BYTES", 3 << 19)
    layer = Convolution2D(8, 4, 5, padding=2, groups=2, weight=Normal(1))
    layer.astype("float64")
    x, dy = normal(1, 8, 8, 18, 18), normal(2, 8, 4, 18, 18)
    y = layer.forward(x)
    dx, whole_batch = layer.backward(dy), layer.grads
    summed = {key: 0 for key in whole_batch}
    for n in range(8):
        np.testing.assert_allclose(layer.forward(x[n : n + 1])[0], y[n], atol=1e-12)
        np.testing.assert_allclose(layer.backward(dy[n : n + 1])[0], dx[n], atol=1e-12)
        summed = {key: summed[key] + layer.grads[key] for key in summed}
    for key in summed:
        np.testing.assert_allclose(whole_batch[key], summed[key], atol=1e-10)


def test_a_first_layer_skips_dx_and_nothing_else():
    layer = Convolution2D(2, 3, 3, weight=Normal(1))
    x, dy = normal(0, 2, 2, 5, 5), normal(1, 2, 3, 3, 3)
    layer.forward(x)
    layer.backward(dy)
    expected = layer.grads
    layer.needs_dx = False
    layer.forward(x)
    assert layer.backward(dy) is None
    for key in "Wb":
        np.testing.assert_array_equal(layer.grads[key], expected[key])


def test_the_bias_is_the_same_everywhere():
    layer = Convolution2D(1, 2, 3, padding=1, weight=Constant(0), bias=Constant(1))
    assert (layer.forward(np.ones((1, 1, 4, 4), np.float32)) == 1).all()


def test_a_seed_gives_the_same_kernels_and_another_seed_others():
    same, again, other = (Convolution2D(3, 4, 3, seed=s).params["W"] for s in (1, 1, 2))
    np.testing.assert_array_equal(same, again)
    assert (same != other).any()


def test_shapes_and_costs_of_conv1_and_conv2():
    conv1 = Convolution2D(3, 96, 11, 4, ceil_mode=True)
    assert conv1.output_shape((3, 224, 224)) == (96, 55, 55)
    assert conv1.multiply_adds((3, 224, 224)) == 55 * 55 * 96 * 3 * 11 * 11
    conv2 = Convolution2D(96, 256, 5, padding=2, groups=2)
    assert conv2.params["W"].shape == (256, 48, 5, 5)
    assert conv2.output_shape((96, 27, 27)) == (256, 27, 27)
    assert conv2.multiply_adds((96, 27, 27)) == 27 * 27 * 256 * 48 * 5 * 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": 2}, "groups to divide 3 input and 4 output channels, got 2"),
        ({"groups": 0}, "got 0"),
        ({"kernel_size": 0}, "kernel_size to be a whole number >= 1"),
        ({"stride": 0}, "stride to be a whole number >= 1"),
        ({"padding": -1}, "padding to be a whole number >= 0"),
        ({"out_channels": 0}, "out_channels"),
    ],
)
def test_impossible_layers_are_refused(arguments, message):
    given = {"in_channels": 3, "out_channels": 4, "kernel_size": 3, **arguments}
    with pytest.raises(ValueError, match=message):
        Convolution2D(**given)


def test_wrong_input_is_refused():
    layer = Convolution2D(96, 4, 5)
    with pytest.raises(
        ValueError, match="Convolution2D expected 96 input channels, got 3"
    ):
        layer.forward(np.ones((1, 3, 8, 8)))
    with pytest.raises(ValueError, match=r"\(N, C, H, W\), got shape \(96, 8, 8\)"):
        layer.forward(np.ones((96, 8, 8)))
    with pytest.raises(ValueError, match=r"at least 5 pixels .* got 4"):
        layer.forward(np.ones((1, 96, 4, 8)))
