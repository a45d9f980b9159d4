"""LocalContrastNormalization against the loops, and its exact gradient."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minialexnet.cuda_convnet.contrast import LocalContrastNormalization
from minialexnet.engine.transfer import to_numpy
from minialexnet.gradient_check import check_layer
from tests.support.geometries import distinct, normal, seeds


def contrast(x, k, n, alpha, beta):
    """Divide by k + alpha times the squares about each pixel's own mean."""
    H, W = x.shape[2:]

    def window(h, w):
        rows = range(max(0, h - n // 2), min(H, h - n // 2 + n))
        columns = range(max(0, w - n // 2), min(W, w - n // 2 + n))
        return [(r, q) for r in rows for q in columns]

    e, y = np.zeros(x.shape), np.zeros(x.shape)
    for s, c, h, w in np.ndindex(*x.shape):
        seen = [x[s, c, r, q] for r, q in window(h, w)]
        e[s, c, h, w] = x[s, c, h, w] - sum(seen) / len(seen)
    for s, c, h, w in np.ndindex(*x.shape):
        squares = sum(e[s, c, r, q] ** 2 for r, q in window(h, w))
        y[s, c, h, w] = x[s, c, h, w] / (k + alpha * squares) ** beta
    return y


shapes = st.tuples(*(st.integers(1, top) for top in (2, 2, 6, 5)))


@example(shape=(1, 2, 2, 4), n=5, alpha=0.5, seed=3)  # windows larger than the picture
@example(shape=(2, 1, 5, 3), n=4, alpha=0.1, seed=3)  # an even window
@given(shape=shapes, n=st.integers(1, 6), alpha=st.sampled_from([0.1, 1.0]), seed=seeds)
def test_forward_is_the_loops_and_backward_its_derivative(shape, n, alpha, seed):
    x = normal(seed, *shape) + 1
    layer = LocalContrastNormalization(1.5, n, alpha, 0.6)
    np.testing.assert_allclose(
        layer.forward(x), contrast(x, 1.5, n, alpha, 0.6), rtol=1e-12, strict=True
    )
    assert check_layer(layer, x).errors["x"] < 1e-11


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_module_gives_the_same(xp, dtype):
    x, dy = distinct(0, 2, 3, 5, 4), normal(1, 2, 3, 5, 4)
    layer = LocalContrastNormalization(n=3, alpha=0.3, divide_alpha_by_n=True)
    y = layer.forward(xp.asarray(x, dtype=dtype))
    dx = layer.backward(xp.asarray(dy, dtype=dtype))
    assert y.dtype == dx.dtype == dtype
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    expected = contrast(x, 1, 3, 0.3 / 9, 0.75)
    np.testing.assert_allclose(to_numpy(y), expected, tolerance, tolerance)
    layer.forward(x)
    np.testing.assert_allclose(to_numpy(dx), layer.backward(dy), tolerance, tolerance)


def test_an_even_region_is_divided_by_k_alone():
    layer = LocalContrastNormalization(k=2, n=3, alpha=5, beta=1)
    assert layer.forward(np.full((1, 1, 3, 3), 6.0)).tolist() == [[[[3.0] * 3] * 3]]
    assert layer.output_shape((4, 5, 6)) == (4, 5, 6)


def test_misuse_is_refused():
    layer = LocalContrastNormalization()
    with pytest.raises(RuntimeError, match="before forward"):
        layer.backward(np.zeros((1, 1, 2, 2)))
    with pytest.raises(ValueError, match=r"\(N, C, H, W\), got shape \(2, 3\)"):
        layer.forward(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="k > 0"):
        LocalContrastNormalization(k=0)
