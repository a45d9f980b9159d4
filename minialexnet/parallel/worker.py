"""What one rank has of a network, and what it does in a step.

Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks"
(arXiv 1404.5997): every rank has the convolutions, for its own pictures, and some units
of each fully-connected layer, for all pictures. Of the paper's three schemes this is
the first, (a): the ranks put their pictures' last maps together, and compute on the
whole batch at once.
"""

from copy import deepcopy
from itertools import accumulate, pairwise

from ..engine.arrays import Array, get_array_module
from ..layers import Dropout, FullyConnected
from ..layers.base import Layer
from ..sequential import Sequential
from .bytes_sent import GRADIENTS, OUTPUT
from .turns import Program, Rank, in_order


def shares(count: int, ranks: int) -> list[slice]:
    """Return which of so many pictures or units each rank takes, perhaps none."""
    cuts = [count * rank // ranks for rank in range(ranks + 1)]
    return [slice(*both) for both in pairwise(cuts)]


class Worker:
    """What one rank has of the network, and what it does in a step.

    Attributes
    ----------
    rank : Rank
    pictures : Sequential
        The layers that see this rank's pictures only, and have all their parameters.
    units : dict of str to Sequential
        By the name of its fully-connected layer: this rank's units of it, and what
        follows them. They see the whole batch.
    """

    def __init__(self, network: Sequential, rank: Rank, scheme: str) -> None:
        self.rank, self._network = rank, network
        kept = {id(a): a for a in network.parameters().values()}
        parts: list[list[tuple[str, Layer]]] = [[]]
        for name, layer in network.layers.items():
            if scheme == "2014" and isinstance(layer, FullyConnected):
                parts.append([])
                own = self.share(layer.out_features)
                features = layer.in_features, own.stop - own.start
                layer = FullyConnected(*features, seed=None)
            parts[-1].append((name, deepcopy(layer, dict(kept))))
        self.pictures = Sequential(parts[0])
        self.units = {part[0][0]: Sequential(part) for part in parts[1:]}

    def share(self, units: int) -> slice:
        """Return which of a layer's units are this rank's."""
        return shares(units, self.rank.size)[self.rank.rank]

    def prepare(self, first: int) -> None:
        """Take the network's parameters and states, for pictures from `first` on."""
        whole = self._network.layers
        for name, layer in self.pictures.layers.items():
            own = whole[name]
            layer.params, layer.state = own.params, dict(own.state)
            layer.needs_dx = own.needs_dx
            if isinstance(layer, Dropout) and isinstance(own, Dropout):
                layer.first_sample = own.first_sample + first
        for part in self.units.values():
            for name, layer in part.layers.items():
                own = whole[name]
                if isinstance(own, FullyConnected):
                    units = self.share(len(own.params["b"]))
                    layer.params = {key: w[units] for key, w in own.params.items()}
                layer.state = dict(own.state)
                if isinstance(layer, Dropout) and isinstance(own, Dropout):
                    layer.first_unit = own.first_unit + units.start

    def forward(self, x: Array, train: bool) -> Program:
        """Return the logits: of the whole batch by the scheme of 2014, else of x."""
        concatenate = get_array_module(x).concatenate
        y, axis = self.pictures.forward(x, train), 0
        for name, part in self.units.items():
            parts = yield from self.rank.gather(name, y)  # maps, then units
            y, axis = part.forward(concatenate(parts, axis=axis), train), 1
        if self.units:
            parts = yield from self.rank.gather(OUTPUT, y)
            y = concatenate(parts, axis=1)  # (N, K)
        return y

    def backward(self, dy: Array, pictures: list[slice]) -> Program:
        """Write the gradients, given that by what `forward` returned."""
        size = self.rank.size
        if self.units:
            dy = dy[:, self.share(dy.shape[1])]
        for i, (name, part) in reversed(list(enumerate(self.units.items()))):
            dx = part.backward(dy)  # (N, D): what these units have to say of it
            cuts = shares(dx.shape[1], size)
            pieces = (
                [dx[:, own] for own in cuts] if i else [dx[own] for own in pictures]
            )
            dy = in_order((yield from self.rank.exchange(name, pieces)))
        dx = self.pictures.backward(dy)
        yield from self.add_gradients()
        return dx

    def add_gradients(self) -> Program:
        """Make the gradients by this rank's pictures those by all pictures."""
        gradients = list(self.pictures.gradients().values())
        if not gradients:
            return
        flat = [dw.ravel() for dw in gradients]
        xp = get_array_module(*flat)
        flat = yield from self.rank.sum(GRADIENTS, xp.concatenate(flat))
        ends = [0, *accumulate(dw.size for dw in gradients)]
        for dw, both in zip(gradients, pairwise(ends), strict=True):
            dw[...] = flat[slice(*both)].reshape(dw.shape)
