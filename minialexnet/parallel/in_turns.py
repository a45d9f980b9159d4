"""A network on several ranks: data parallelism, and the scheme of 2014.

With data parallelism each rank takes some of the pictures through all the layers, and
the ranks add up their gradients: as many numbers as the network has parameters. Of
AlexNet's, the fully-connected layers have 96 %.

The scheme of 2014 leaves the convolutions so, but gives each rank some of the units of
the fully-connected layers, for all the pictures. Then these layers' gradients stay
where they are, and their inputs travel; see `worker`.
"""

from collections.abc import Iterator
from typing import Any

from ..engine.arrays import Array, get_array_module
from ..layers import FullyConnected
from ..layers.base import Layer, Shape
from ..layers.refuse import refuse_gradient, refuse_input
from ..network import Network
from ..sequential import Sequential
from ..table import Table
from .bytes_sent import NEURONS
from .turns import Rank, take_turns
from .worker import Worker, shares

SCHEMES = ("2014", "data")


def refuse_layers(network: Sequential, ranks: int) -> None:
    """Refuse a network that the scheme of 2014 cannot split, with the layer's name."""
    units = 0
    for i, (name, layer) in enumerate(network.layers.items()):
        if isinstance(layer, FullyConnected):
            units = layer.out_features
            if i == 0 or units < ranks:
                raise ValueError(
                    f"expected {name} to have a layer before it and a unit for each of "
                    f"{ranks} ranks, got {units} units"
                )
        elif units and not isinstance(layer, NEURONS):
            raise ValueError(
                f"expected neurons or dropout after a fully-connected layer, got {name}"
            )


class InTurns(Network):
    """A network that several ranks compute, which take turns in one thread.

    It computes what the network does on its own, but for the order in which numbers
    are added; dropout's masks are those of the whole batch. The parameters are the
    network's and stay there, under their names, so it is trained and saved as it is.

    Parameters
    ----------
    network : Sequential
        Flat. By the scheme of 2014 it has a layer before the first fully-connected
        one, and nothing but neurons and dropout after that.
    ranks : int
        At most as many as a fully-connected layer has units.
    scheme : {"2014", "data"}

    Raises
    ------
    ValueError
        If there is no such scheme, or a layer cannot be split.

    Examples
    --------
    >>> import numpy as np
    >>> from minialexnet.cifar_net import cifar_net
    >>> network = cifar_net(seed=0)
    >>> four = InTurns(network, 4)
    >>> x = np.ones((6, 3, 32, 32), np.float32)
    >>> bool(np.allclose(four.forward(x), network.forward(x)))
    True
    >>> four.exchanges()["fc1"]  # 6 pictures' 1,024 numbers, to three ranks each
    (73728, 0)
    """

    def __init__(self, network: Sequential, ranks: int, scheme: str = "2014") -> None:
        super().__init__()
        if scheme not in SCHEMES or ranks < 1:
            raise ValueError(
                f"expected ranks >= 1 and a scheme out of {', '.join(SCHEMES)}, got "
                f"{ranks} and {scheme!r}"
            )
        if scheme == "2014":
            refuse_layers(network, ranks)
        self.network, self.scheme = network, scheme
        self.workers = [Worker(network, Rank(r, ranks), scheme) for r in range(ranks)]
        self._sent: tuple[dict[str, int], dict[str, int]] = {}, {}

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the network's output, (N, K), for at least one picture a rank."""
        refuse_input(self, x)
        if len(x) < len(self.workers):
            raise ValueError(f"expected {len(self.workers)} pictures, got {len(x)}")
        self._pictures = shares(len(x), len(self.workers))
        programs = []
        for worker, own in zip(self.workers, self._pictures, strict=True):
            worker.prepare(own.start)
            programs.append(worker.forward(x[own], train))
        ys, sent = take_turns(programs)
        self._sent = sent, {}
        first = self.workers[0]
        for part in (first.pictures, *first.units.values()):
            for name, layer in part.layers.items():
                self.network.layers[name].state.update(layer.state)
        y = ys[0] if first.units else get_array_module(x).concatenate(ys)
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Any:
        """Write the network's gradients, and return dx."""
        refuse_gradient(self, dy)
        programs = [
            worker.backward(dy if worker.units else dy[own], self._pictures)
            for worker, own in zip(self.workers, self._pictures, strict=True)
        ]
        dxs, sent = take_turns(programs)
        self._sent = self._sent[0], sent
        layers, concatenate = self.network.layers, get_array_module(dy).concatenate
        for name, layer in self.workers[0].pictures.layers.items():
            layers[name].grads = layer.grads
        for name in self.workers[0].units:
            pieces = [worker.units[name].layers[name].grads for worker in self.workers]
            layers[name].grads = {
                key: concatenate([grads[key] for grads in pieces]) for key in pieces[0]
            }
        return None if dxs[0] is None else concatenate(dxs)

    def exchanges(self) -> dict[str, tuple[int, int]]:
        """Return the bytes that all ranks sent, forward and backward, by what it was.

        That is the input of a layer, or "output" or "gradients".
        """
        names = dict.fromkeys([*self._sent[0], *self._sent[1]])
        there, back = self._sent
        return {name: (there.get(name, 0), back.get(name, 0)) for name in names}

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Yield the layers of the network, which have the parameters."""
        return self.network.leaves()

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it."""
        return self.network.table(input_shape)
