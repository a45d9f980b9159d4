"""WinogradConvolution2D is Convolution2D, forward and backward, but for rounding."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minialexnet import Convolution2D, Normal, WinogradConvolution2D
from minialexnet.engine import parts
from minialexnet.engine.transfer import to_numpy
from minialexnet.gradient_check import check_layer
from tests.support.geometries import normal, on, seeds


def build(kind, kernel_size, padding, groups, seed):
    return kind(
        *(2 * groups, 3 * groups, kernel_size),
        padding=padding,
        groups=groups,
        weight=Normal(1),
        bias=Normal(1),
        seed=seed,
    )


def over_pictures(test):
    """Draw a kernel, a padding below it, groups and a picture; always tiles cut off."""
    for kernel_size, padding, size in [(3, 1, (8, 5)), (5, 2, (4, 9)), (5, 4, (1, 3))]:
        test = example(
            kernel_size=kernel_size, padding=padding, size=size, groups=2, seed=1
        )(test)
    return given(
        kernel_size=st.sampled_from([3, 5]),
        padding=st.integers(0, 2),
        size=st.tuples(st.integers(5, 11), st.integers(5, 11)),
        groups=st.integers(1, 2),
        seed=seeds,
    )(test)


@over_pictures
def test_forward_and_backward_are_im2cols(xp, kernel_size, padding, size, groups, seed):
    x = normal(seed, 2, 2 * groups, *size)
    plain = build(Convolution2D, kernel_size, padding, groups, seed).astype("float64")
    tiled = build(WinogradConvolution2D, kernel_size, padding, groups, seed)
    on(xp, tiled)
    y = plain.forward(x)
    dy = normal(seed + 1, *y.shape)
    dx = plain.backward(dy)
    found = to_numpy(tiled.forward(xp.asarray(x)))
    np.testing.assert_allclose(found, y, rtol=1e-10, atol=1e-11, strict=True)
    found = to_numpy(tiled.backward(xp.asarray(dy)))
    np.testing.assert_allclose(found, dx, rtol=1e-10, atol=1e-11, strict=True)
    for key in "Wb":
        np.testing.assert_allclose(
            to_numpy(tiled.grads[key]), plain.grads[key], rtol=1e-10, atol=1e-10
        )


@settings(max_examples=10)
@over_pictures
def test_gradients_by_the_complex_step(kernel_size, padding, size, groups, seed):
    layer = build(WinogradConvolution2D, kernel_size, padding, groups, seed)
    report = check_layer(layer.astype("float64"), normal(seed, 1, 2 * groups, *size))
    # The changes of basis cost a digit or two of the sixteen.
    assert max(report.errors.values()) < 1e-11


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_float32_is_close_over_many_channels_and_parts(kernel_size):
    padding = kernel_size // 2
    x = normal(0, 24, 48, 27, 27).astype("float32")
    plain = Convolution2D(48, 32, kernel_size, padding=padding, seed=2)
    tiled = WinogradConvolution2D(48, 32, kernel_size, padding=padding, seed=2)
    # 49 tiles of an image, thrice, at each of the n x n points of the 48 channels.
    assert 24 * 3 * 49 * (4 + padding * 2) ** 2 * 48 * x.itemsize > 2 * parts.CPU_BYTES
    y, found = plain.forward(x), tiled.forward(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, y, atol=1e-4 * abs(y).max())
    dy = normal(1, *y.shape).astype("float32")
    dx, found = plain.backward(dy), tiled.backward(dy)
    np.testing.assert_allclose(found, dx, atol=1e-4 * abs(dx).max())
    dW = plain.grads["W"]
    np.testing.assert_allclose(tiled.grads["W"], dW, atol=1e-4 * abs(dW).max())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kernel_size": 11}, "kernel_size 3 or 5 and stride 1, got .11, 11"),
        ({"kernel_size": (3, 5)}, r"got \(3, 5\)"),
        ({"kernel_size": 3, "stride": 2}, "got .3, 3. and .2, 2."),
        ({"kernel_size": 3, "padding": 3}, "padding below 3, got .3, 3."),
    ],
)
def test_what_it_cannot_do_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        WinogradConvolution2D(2, 4, **arguments)
