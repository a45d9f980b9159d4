"""A network on ranks that take turns: the single network, and the bytes by formula."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minialexnet import (
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalization,
    MomentumSGD,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    alexnet,
    cifar_net,
)
from minialexnet.parallel.bytes_sent import bytes_sent
from minialexnet.parallel.in_turns import SCHEMES, InTurns
from minialexnet.parallel.turns import Rank, take_turns
from tests.support import scheme_of_2014
from tests.support.ranks import start

SHAPE = (3, 63, 63)


def small(profile="2012"):
    """Return an AlexNet of a sixteenth of the width, in float64."""
    return alexnet(profile, classes=5, width=1 / 16, input_size=63).astype(np.float64)


def step(network, x, labels):
    """Do a step's forward and backward; return logits, gradients and states."""
    loss = SoftmaxCrossEntropy()
    logits = network.forward(x, train=True)
    loss.forward(logits, labels)
    dx = network.backward(loss.backward())
    return logits, dx, network.gradients(), network.states()


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=4)
@given(
    ranks=st.integers(1, 5),
    pictures=st.integers(5, 9),
    profile=st.sampled_from(["2012", "paper", "torchvision"]),
)
def test_equal_to_the_single_network(scheme, ranks, pictures, profile):
    rng = np.random.default_rng([ranks, pictures])
    x, labels = rng.normal(size=(pictures, *SHAPE)), rng.integers(0, 5, pictures)
    whole, split = small(profile), small(profile)
    several = InTurns(split, ranks, scheme)
    for _ in range(2):  # the second with other masks, after a step of the weights
        expected, found = step(whole, x, labels), step(several, x, labels)
        for one, other in zip(expected[:2], found[:2], strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)
        assert expected[2].keys() == found[2].keys()
        for name, dw in expected[2].items():
            scale = abs(dw).max()
            np.testing.assert_allclose(
                found[2][name] / scale, dw / scale, rtol=0, atol=1e-12
            )
        assert expected[3] == found[3]
        for network, gradients in ((whole, expected[2]), (several, found[2])):
            MomentumSGD(network.parameters()).step(gradients)


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=4)
@given(ranks=st.integers(1, 5), pictures=st.integers(5, 9))
def test_the_bytes_are_those_of_the_formula(scheme, ranks, pictures):
    network = small().astype(np.float32)
    several = InTurns(network, ranks, scheme)
    x, labels = np.ones((pictures, *SHAPE), np.float32), np.zeros(pictures, int)
    step(several, x, labels)
    assert several.exchanges() == bytes_sent(network, SHAPE, pictures, ranks, scheme)


def test_alexnets_bytes_worked_by_hand():
    network = alexnet("paper", seed=None)
    shape = (3, 224, 224)
    # 2 * 60,965,224 numbers of 4 bytes with each other rank.
    (both,) = bytes_sent(network, shape, 128, 2, "data").values()
    assert both == (0, 2 * 60_965_224 * 4)
    found = bytes_sent(network, shape, 128, 2, "2014")
    assert found["fc6"] == (128 * 9216 * 4,) * 2
    assert found["fc7"] == found["fc8"] == (128 * 4096 * 4,) * 2
    assert found["output"] == (128 * 1000 * 4, 0)
    assert found["gradients"] == (0, 2 * 2_334_080 * 4)
    eight = bytes_sent(network, shape, 128, 8, "2014")
    assert eight == {k: (7 * a, 7 * b) for k, (a, b) in found.items()}


def test_without_training_nothing_is_dropped_and_the_first_layer_may_skip_dx():
    network, x = small(), np.ones((4, *SHAPE))
    next(layer for _, layer in network.leaves()).needs_dx = False
    several = InTurns(network, 2)
    np.testing.assert_allclose(several.forward(x), network.forward(x), rtol=1e-12)
    several.forward(x, train=True)
    assert several.backward(np.ones((4, 5))) is None
    assert several.table(SHAPE).parameters == network.table(SHAPE).parameters


def test_what_cannot_be_split_is_refused_by_name():
    dense = Sequential([Flatten(), FullyConnected(12, 4), ReLU(), FullyConnected(4, 3)])
    with pytest.raises(ValueError, match=r"fc2 .* unit for each of 4 ranks, got 3"):
        InTurns(dense, 4)
    with pytest.raises(ValueError, match="fc1 to have a layer before it"):
        InTurns(Sequential([FullyConnected(12, 4), Dropout()]), 2)
    odd = [Flatten(), FullyConnected(12, 4), LocalResponseNormalization()]
    with pytest.raises(ValueError, match=r"neurons or dropout after .*, got lrn1"):
        InTurns(Sequential(odd), 2)
    InTurns(Sequential(odd), 2, "data")
    for ranks, scheme in ((0, "data"), (2, "2015")):
        with pytest.raises(ValueError, match="expected ranks >= 1 and a scheme out of"):
            InTurns(cifar_net(), ranks, scheme)
    with pytest.raises(ValueError, match="expected 3 pictures, got 2"):
        InTurns(cifar_net(), 3).forward(np.ones((2, 3, 32, 32), np.float32))


# The turns themselves


def test_a_sum_is_added_in_the_order_of_the_ranks():
    arrays = [np.array([1e8, 0, 5], "f"), np.array([3, 1, 6], "f")]
    arrays += [np.array([3, 2, 7], "f")]
    programs = [Rank(i, 3).sum("sum", array) for i, array in enumerate(arrays)]
    sums, sent = take_turns(programs)
    assert [s.tolist() for s in sums] == [[1e8, 3, 18]] * 3
    assert sent == {"sum": 2 * 2 * 3 * 4}
    assert arrays[0].tolist() == [1e8, 0, 5]


def test_ranks_that_do_not_send_alike_are_named():
    one, two = np.ones(1), Rank(0, 2)
    with pytest.raises(RuntimeError, match="all 2 ranks to send the same, got a of ra"):
        take_turns([two.gather("a", one), Rank(1, 2).gather("b", one)])
    with pytest.raises(RuntimeError, match="got b of rank 1"):
        take_turns([iter_nothing(), Rank(1, 2).gather("b", one)])


@pytest.mark.mpi
def test_the_scheme_runs_on_the_ranks_of_mpiexec_too():
    process = start(3, program=scheme_of_2014.__file__)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    # mpiexec may print the ends of two ranks' lines after both of them.
    found = re.findall(r"rank (\d): equal (True|False)", output)
    assert sorted(found) == [(str(rank), "True") for rank in range(3)]


def iter_nothing():
    """Return a program that ends without sending anything."""
    return
    yield
