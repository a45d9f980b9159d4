"""What every layer promises, whatever it computes."""

import re
import sys

import numpy as np
import pytest

from minialexnet import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    Normal,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    WinogradConvolution2D,
)
from minialexnet.cuda_convnet.contrast import LocalContrastNormalization
from minialexnet.engine.transfer import to_numpy
from minialexnet.parallel.batch import DataParallel
from tests.support import strict_cupy
from tests.support.geometries import distinct, normal, on

PICTURES, ROWS = (2, 4, 7, 6), (3, 8)
WIDE = {"weight": Normal(1), "bias": Normal(1)}


def small_network():
    return Sequential(
        [
            Convolution2D(4, 6, 3, padding=1, groups=2, **WIDE),
            ReLU(),
            LocalResponseNormalization(alpha=0.1),
            MaxPooling2D(3, 2, ceil_mode=True),
            Sequential([Convolution2D(6, 4, (3, 2), **WIDE), Tanh()]),
            AveragePooling2D((1, 2), 1),
            Flatten(),
            Dropout(0.5),
            FullyConnected(4, 3, **WIDE),
            Sigmoid(),
        ]
    )


LAYERS = {
    "convolution": (lambda: Convolution2D(4, 6, 3, 2, 1, **WIDE), PICTURES),
    "winograd": (lambda: WinogradConvolution2D(4, 6, 3, 1, 1, 2, **WIDE), PICTURES),
    "groups": (lambda: Convolution2D(4, 6, (3, 2), 1, 1, 2, True, **WIDE), PICTURES),
    "relu": (ReLU, PICTURES),
    "tanh": (Tanh, PICTURES),
    "sigmoid": (Sigmoid, ROWS),
    "lrn": (lambda: LocalResponseNormalization(alpha=0.1), PICTURES),
    "lrn space": (lambda: LocalResponseNormalization(across="space"), PICTURES),
    "contrast": (lambda: LocalContrastNormalization(n=3, alpha=0.5), PICTURES),
    "max pooling": (lambda: MaxPooling2D(3, 2, 1), PICTURES),
    "average pooling": (lambda: AveragePooling2D(3, 2, 1, True), PICTURES),
    "dropout": (lambda: Dropout(0.5, seed=1), PICTURES),
    "inverted dropout": (lambda: Dropout(0.3, inverted=True), ROWS),
    "fully connected": (lambda: FullyConnected(8, 5, **WIDE), ROWS),
    "flatten": (Flatten, PICTURES),
    "network": (small_network, PICTURES),
    "data parallel": (lambda: DataParallel(small_network(), 2), PICTURES),
}
each_layer = pytest.mark.parametrize(("build", "shape"), LAYERS.values(), ids=LAYERS)


def parameters(layer):
    return layer.parameters() if isinstance(layer, Sequential) else layer.params


def gradients(layer):
    return layer.gradients() if isinstance(layer, Sequential) else layer.grads


def step(layer, x, dy, train):
    """Return y, dx and the gradients by parameter, as NumPy arrays."""
    y = layer.forward(x, train)
    dx = layer.backward(dy)
    return [to_numpy(a) for a in (y, dx, *gradients(layer).values())]


def output_gradient(build, shape):
    """Return some dy for the layer's output."""
    return normal(2, *build().forward(distinct(1, *shape)).shape)


@each_layer
@pytest.mark.parametrize("train", [False, True])
def test_the_results_are_the_same_on_every_module(xp, build, shape, train):
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    expected = step(build().astype("float64"), x, dy, train)
    got = step(on(xp, build()), xp.asarray(x), xp.asarray(dy), train)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11, strict=True)


@each_layer
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_dtype_stays(xp, build, shape, dtype):
    layer = on(xp, build(), dtype)
    x = xp.asarray(distinct(1, *shape), dtype=dtype)
    dy = xp.asarray(output_gradient(build, shape), dtype=dtype)
    for train in (False, True):
        for array in step(layer, x, dy, train):
            assert array.dtype == dtype


@each_layer
def test_float32_is_near_float64(xp, build, shape):
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    expected = step(build().astype("float64"), x, dy, True)
    got = step(
        on(xp, build(), "float32"),
        xp.asarray(x, dtype="float32"),
        xp.asarray(dy, dtype="float32"),
        True,
    )
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


@each_layer
def test_arguments_and_parameters_are_left_alone(build, shape):
    layer = build().astype("float64")
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    held = [x, dy, *parameters(layer).values()]
    before = [array.copy() for array in held]
    for train in (False, True):
        step(layer, x, dy, train)
        # Not one bit, nor is an array of its own handed out for another.
        for array, copy in zip(held, before, strict=True):
            np.testing.assert_array_equal(array, copy)


@each_layer
def test_every_parameter_has_a_gradient_of_its_shape(build, shape):
    layer = build()
    step(layer, distinct(1, *shape), output_gradient(build, shape), True)
    shapes = {name: w.shape for name, w in parameters(layer).items()}
    assert {name: g.shape for name, g in gradients(layer).items()} == shapes


@each_layer
def test_a_second_backward_gives_the_same(build, shape):
    layer = build().astype("float64")
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    first = step(layer, x, dy, False)
    again = [layer.backward(dy), *gradients(layer).values()]
    for a, b in zip(first[1:], again, strict=True):
        np.testing.assert_array_equal(a, b)


@each_layer
def test_a_second_forward_forgets_the_first(build, shape):
    # A smaller batch and other values: nothing of the first may be seen.
    layer, fresh = build().astype("float64"), build().astype("float64")
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    step(layer, x, dy, False)
    expected = step(fresh, 2 - x[:1], dy[:1], False)
    for a, b in zip(step(layer, 2 - x[:1], dy[:1], False), expected, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


@each_layer
def test_any_memory_layout_will_do(build, shape):
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    expected = step(build().astype("float64"), x, dy, True)
    turned = [np.asfortranarray(x), np.repeat(dy, 2, axis=-1)[..., ::2]]
    for a, b in zip(
        step(build().astype("float64"), *turned, True), expected, strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@each_layer
def test_the_output_shape_is_told_beforehand(build, shape):
    layer = build()
    y = layer.forward(distinct(1, *shape))
    assert y.shape == (shape[0], *layer.output_shape(shape[1:]))


@each_layer
def test_a_batch_of_one_is_the_first_of_many(build, shape):
    layer, x = build().astype("float64"), distinct(1, *shape)
    np.testing.assert_allclose(layer.forward(x)[:1], layer.forward(x[:1]), rtol=1e-12)


@each_layer
def test_backward_before_forward_is_refused(build, shape):
    layer = build()
    dy = output_gradient(build, shape)
    name = type(layer).__name__
    with pytest.raises(
        RuntimeError, match=f"{name}.backward was called before forward"
    ):
        layer.backward(dy)


@each_layer
def test_a_gradient_of_another_shape_is_refused(build, shape):
    layer, dy = build(), output_gradient(build, shape)
    layer.forward(distinct(1, *shape))
    name, expected = type(layer).__name__, re.escape(str(dy.shape))
    for wrong in (dy[:1], dy[..., :1], dy.reshape(-1)):
        got = re.escape(str(wrong.shape))
        with pytest.raises(
            ValueError, match=f"{name}.backward .*{expected}, got {got}"
        ):
            layer.backward(wrong)


@each_layer
def test_an_empty_batch_is_refused(build, shape):
    with pytest.raises(ValueError, match=r"at least one example, got shape \(0, "):
        build().forward(np.ones((0, *shape[1:])))


@each_layer
def test_one_example_without_a_batch_is_told_so(build, shape):
    with pytest.raises(ValueError, match=r"\(N, .*got shape \(7,\)"):
        build().forward(np.ones(7))


@pytest.mark.parametrize("layer_class", [ReLU, Flatten, Dropout, FullyConnected])
def test_an_array_of_one_axis_is_told_how_to_make_a_batch(layer_class):
    layer = layer_class(7, 2) if layer_class is FullyConnected else layer_class()
    with pytest.raises(ValueError, match=r"expected a batch, .* make x\[None\]"):
        layer.forward(np.ones(7))


@pytest.mark.parametrize("whole", [np.int64, np.int32, np.uint8])
def test_sizes_may_be_numpys_whole_numbers(whole):
    one, two, three = whole(1), whole(2), whole(3)
    x = np.ones((2, 4, 5, 5), np.float32)
    for layer in (
        Convolution2D(whole(4), two, three, two, one, groups=two),
        WinogradConvolution2D(whole(4), two, (three, three), one, one, groups=two),
        MaxPooling2D(three, (two, two), one),
        AveragePooling2D(three, two, one),
        LocalResponseNormalization(n=three, groups=two),
        LocalContrastNormalization(n=three),
        Dropout(0.5, seed=three, first_sample=one, first_unit=two),
    ):
        y = layer.forward(x, train=True)
        assert layer.backward(y).shape == x.shape
    fc = FullyConnected(three, two)
    assert type(fc.in_features) is int
    assert fc.forward(np.ones((1, 3), np.float32)).shape == (1, 2)
    for wrong in (np.float64(3), 3.0, "3", None):
        with pytest.raises(ValueError, match="whole number"):
            LocalResponseNormalization(n=wrong)
        with pytest.raises(ValueError, match="whole number"):
            FullyConnected(wrong, 2)


@each_layer
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_whole_numbers_are_refused(build, shape, dtype):
    with pytest.raises(TypeError, match=f"floating-point input, got {dtype}"):
        build().forward(np.ones(shape, dtype))


def test_one_picture_and_a_gradient_of_whole_numbers_are_refused_in_words():
    layer, x = Convolution2D(3, 4, 3), np.ones((3, 8, 8), np.float32)
    words = r"Convolution2D expected an input \(N, C, H, W\), got shape \(3, 8, 8\)"
    with pytest.raises(ValueError, match=words):
        layer.forward(x)
    y = layer.forward(x[None])
    with pytest.raises(TypeError, match="expected a floating-point dy, got int64"):
        layer.backward(y.astype("int64"))


@each_layer
def test_what_is_no_array_is_refused(build, shape):
    with pytest.raises(TypeError, match="expected a NumPy or CuPy array, got list"):
        build().forward(np.ones(shape).tolist())


@pytest.mark.parametrize("name", ["convolution", "fully connected", "network"])
def test_arrays_of_two_modules_are_refused(name):
    build, shape = LAYERS[name]
    with pytest.raises(TypeError, match="expected arrays of one module"):
        build().forward(strict_cupy.ones(shape))


@each_layer
def test_a_layer_stays_on_the_device_of_its_arrays(build, shape):
    x, dy = distinct(1, *shape), output_gradient(build, shape)
    expected = step(build().astype("float64"), x, dy, True)
    with strict_cupy.cuda.Device(1):
        layer = on(strict_cupy, build())
        there = [strict_cupy.asarray(x), strict_cupy.asarray(dy)]
        y, dx = layer.forward(there[0], True), layer.backward(there[1])
        got = [y, dx, *gradients(layer).values()]
    for a, b in zip(got, expected, strict=True):
        assert a.device.id == 1
        np.testing.assert_allclose(a.get(), b, rtol=1e-12, atol=1e-12)


@each_layer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_astype_casts_the_parameters_and_returns_the_layer(build, shape, dtype):
    layer = build()
    before = {name: w.astype(dtype) for name, w in parameters(layer).items()}
    assert layer.astype(dtype) is layer
    for name, w in parameters(layer).items():
        np.testing.assert_array_equal(w, before[name], strict=True)


@each_layer
def test_the_parameters_move_to_a_device_and_back(build, shape, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)
    layer = build()
    before = {name: w.copy() for name, w in parameters(layer).items()}
    layer.to("cuda:1")
    assert all(w.device.id == 1 for w in parameters(layer).values())
    layer.to("cpu")
    for name, w in parameters(layer).items():
        np.testing.assert_array_equal(w, before[name], strict=True)


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_a_layer_that_lacks_a_method_says_so(method):
    class Square(Layer):
        pass

    with pytest.raises(NotImplementedError, match=f"Square has no {method}"):
        getattr(Square(), method)(np.ones((1, 1)))
