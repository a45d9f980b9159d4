"""im2col against the loops, and col2im as its adjoint."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.engine.parts import batches
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.im2col import col2im, im2col
from minialexnet.windows import output_size, pair
from tests.support.geometries import over_geometries, whole


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 5), st.data())
def test_output_size_counts_the_windows(size, kernel, stride, data):
    padding, ceil_mode = data.draw(st.integers(0, 6)), data.draw(st.booleans())
    expected = len(oracles.window_starts(size, kernel, stride, padding, ceil_mode))
    if expected == 0:
        with pytest.raises(ValueError, match=f"got {size}"):
            output_size(size, kernel, stride, padding, ceil_mode)
    else:
        assert output_size(size, kernel, stride, padding, ceil_mode) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "down", "up"),
    [
        (224, 11, 4, 0, 54, 55),  # conv1: the paper's 224 needs the rounding up
        (227, 11, 4, 0, 55, 55),
        (55, 3, 2, 0, 27, 27),
        (27, 5, 1, 2, 27, 27),
        (13, 3, 2, 0, 6, 6),
        (32, 3, 2, 0, 15, 16),  # the CIFAR-10 network's pooling
        (4, 1, 3, 1, 2, 2),  # rounded up, a third window would begin past the image
        (5, 3, 2, 3, 5, 5),  # none is added, though the last begins past the image
    ],
)
def test_output_size_of_known_layers(size, kernel, stride, padding, down, up):
    assert output_size(size, kernel, stride, padding) == down
    assert output_size(size, kernel, stride, padding, ceil_mode=True) == up


def test_a_kernel_larger_than_the_padded_image_is_refused():
    with pytest.raises(ValueError, match=r"at least 9 pixels .* kernel of 11 .* got 8"):
        output_size(8, 11, 4, 1)
    assert output_size(8, 11, 4, 1, ceil_mode=True) == 1


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_an_image_without_pixels_is_refused(ceil_mode):
    with pytest.raises(ValueError, match="got 0"):
        output_size(0, 3, 1, 0, ceil_mode)


@over_geometries()
def test_im2col_lays_the_windows_out_as_the_loops_do(xp, geometry, seed):
    x = whole(seed, *geometry.shape)
    col = im2col(xp.asarray(x), *geometry.windows)
    np.testing.assert_array_equal(
        to_numpy(col), oracles.im2col(x, *geometry.windows), strict=True
    )


@over_geometries()
def test_col2im_is_the_adjoint_of_im2col(xp, geometry, seed):
    x = whole(seed, *geometry.shape)
    col = im2col(xp.asarray(x), *geometry.windows)
    c = whole(seed + 1, *col.shape)
    back = to_numpy(col2im(xp.asarray(c), geometry.shape, *geometry.windows))
    assert back.shape == x.shape
    assert (to_numpy(col) * c).sum() == (x * back).sum()  # whole numbers: exactly


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_dtype_stays(xp, dtype):
    x = xp.ones((1, 2, 4, 4), dtype)
    col = im2col(x, 3, 1, 1)
    assert col.dtype == dtype
    assert col2im(col, x.shape, 3, 1, 1).dtype == dtype


def test_im2col_returns_a_copy():
    x = np.ones((1, 1, 2, 2))
    im2col(x, 1)[...] = 7
    assert (x == 1).all()


@pytest.mark.parametrize("value", [0, -1, 2.5, (3,), (3, 3, 3), (3, 0), (3, 1.5), "3"])
def test_what_is_no_size_is_refused(value):
    with pytest.raises(ValueError, match="kernel_size to be a whole number"):
        pair(value, "kernel_size")


def test_a_pair_is_height_first():
    x = np.arange(6.0).reshape(1, 1, 2, 3)
    assert im2col(x, (1, 2)).tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]
    assert im2col(x, (2, 1)).tolist() == [[0, 3], [1, 4], [2, 5]]


@given(st.integers(1, 50), st.integers(0, 2**24))
def test_batches_cover_every_image_once(N, bytes_each):
    parts = list(batches(N, bytes_each, np))
    covered = [n for part in parts for n in range(N)[part]]
    assert covered == list(range(N))
