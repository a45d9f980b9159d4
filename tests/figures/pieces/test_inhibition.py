"""What a response normalisation leaves of activities."""

import numpy as np
import pytest

from minialexnet import LocalResponseNormalization
from pieces import inhibition


def test_an_activity_alone_comes_out_largest_at_the_turning_point():
    lrn = LocalResponseNormalization(k=2, n=5, alpha=1e-4)
    peak = inhibition.turning_point(lrn)
    assert peak == pytest.approx(200)
    around = np.zeros((1, 5, 1, 3))
    around[0, 2, 0] = peak * np.array([0.99, 1, 1.01])
    b = lrn.forward(around)[0, 2, 0]
    assert b[1] > b[0] and b[1] > b[2]
    expected = around[0, 2, 0] * inhibition.left(lrn, around[0, 2, 0] ** 2) / 2**0.75
    np.testing.assert_allclose(b, expected, rtol=1e-12)


def test_what_is_lost_is_the_maps_own_part_and_its_neighbours():
    lrn = LocalResponseNormalization(k=2, n=3, alpha=0.5)
    a = np.random.default_rng(0).standard_normal((1, 6, 4, 5))
    a[0, 5] *= 1e-3  # silent, and so is its only neighbour
    a[0, 2] *= 1e3
    a[0, 4] = 1e-9
    b = lrn.forward(a)
    own, neighbours = inhibition.shares_lost(lrn, a, b)
    total = 1 - abs(b).sum(axis=(0, 2, 3)) * 2**0.75 / abs(a).sum(axis=(0, 2, 3))
    np.testing.assert_allclose(own + neighbours, total, rtol=1e-12)
    assert own[2] > 0.99 > 0.5 > own[1]  # the loud one by itself
    assert min(neighbours[1], neighbours[3]) > 0.7 and neighbours[2] < 1e-3
    assert own[5] + neighbours[5] < 1e-3
    alone = LocalResponseNormalization(k=2, n=1, alpha=0.5)
    _, none = inhibition.shares_lost(alone, a, alone.forward(a))
    np.testing.assert_allclose(none, 0, atol=1e-12)


def test_the_part_left_is_seen_where_an_activity_is_nothing():
    lrn = LocalResponseNormalization(k=2, n=3, alpha=1)
    a = np.array([3.0, 0, 0, 0]).reshape(1, 4, 1, 1)
    parts = inhibition.parts_left(lrn, a).ravel()
    left = (2 / 11) ** 0.75
    np.testing.assert_allclose(parts, [left, left, 1, 1], rtol=1e-6)


def test_the_silenced_map_is_a_neighbour_in_the_same_tower():
    lrn = LocalResponseNormalization(k=2, n=5, alpha=1, groups=2)
    a = np.random.default_rng(0).standard_normal((1, 8, 3, 3))
    a[0, 3] *= 100  # the last of the first tower
    loud, silenced = inhibition.loud_and_silenced(lrn, a, lrn.forward(a))
    assert loud == 3 and silenced in (1, 2)
