"""Every layer of the package, and networks of them, pass the gradient check."""

import numpy as np
import pytest

import minialexnet as mn
from minialexnet.gradient_check import (
    check_layer,
)
from tests.support.geometries import distinct, normal


def real_layers():
    """Yield (layer, input, train) for every layer, and for networks of them."""
    big = mn.Normal(0.5)
    conv = {"kernel_size": 3, "weight": big, "bias": big}
    image, odd = distinct(1, 2, 4, 7, 5), distinct(2, 1, 4, 6, 9)
    yield mn.Convolution2D(4, 6, stride=2, padding=1, groups=2, **conv), image, False
    yield mn.Convolution2D(4, 3, ceil_mode=True, **conv), odd, False
    for layer in (mn.ReLU(), mn.Tanh(), mn.Sigmoid(), mn.Flatten()):
        yield layer, image, False
    for across in ("channels", "space"):
        for n in (4, 5):
            lrn = mn.LocalResponseNormalization(n=n, alpha=0.3, across=across)
            yield lrn, normal(3, 2, 3, 4, 5), False
    for pooling in (mn.MaxPooling2D, mn.AveragePooling2D):
        yield pooling(3, 2), image, False
        yield pooling(3, 2, padding=1, ceil_mode=True), odd, True
    for train in (False, True):
        yield mn.Dropout(0.3, seed=4), normal(4, 3, 20), train
        yield mn.Dropout(0.3, inverted=True, seed=4), normal(4, 3, 20), train
    yield mn.FullyConnected(5, 3, weight=big, bias=big), normal(5, 4, 5), False
    inner = mn.Sequential([mn.Convolution2D(4, 4, padding=1, **conv), mn.ReLU()])
    network = mn.Sequential(
        [
            inner,
            ("lrn", mn.LocalResponseNormalization(alpha=0.2)),
            mn.MaxPooling2D(3, 2),
            mn.Flatten(),
            mn.Dropout(0.4, seed=2),
            mn.FullyConnected(24, 3, weight=big),
        ]
    )
    yield network, normal(6, 2, 4, 7, 5), True


REAL = list(real_layers())


each_real = pytest.mark.parametrize(
    ("layer", "x", "train"), REAL, ids=[type(layer).__name__ for layer, *_ in REAL]
)


@each_real
def test_every_layer_is_right(layer, x, train):
    before = {
        key: (array, array.copy())
        for key, array in (
            layer.parameters() if hasattr(layer, "parameters") else layer.params
        ).items()
    }
    report = check_layer(layer, x, train=train)
    assert report.errors.keys() == {"x", *before}
    assert {check.method for check in report.arrays} == {"complex"}
    assert max(report.errors.values()) < 1e-12
    after = layer.parameters() if hasattr(layer, "parameters") else layer.params
    for key, (array, values) in before.items():
        assert after[key] is array
        np.testing.assert_array_equal(array, values, strict=True)
    assert layer.state.get("step", 0) == 0


@each_real
def test_every_layer_is_right_by_central_differences(layer, x, train):
    report = check_layer(layer, x, train=train, method="central")
    assert max(report.errors.values()) < 1e-6


def test_the_loss_is_right():
    loss, labels = mn.SoftmaxCrossEntropy(), np.array([2, 0, 1, 2])
    for method, bound in (("auto", 1e-12), ("central", 1e-6)):
        report = check_layer(loss, 3 * normal(7, 4, 3), labels, method=method)
        assert report.errors["x"] < bound
