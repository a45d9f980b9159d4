"""Pooling from a start on."""

import numpy as np
import pytest

from minialexnet.gradient_check import check_layer
from tests.support.geometries import distinct
from tests.support.layer_files import pooled


@pytest.mark.parametrize("pool", ["max", "avg"])
@pytest.mark.parametrize(
    ("start", "outputs", "size", "stride", "windows"),
    [
        (0, 0, 3, 2, [0, 2, 4]),
        (0, 0, 2, 2, [0, 2, 4, 6]),  # the last hangs over the edge
        (-1, 0, 3, 2, [-1, 1, 3, 5]),
        (2, 0, 3, 2, [2, 4]),
        (1, 2, 3, 1, [1, 2]),
        (-2, 3, 4, 3, [-2, 1, 4]),
    ],
)
def test_pooling_begins_and_ends_where_it_is_told(
    written, pool, start, outputs, size, stride, windows
):
    keys = {"start": start, "outputsX": outputs, "sizeX": size, "stride": stride}
    layer = pooled(written, pool=pool, **keys).layers["pool"]
    x = distinct(0, 2, 2, 7, 7)
    best = np.max if pool == "max" else np.mean
    expected = np.array(
        [
            best(x[:, :, max(0, h) : h + size, max(0, w) : w + size], axis=(2, 3))
            for h in windows
            for w in windows
        ]
    )
    y = layer.forward(x)
    assert y.shape[1:] == layer.output_shape((2, 7, 7))
    np.testing.assert_allclose(y.reshape(2, 2, -1), np.moveaxis(expected, 0, 2))
    assert check_layer(layer, x[:1]).errors["x"] < 1e-12
