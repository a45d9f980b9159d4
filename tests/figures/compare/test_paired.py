"""Tests of paired differences, beside a second implementation in plain Python."""

import itertools
import math
import random

import numpy as np
import pytest

from compare import paired

SIX = [1.2, 0.4, -0.3, 2.0, 1.1, 0.9]


@pytest.mark.parametrize("n", range(2, 12))
def test_p_is_what_students_density_leaves_outside(n):
    values = [math.sin(3 * i) + 0.4 for i in range(n)]
    mean = sum(values) / n
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    t, freedom = abs(mean) / spread * math.sqrt(n), n - 1
    # t = sqrt(freedom) tan(angle) turns the density into cos(angle)^(freedom - 1).
    steps, inside, whole = 20_000, 0.0, 0.0
    for step in range(steps):
        angle = math.pi / 2 * (step + 0.5) / steps
        density = math.cos(angle) ** (freedom - 1)
        whole += density
        inside += density * (math.sqrt(freedom) * math.tan(angle) < t)
    assert paired.t_test(values) == pytest.approx(1 - inside / whole, abs=2e-4)


def test_p_of_what_leaves_no_doubt_and_of_what_leaves_nothing_else():
    assert paired.t_test([2.0, 2.0, 2.0]) == 0
    assert paired.t_test([2.0, -2.0]) == 1
    assert paired.t_test([2.0]) == 1


def test_signs_are_flipped_in_all_ways():
    total = abs(sum(SIX))
    flips = [
        abs(sum(s * v for s, v in zip(signs, SIX, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(SIX))
    ]
    found = sum(flip >= total - 1e-12 for flip in flips) / len(flips)
    assert paired.sign_flip(SIX) == found
    assert paired.sign_flip([0.1] * 6) == 2 / 64


def test_holm_multiplies_the_smallest_by_all_and_never_goes_down():
    assert paired.holm([0.01, 0.5, 0.02, 0.03]) == pytest.approx(
        [0.04, 0.5, 0.06, 0.06]
    )
    assert paired.holm([0.9, 0.8]) == [1.0, 1.0]
    assert paired.holm([]) == []


@pytest.mark.parametrize("same", [True, False])
def test_the_bootstrap_draws_seeds_and_pictures(same):
    rng = np.random.default_rng(3)
    hard = rng.random(40)  # pictures that both find hard
    one = rng.random((4, 40)) < 0.3 + 0.6 * hard
    other = rng.random((4, 40)) < 0.1 + 0.6 * hard
    low, high = paired.bootstrap(one, other, same)
    random.seed(1)
    table, second, means = one.tolist(), other.tolist(), []
    for _ in range(4000):
        seeds = random.choices(range(4), k=4)
        seen = random.choices(range(40), k=40)
        too = seen if same else random.choices(range(40), k=40)
        total = sum(
            sum(table[s][i] for i in seen) - sum(second[s][i] for i in too)
            for s in seeds
        )
        means.append(total / 160)
    means.sort()
    # Means lie 1/160 apart.
    assert low == pytest.approx(means[100], abs=2.1 / 160)
    assert high == pytest.approx(means[3900], abs=2.1 / 160)


def test_arms_without_a_difference_have_an_interval_of_none():
    wrong = np.eye(4, 30, dtype=bool)
    assert paired.bootstrap(wrong, wrong) == (0, 0)


def test_pseudo_values_of_a_mean_are_the_values():
    found = paired.pseudo_values(lambda kept: sum(SIX[i] for i in kept) / len(kept), 6)
    assert found == pytest.approx(SIX)


@pytest.mark.parametrize(
    ("low", "high", "direction", "expected"),
    [
        (0.1, 2.0, 1, "holds"),
        (-2.0, -0.1, -1, "holds"),
        (0.1, 2.0, -1, "opposite"),
        (-2.0, -0.1, 1, "opposite"),
        (-0.1, 2.0, 1, "not seen"),
        (0.0, 2.0, 1, "not seen"),
        (math.nan, math.nan, 1, "not seen"),
    ],
)
def test_the_verdict_is_a_rule(low, high, direction, expected):
    assert paired.verdict(low, high, direction) == expected
