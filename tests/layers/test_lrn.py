"""LocalResponseNormalization against the loops, at an alpha that shows."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minialexnet import LocalResponseNormalization
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises.oracles import LocalResponseNormalization as Loops
from minialexnet.gradient_check import check_layer
from tests.support.geometries import normal, seeds

# At alpha 1e-4 a window of four maps passes for one of five: mostly test larger ones.
alphas = st.sampled_from([0.1, 0.5, 1.0, 1e-4])
both_axes = pytest.mark.parametrize("across", ["channels", "space"])


def over_windows(test):
    """Draw (N, C, H, W), n, alpha and a seed; always C < n, even n, the paper's."""
    shapes = st.tuples(
        st.integers(1, 2), st.integers(1, 7), st.integers(1, 5), st.integers(1, 5)
    )
    for shape, n, alpha in [
        ((1, 3, 2, 4), 5, 0.1),
        ((2, 6, 3, 1), 4, 0.5),
        ((1, 7, 1, 2), 5, 1e-4),
        ((1, 2, 2, 5), 2, 1.0),
    ]:
        test = example(shape=shape, n=n, alpha=alpha, seed=3)(test)
    return given(shape=shapes, n=st.integers(1, 7), alpha=alphas, seed=seeds)(test)


@both_axes
@over_windows
def test_forward_is_the_loops(xp, across, shape, n, alpha, seed):
    x = normal(seed, *shape)
    layer = LocalResponseNormalization(2, n, alpha, 0.75, across)
    y = to_numpy(layer.forward(xp.asarray(x)))
    expected = Loops(2, n, alpha, 0.75, across).forward(x)
    np.testing.assert_allclose(y, expected, rtol=1e-12, strict=True)


@both_axes
@over_windows
def test_gradient_by_the_complex_step(across, shape, n, alpha, seed):
    layer = LocalResponseNormalization(1.5, n, alpha, 0.6, across)
    report = check_layer(layer, normal(seed, *shape))
    assert report.errors["x"] < 1e-12


@both_axes
@pytest.mark.parametrize("n", [4, 5])
def test_backward_is_the_same_on_every_module(xp, across, n):
    x, dy = normal(0, 2, 6, 5, 4), normal(1, 2, 6, 5, 4)
    layer = LocalResponseNormalization(n=n, alpha=0.3, across=across)
    layer.forward(x)
    expected = layer.backward(dy)
    layer.forward(xp.asarray(x))
    dx = to_numpy(layer.backward(xp.asarray(dy)))
    np.testing.assert_allclose(dx, expected, rtol=1e-12, atol=1e-14)


def test_the_defaults_are_the_papers():
    x = 20 * normal(0, 1, 9, 2, 2)
    expected = Loops(2, 5, 1e-4, 0.75).forward(x)
    y = LocalResponseNormalization().forward(x)
    np.testing.assert_allclose(y, expected, rtol=1e-13)


@pytest.mark.parametrize(("across", "count"), [("channels", 3), ("space", 9)])
def test_divided_alpha_is_the_2012_codes(across, count):
    x = normal(0, 2, 4, 3, 5)
    divided = LocalResponseNormalization(
        2, 3, 0.9, 0.75, across, divide_alpha_by_n=True
    )
    y = divided.forward(x)
    expected = Loops(2, 3, 0.9 / count, 0.75, across).forward(x)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    assert check_layer(divided, x).errors["x"] < 1e-12


def test_one_map_sees_the_five_about_it_and_no_others():
    x = np.zeros((1, 11, 1, 1))
    x[0, 5] = 1
    others = np.ones((1, 11, 1, 1))
    others[0, 5] = 0
    layer = LocalResponseNormalization(k=1, n=5, alpha=1, beta=1)
    y = layer.forward(x + others * 1e-3).ravel()
    np.testing.assert_array_equal(np.flatnonzero(y < 0.9e-3), [3, 4, 6, 7])


def test_a_large_batch_worked_off_in_parts_is_its_examples_one_by_one(monkeypatch):
    monkeypatch.setattr("minialexnet.engine.parts.CPU_BYTES", 1 << 20)
    x, dy = normal(0, 6, 8, 60, 60), normal(1, 6, 8, 60, 60)
    layer = LocalResponseNormalization(alpha=0.1)
    y, dx = layer.forward(x), layer.backward(dy)
    for n in range(6):
        np.testing.assert_array_equal(layer.forward(x[n : n + 1])[0], y[n])
        np.testing.assert_array_equal(layer.backward(dy[n : n + 1])[0], dx[n])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"across": "maps"}, "across to be 'channels' or 'space', got 'maps'"),
        ({"n": 0}, "n >= 1, got 0"),
        ({"n": 2.5}, "n to be a whole number >= 1, got 2.5"),
        ({"k": 0}, "k > 0"),
        ({"alpha": -1}, "alpha >= 0"),
        ({"k": float("nan")}, "k to be a finite number, got nan"),
        ({"k": float("inf")}, "k to be a finite number, got inf"),
        ({"alpha": float("inf")}, "alpha to be a finite number, got inf"),
        ({"beta": float("nan")}, "beta to be a finite number, got nan"),
    ],
)
def test_impossible_layers_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNormalization(**arguments)


def test_squares_that_float16_cannot_hold_are_computed_in_float32(xp):
    layer = LocalResponseNormalization()
    x = xp.full((1, 1, 1, 1), 300.0, dtype="float16")
    y, dx = layer.forward(x), layer.backward(xp.ones((1, 1, 1, 1), dtype="float16"))
    assert y.dtype == dx.dtype == "float16"
    wide = LocalResponseNormalization()
    expected = [
        wide.forward(np.full((1, 1, 1, 1), 300.0)), wide.backward(np.ones((1, 1, 1, 1)))
    ]  # fmt: skip
    assert float(y[0, 0, 0, 0]) == pytest.approx(49.67, abs=0.02)
    np.testing.assert_allclose([to_numpy(y), to_numpy(dx)], expected, rtol=1e-3)


def test_an_input_that_is_no_picture_is_refused():
    expected = (
        r"LocalResponseNormalization expected .*\(N, C, H, W\), got shape \(2, 8\)"
    )
    with pytest.raises(ValueError, match=expected):
        LocalResponseNormalization().forward(np.ones((2, 8)))


@pytest.mark.parametrize("n", [2, 4, 5])
def test_groups_of_maps_are_each_by_themselves(xp, n):
    x = normal(0, 2, 12, 3, 2)
    layer = LocalResponseNormalization(n=n, alpha=0.3, groups=3)
    y = to_numpy(layer.forward(xp.asarray(x)))
    for maps in (slice(0, 4), slice(4, 8), slice(8, 12)):
        expected = Loops(2, n, 0.3, 0.75).forward(x[:, maps])
        np.testing.assert_allclose(y[:, maps], expected, rtol=1e-12)
    assert check_layer(layer, x).errors["x"] < 1e-12


def test_channels_that_do_not_fall_into_the_groups_are_refused():
    layer = LocalResponseNormalization(groups=2)
    with pytest.raises(ValueError, match="divisible into 2 groups, got 3"):
        layer.forward(normal(0, 1, 3, 2, 2))
    with pytest.raises(ValueError, match="groups >= 1, got 0"):
        LocalResponseNormalization(groups=0)
