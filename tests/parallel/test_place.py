"""A network where it is asked to compute."""

from types import SimpleNamespace

import pytest

from minialexnet import Sequential
from minialexnet.alexnet import alexnet
from minialexnet.network import Network
from minialexnet.parallel.batch import DataParallel
from minialexnet.parallel.place import device_of, place
from minialexnet.parallel.two_devices import TwoDevices


@pytest.mark.parametrize(
    ("device", "threads", "kind"),
    [
        ("cpu", 1, Sequential),
        ("cpu", 2, DataParallel),
        ("cpu:0,cpu:1", 1, TwoDevices),
    ],
)
def test_every_kind_of_network_goes_by_one_protocol(device, threads, kind):
    whole = alexnet("2012", 4, 1 / 16, 63)
    network, where = place(alexnet("2012", 4, 1 / 16, 63), device, threads)
    assert (type(network), where) == (kind, "cpu")
    assert isinstance(network, Network)
    with network:
        joined = network.join(network.parameters())
        assert list(joined) == list(whole.parameters())
        assert all((joined[name] == w).all() for name, w in whole.parameters().items())
        pieces = network.split(joined)
        assert list(pieces) == list(network.parameters())
        states = dict.fromkeys(whole.states(), 3)
        network.load(joined, states)
        assert network.states() == states
        assert (network.report() == "") == (kind is not TwoDevices)


def test_each_rank_of_a_machine_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr("minialexnet.parallel.place.check_device", lambda name: name)
    second = SimpleNamespace(local_rank=1, local_size=2)
    assert device_of(second, "cuda") == "cuda:1"
    assert device_of(second, "cpu") == "cpu"
    for device in ("cuda:0", "cuda:0,cuda:1"):
        with pytest.raises(ValueError, match="cuda for a GPU to each rank"):
            device_of(second, device)
