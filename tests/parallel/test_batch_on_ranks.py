"""A batch shared by ranks gives the bits of one process; the ranks are threads here."""

import numpy as np
import pytest

from minialexnet import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    MomentumSGD,
    Normal,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from minialexnet.parallel import chain
from minialexnet.parallel.batch import DataParallel
from minialexnet.parallel.batch_on_ranks import BatchOnRanks
from tests.support.thread_ranks import on_ranks

WIDE = {"weight": Normal(1), "bias": Normal(1)}
PARTS = 8
BATCHES = (17, 8, 3, 1, 20)  # also fewer pictures than parts, or than ranks


def network(seed=0):
    layers = [
        Convolution2D(2, 4, 3, padding=1, seed=seed, **WIDE),
        ReLU(),
        LocalResponseNormalization(alpha=0.1),
        MaxPooling2D(),
        Flatten(),
        Dropout(0.5, seed=3),
        FullyConnected(4 * 3 * 3, 5, seed=seed, **WIDE),
    ]
    return Sequential(layers).astype("float32")


def train(net, share, fault=None):
    """Take a few steps; return the losses, what is learned and the states."""
    sgd, loss, losses = MomentumSGD(net.parameters(), 0.003), SoftmaxCrossEntropy(), []
    for i, N in enumerate(BATCHES):
        rng = np.random.default_rng(i)
        x = rng.standard_normal((N, 2, 7, 7)).astype("float32")
        y = net.forward(x[share(N)], train=True)
        losses.append(float(loss.forward(y, np.arange(N) % 5)))
        net.backward(loss.backward())
        sgd.step(net.gradients())
    arrays = {f"v/{name}": v for name, v in sgd.velocities.items()}
    return losses, arrays | net.parameters(), net.states()


@pytest.fixture(scope="module")
def alone():
    return train(DataParallel(network(), 2, PARTS), lambda N: slice(0, N))


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
@pytest.mark.parametrize("bucket", [10, 1 << 20])
def test_ranks_give_the_bits_of_one_process(alone, monkeypatch, ranks, bucket):
    monkeypatch.setattr(chain, "BUCKET", bucket)  # many to a layer, or one

    def work(own):
        net = BatchOnRanks(network(), own, 1 + own.rank % 2, PARTS)
        return *train(net, net.share), net.chain.travelled, net.sums_report()

    expected_losses, expected, states = alone
    sent = 0
    for losses, arrays, own_states, travelled, said in on_ranks(ranks, work):
        assert (losses, own_states) == (expected_losses, states)
        for name, array in expected.items():
            np.testing.assert_array_equal(arrays[name], array, strict=True)
        sent += travelled.sent
        assert travelled.steps == len(BATCHES)
        assert 0 <= travelled.waited <= travelled.seconds
        megabytes = 2 * (ranks - 1) * 261 * 4 / 1e6
        assert f"{ranks} rank" in said
        assert f"{megabytes:.2f} MB sent a step" in said
    assert sent == len(BATCHES) * 2 * (ranks - 1) * 261 * 4  # up once and down once


@pytest.mark.parametrize("N", [1, 3, 8, 17])
def test_every_picture_is_one_ranks(N):
    shares = on_ranks(3, lambda own: BatchOnRanks(network(), own, 1, PARTS).own(N))
    assert shares[0].start == 0
    assert [own.stop for own in shares] == [*(own.start for own in shares[1:]), N]


def test_whose_numbers_are_none_is_said():
    def work(own):
        net = BatchOnRanks(network(), own, 1, PARTS)
        x = np.ones((8, 2, 7, 7), "float32")[net.own(8)]
        before = net.blame()
        net.forward(x * (np.nan if own.rank == 1 else 1))
        return before, net.blame()

    assert on_ranks(3, work) == [("", " (first on rank 1 of 3)")] * 3


def test_dx_is_that_of_ones_own_pictures():
    x = np.random.default_rng(0).standard_normal((9, 2, 7, 7)).astype("float32")
    dy = np.random.default_rng(1).standard_normal((9, 5)).astype("float32")
    one = DataParallel(network(), 1, PARTS)
    one.forward(x)
    expected = one.backward(dy)

    def work(own):
        net = BatchOnRanks(network(), own, 1, PARTS)
        net.forward(x[net.own(9)])
        np.testing.assert_array_equal(net.backward(dy), expected[net.own(9)])
        return True

    assert on_ranks(2, work) == [True, True]


def test_fewer_parts_than_ranks_are_refused():
    def work(own):
        with pytest.raises(ValueError, match=r"as many --parts as the 3 ranks, got 2"):
            BatchOnRanks(network(), own, 1, 2)
        return True

    assert all(on_ranks(3, work))
