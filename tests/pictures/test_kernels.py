"""Figure 3: kernels side by side, and how coloured they are."""

import numpy as np
import pytest

from minialexnet.pictures.kernels import colour_shares, kernel_tiles


def test_a_colour_share_is_the_part_at_right_angles_to_grey():
    rng = np.random.default_rng(0)
    kernels = rng.standard_normal((2000, 3, 5, 5))
    assert colour_shares(kernels).mean() == pytest.approx(2 / 3, abs=0.005)
    grey = np.repeat(kernels[:, :1], 3, axis=1)
    assert colour_shares(grey) == pytest.approx(0, abs=1e-12)
    assert colour_shares(kernels - kernels.mean(1, keepdims=True)) == pytest.approx(1)
    # By the angle to the grey axis, and whatever the scale.
    axis = np.ones(3) / 3**0.5
    along = np.einsum("fcyx,c->fyx", kernels, axis)
    by_angle = 1 - (along**2).sum((1, 2)) / (kernels**2).sum((1, 2, 3))
    assert colour_shares(kernels * 1e-3) == pytest.approx(by_angle)
    assert np.isnan(colour_shares(np.zeros((1, 3, 2, 2))))


def test_kernel_tiles_show_zero_as_grey_and_each_kernel_by_its_own_scale():
    kernels = np.zeros((3, 3, 2, 2))
    kernels[0, 0, 0, 0] = 4  # red
    kernels[1, 2, 1, 1] = -1e-3  # no blue
    picture = kernel_tiles(kernels, columns=2)
    assert picture.shape == (5, 5, 3)
    assert picture[0, 0].tolist() == [1, 0.5, 0.5]
    assert picture[1, 4].tolist() == [0.5, 0.5, 0]
    assert (picture[3:, :2] == 0.5).all(), "a kernel of zeros is grey"
    assert (picture[2] == 1).all(), "a gap is white"
    assert (picture[3:, 3:] == 1).all(), "and so is what has no kernel"
