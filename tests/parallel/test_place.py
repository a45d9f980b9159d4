"""A network where it is asked to compute."""

import pytest

from minialexnet import Sequential
from minialexnet.alexnet import alexnet
from minialexnet.network import Network
from minialexnet.parallel.batch import DataParallel
from minialexnet.parallel.place import place
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
