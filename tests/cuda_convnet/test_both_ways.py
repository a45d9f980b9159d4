"""Every layer that a layer file makes, by the GPU's kernels and by the plain bodies."""

import numpy as np
import pytest

from minialexnet.engine.twin import plain, runs_kernels
from tests.engine.test_kernels import assert_layer_same, assert_same
from tests.support.geometries import normal, on
from tests.support.layer_files import NARROW, WEB, WEB_PARAMS, pooled


@pytest.mark.parametrize("pool", ["max", "avg"])
@pytest.mark.parametrize(
    ("start", "outputs", "size", "stride"),
    [(0, 0, 3, 2), (-1, 0, 3, 2), (2, 0, 3, 2), (1, 2, 3, 1), (-2, 3, 4, 3)],
)
def test_pooling_from_a_start(gpu_xp, written, pool, start, outputs, size, stride):
    keys = {"start": start, "outputsX": outputs, "sizeX": size, "stride": stride}
    layer = pooled(written, pool=pool, **keys).layers["pool"]
    x = gpu_xp.asarray(normal(0, 2, 2, 7, 7))
    assert_layer_same(gpu_xp, layer, x)


def results(layer, x, dy, train):
    """Return all that a layer of one input or of several computes."""
    y = layer.forward(x, train)
    dx = layer.backward(dy)
    return [y, *(dx if isinstance(dx, list) else [dx]), *layer.grads.values()]


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize(
    ("texts", "shape"), [((WEB, WEB_PARAMS), (2, 6, 6)), (NARROW, (3, 63, 63))]
)
def test_every_layer_of_a_network(gpu_xp, written, texts, shape, train):
    network = written(*texts, shape).astype("float64")
    shapes = {"": shape} | {r.name: r.output_shape for r in network.table(shape).rows}
    for name, layer in network.layers.items():
        on(gpu_xp, layer)
        x = [
            gpu_xp.asarray(normal(i, 2, *shapes[source]))
            for i, source in enumerate(network.inputs[name])
        ]
        dy = gpu_xp.asarray(normal(5, 2, *shapes[name]))
        state = dict(layer.state)
        assert all(runs_kernels(array) for array in x)
        x = x[0] if len(x) == 1 else x
        with_kernels = results(layer, x, dy, train)
        layer.state = dict(state)
        with plain():
            without = results(layer, x, dy, train)
        assert len(with_kernels) == len(without)
        for got, expected in zip(with_kernels, without, strict=True):
            assert_same(got, expected)


def test_two_starts_give_two_results(written):
    """The start is not lost: other windows, other numbers."""
    x = normal(0, 1, 2, 7, 7)
    results = [
        pooled(written, start=start, outputsX=3).layers["pool"].forward(x)
        for start in (-1, 0)
    ]
    assert not np.array_equal(*results)
