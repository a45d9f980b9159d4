"""Intervals are Student's, and ratios geometric."""

import math

import numpy as np
import pytest

from compare import numbers


def test_the_interval_is_students():
    mean, half = numbers.interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2, pytest.approx(4.303 / math.sqrt(3)))
    mean, half = numbers.interval([2.0])
    assert mean == 2
    assert math.isnan(half)


def test_the_half_widths_leave_a_fortieth_of_students_t_above_them():
    for freedom, t in enumerate(numbers.T_95, 1):
        # t = sqrt(freedom) tan(angle) turns the density into cos(angle)^(freedom - 1).
        edges = np.linspace(-math.pi / 2, math.pi / 2, 200_001)
        middles = (edges[1:] + edges[:-1]) / 2
        density = np.cos(middles) ** (freedom - 1)
        above = density[middles > math.atan(t / math.sqrt(freedom))].sum()
        assert above / density.sum() == pytest.approx(0.025, abs=5e-5)
    assert len(numbers.T_95) == numbers.MOST_SEEDS - 1


def test_the_interval_of_ratios_is_that_of_their_logarithms():
    # ln 1, ln e, ln e^2: mean 1, standard error 1/sqrt(3), t(2) = 4.303.
    found = numbers.geometric_interval([1.0, math.e, math.e**2])
    half = 4.303 / math.sqrt(3)
    assert [math.log(v) for v in found] == pytest.approx([1, 1 - half, 1 + half])
    middle, *ends = numbers.geometric_interval([2.0])
    assert middle == pytest.approx(2)
    assert all(map(math.isnan, ends))


def test_epochs_to_a_target_fall_in_a_straight_line_between_two_epochs():
    assert numbers.epochs_to([0.6, 0.35, 0.15], 0.25) == pytest.approx(2.5)
    assert numbers.epochs_to([0.6, 0.25], 0.25) == 2
    assert numbers.epochs_to([0.125], 0.25) == pytest.approx(0.65 / 0.775)
    assert math.isinf(numbers.epochs_to([0.6, 0.3], 0.25))
    assert math.isinf(numbers.epochs_to([math.inf], 0.25))


def test_chance_counts_the_groups_that_lie_as_far_apart():
    # Of the 6 ways to part 0 1 | 2 3, the two ends apart are two.
    assert numbers.chance(np.array([0, 1.0]), np.array([2, 3.0])) == 2 / 6
    assert numbers.chance(np.array([0, 3.0]), np.array([1, 2.0])) == 1
    # And so does a sample of the 2.7 million ways to part 24.
    share = np.linspace(0, 1, 24)
    assert numbers.chance(share[:12], share[12:]) < 0.001
    assert numbers.chance(share[::2], share[1::2]) > 0.5
