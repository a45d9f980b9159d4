"""The poolings against the loops; ties and padding by themselves."""

import numpy as np
import pytest

from minialexnet import AveragePooling2D, MaxPooling2D
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_layer
from tests.support.geometries import distinct, normal, over_geometries, whole

LAYERS = {
    MaxPooling2D: lambda x, *windows: oracles.MaxPooling2D(*windows).forward(x),
    AveragePooling2D: oracles.average_pooling,
}
each_pooling = pytest.mark.parametrize("layer_class", LAYERS)


@each_pooling
@over_geometries(padding_share=0.5)
def test_forward_is_the_loops(xp, layer_class, geometry, seed):
    x = distinct(seed, *geometry.shape)
    layer = layer_class(*geometry.windows)
    y = to_numpy(layer.forward(xp.asarray(x)))
    expected = LAYERS[layer_class](x, *geometry.windows)
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-15, strict=True)
    assert y.shape[1:] == layer.output_shape(x.shape[1:])


@each_pooling
@over_geometries(padding_share=0.5)
def test_gradient_by_the_complex_step(layer_class, geometry, seed):
    layer = layer_class(*geometry.windows)
    report = check_layer(layer, distinct(seed, *geometry.shape))
    assert report.errors["x"] < 1e-12


@over_geometries(padding_share=0.5)
def test_ties_pass_their_gradient_once_to_the_first(xp, geometry, seed):
    # Of three values only, so that most windows hold their maximum several times.
    x = np.random.default_rng(seed).integers(-3, 0, geometry.shape).astype(float)
    layer = MaxPooling2D(*geometry.windows)
    dy = whole(seed, *layer.forward(xp.asarray(x)).shape)
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    expected = oracles.MaxPooling2D(*geometry.windows)
    expected.forward(x)
    np.testing.assert_array_equal(dx, expected.backward(dy), strict=True)


@each_pooling
@over_geometries(padding_share=0.5)
def test_a_constant_picture_stays_constant_and_loses_no_gradient(
    xp, layer_class, geometry, seed
):
    layer = layer_class(*geometry.windows)
    y = to_numpy(layer.forward(xp.full(geometry.shape, -2.0)))
    assert (y == -2).all()  # padding neither wins nor counts
    dy = whole(seed, *y.shape)
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(dx.sum(), dy.sum(), atol=1e-11)


@over_geometries(padding_share=0.5)
def test_average_backward_is_the_same_on_every_module(xp, geometry, seed):
    layer, x = AveragePooling2D(*geometry.windows), normal(seed, *geometry.shape)
    dy = whole(seed, *layer.forward(x).shape)
    expected = layer.backward(dy)
    layer.forward(xp.asarray(x))
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(dx, expected, rtol=1e-13, atol=1e-15)


@each_pooling
def test_all_negative_pictures_keep_below_zero(xp, layer_class):
    x = -1 - np.abs(normal(0, 1, 2, 7, 5))
    for geometry in [(3, 2), (3, 2, 1), (3, 2, 1, True)]:
        assert (to_numpy(layer_class(*geometry).forward(xp.asarray(x))) <= -1).all()


def test_the_default_windows_overlap_as_the_papers():
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    layer = MaxPooling2D()
    assert layer.forward(x).tolist() == [[[[12, 14], [22, 24]]]]
    assert AveragePooling2D().forward(x).tolist() == [[[[6, 8], [16, 18]]]]
    x[0, 0, 2, 2] = 99  # under all four windows
    layer.forward(x)
    assert layer.backward(np.ones((1, 1, 2, 2)))[0, 0, 2, 2] == 4


def test_the_shapes_of_the_papers_three_poolings():
    layer = MaxPooling2D(3, 2)
    sizes = [layer.output_shape((96, size, size)) for size in (55, 27, 13)]
    assert sizes == [(96, 27, 27), (96, 13, 13), (96, 6, 6)]


@each_pooling
def test_a_large_batch_worked_off_in_parts_is_its_examples_one_by_one(
    layer_class, monkeypatch
):
    monkeypatch.setattr("minialexnet.engine.parts.CPU_BYTES", 1 << 20)
    x, layer = distinct(1, 5, 8, 70, 60), layer_class()
    y = layer.forward(x)
    dy = normal(2, *y.shape)
    dx = layer.backward(dy)
    for n in range(5):
        np.testing.assert_array_equal(layer.forward(x[n : n + 1])[0], y[n])
        np.testing.assert_array_equal(layer.backward(dy[n : n + 1])[0], dx[n])


@each_pooling
@pytest.mark.parametrize("padding", [2, (1, 2), (2, 0)])
def test_windows_of_nothing_but_padding_are_refused(layer_class, padding):
    with pytest.raises(ValueError, match="padding of at most half the kernel"):
        layer_class(3, 2, padding)


@each_pooling
def test_wrong_input_is_refused(layer_class):
    layer = layer_class()
    name = layer_class.__name__
    with pytest.raises(ValueError, match=rf"{name} expected .*got shape \(3, 8, 8\)"):
        layer.forward(np.ones((3, 8, 8)))
    with pytest.raises(ValueError, match=r"at least 3 pixels .* got 2"):
        layer.forward(np.ones((1, 1, 2, 8)))
    with pytest.raises(ValueError, match=rf"{name} expected .*got shape \(192,\)"):
        layer.output_shape((192,))


def test_an_infinite_gradient_goes_to_its_winner_alone(xp):
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    layer = MaxPooling2D(2, 1)
    layer.forward(xp.asarray(x))
    dy = np.array([[[[np.inf, 1.0], [-np.inf, np.nan]]]])
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    expected = [[0, 0, 0], [0, np.inf, 1], [0, -np.inf, np.nan]]
    np.testing.assert_array_equal(dx[0, 0], expected)


def test_of_a_window_with_nan_the_first_nan_takes_the_gradient(xp):
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 1, 0] = x[0, 0, 1, 1] = np.nan
    layer = MaxPooling2D(2, 2)
    y = to_numpy(layer.forward(xp.asarray(x)))
    np.testing.assert_array_equal(y[0, 0], [[np.nan, 7], [13, 15]])
    dy = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    expected = [[0, 0, 0, 0], [1, 0, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]]
    np.testing.assert_array_equal(dx[0, 0], expected)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("size", [2, 3])  # the window of 3 hangs over the edge
def test_windows_of_infinite_pixels_lose_no_gradient(xp, value, size):
    layer = MaxPooling2D(size, 2, ceil_mode=True)
    layer.forward(xp.full((1, 1, 2, 2), value))
    dx = to_numpy(layer.backward(xp.full((1, 1, 1, 1), 5.0)))
    np.testing.assert_array_equal(dx[0, 0], [[5, 0], [0, 0]])


def test_a_mean_whose_sum_float16_cannot_hold(xp):
    x = xp.full((1, 1, 3, 3), 30000.0, dtype="float16")
    y = AveragePooling2D().forward(x)
    assert y.dtype == "float16"
    assert float(y[0, 0, 0, 0]) == 30000
