"""The model of a step's cost against numbers worked by hand."""

import pytest

from minialexnet import Flatten, FullyConnected, ReLU, Sequential
from minialexnet.parallel.cost import Machine, step_cost

# 12 numbers to 8 units and to 4: 104 and 36 parameters, 96 and 32 multiply-adds.
NETWORK = Sequential([Flatten(), FullyConnected(12, 8), ReLU(), FullyConnected(8, 4)])
MACHINE = Machine(a_picture=0.01, bandwidth=1000.0, latency=0.002)


def cost(pictures, ranks, scheme, machine=MACHINE):
    return step_cost(NETWORK, (3, 2, 2), pictures, ranks, scheme, machine)


def test_data_parallelism_worked_by_hand():
    found = cost(8, 4, "data")
    assert found.compute == pytest.approx(0.01 * 8 / 4)
    # Of 140 numbers of 4 bytes a rank sends 2 * 3/4, in 6 messages.
    assert found.gradients == pytest.approx(1.5 * 560 / 1000 + 6 * 0.002)
    assert found.layers == 0
    # Backward is two thirds of 0.02 s; 96 of 128 multiply-adds come after fc2's.
    assert found.hidden == pytest.approx(0.02 * 2 / 3 * 96 / 128)
    assert found.seconds == pytest.approx(0.02 + found.gradients - found.hidden)


def test_the_scheme_of_2014_worked_by_hand():
    found = cost(8, 4, "2014")
    # Nothing before fc1 learns. Of 8 pictures' 12 and 8 inputs, there and back, and 4
    # logits a rank's quarter goes to 3 others, in 3 messages each.
    numbers = 8 * (2 * 12 + 2 * 8 + 4)
    seconds = 3 / 4 * 4 * numbers / 1000 + 5 * 3 * 0.002
    assert found.layers == pytest.approx(seconds)
    assert (found.gradients, found.hidden) == (0, 0)
    assert found.seconds == pytest.approx(0.02 + found.layers)


def test_a_short_sum_is_hidden_and_one_rank_sends_nothing():
    fast = Machine(a_picture=10.0, bandwidth=1e9, latency=1e-9)
    found = cost(8, 2, "data", fast)
    assert found.seconds == found.compute == 40
    for scheme in ("data", "2014"):
        assert cost(8, 1, scheme).seconds == pytest.approx(0.08)
