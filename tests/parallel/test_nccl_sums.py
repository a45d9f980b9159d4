"""Ranks with a GPU each, on the stand-in: two threads that meet as processes would."""

import sys
import types

import numpy as np
import pytest

from minialexnet import MomentumSGD, SoftmaxCrossEntropy
from minialexnet.alexnet import alexnet
from minialexnet.engine.devices import use_device
from minialexnet.engine.streams import Stream, use_stream
from minialexnet.engine.transfer import to_device, to_numpy
from minialexnet.parallel.batch import DataParallel
from minialexnet.parallel.batch_on_ranks import BatchOnRanks
from minialexnet.parallel.place import device_of
from tests.support import strict_cupy
from tests.support.thread_ranks import Meeting, ThreadRanks, on_ranks

RANKS, PARTS = 2, 4


class Nccl:
    """A stand-in for CuPy's communicator: adds on the stream that it is given."""

    def __init__(self, meeting, rank):
        self.meeting, self.rank = meeting, rank
        self.names = []

    def all_reduce(self, array, out, op="sum", stream=None):
        assert (op, array is out) == ("sum", True)
        assert array.flags.c_contiguous
        device = f"cuda:{array.device.id}"
        assert device == f"cuda:{self.rank}"
        with use_stream(Stream(device, stream)):
            every = self.meeting.gather(self.rank, to_numpy(array))
            out[...] = to_device(sum(every[::-1]), device)  # in an order of its own


@pytest.fixture
def meeting(monkeypatch):
    """Let "cuda:0" and "cuda:1" and NCCL be stand-ins, where a missing wait fails."""
    made = Meeting(RANKS)
    nccl = types.ModuleType("cupyx.distributed")

    def init_process_group(ranks, rank, *, backend, use_mpi):
        assert (ranks, backend, use_mpi) == (RANKS, "nccl", True)
        return Nccl(made, rank)

    nccl.init_process_group = init_process_group
    cupyx = types.ModuleType("cupyx")
    cupyx.distributed = nccl
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)
    monkeypatch.setitem(sys.modules, "cupyx", cupyx)
    monkeypatch.setitem(sys.modules, "cupyx.distributed", nccl)
    return made


def train(network, share, device):
    """Take three steps, the last with fewer pictures than parts; return the losses."""
    next(layer for _, layer in network.leaves()).needs_dx = False
    losses = []
    with use_device(device):
        sgd, loss = MomentumSGD(network.parameters(), 1e-3), SoftmaxCrossEntropy()
        for step, N in enumerate((6, 5, 1)):
            rng = np.random.default_rng(step)
            x = 20 * rng.standard_normal((N, 3, 63, 63)).astype("float32")
            labels = rng.integers(0, 5, N)
            y = network.forward(to_device(x[share(N)], device), train=True)
            losses.append(float(to_numpy(loss.forward(y, to_device(labels, device)))))
            network.backward(loss.backward())
            sgd.step(network.gradients())
    return losses


def build():
    return alexnet("2012", 5, width=1 / 16, input_size=63, seed=2)


def test_gpus_of_ranks_learn_what_the_processor_does(meeting):
    def work(ranks):
        device = device_of(ranks, "cuda")
        assert device == f"cuda:{ranks.rank}"
        network = build()
        network.to(device)
        shared = BatchOnRanks(network, ranks, 1, PARTS, device)
        losses = train(shared, shared.own, device)
        with use_device(device):
            weights = {k: to_numpy(w) for k, w in shared.parameters().items()}
        return losses, weights, shared.states()

    (losses, weights, states), other = on_ranks(RANKS, work, meeting)
    alone = DataParallel(build(), 1, PARTS)
    assert losses == pytest.approx(train(alone, lambda N: slice(0, N), "cpu"), rel=1e-5)
    assert states == other[2] == alone.states()
    for name, expected in alone.parameters().items():
        np.testing.assert_array_equal(weights[name], other[1][name])
        scale = abs(expected).max()
        np.testing.assert_allclose(weights[name], expected, atol=1e-5 * scale)


@pytest.mark.parametrize("device", ["cuda:0", "cuda:0,cuda:1"])
def test_ranks_do_not_share_a_gpu_or_have_two(meeting, device):
    with pytest.raises(ValueError, match="expected --device cpu, or cuda for a GPU"):
        device_of(ThreadRanks(meeting, 0), device)
