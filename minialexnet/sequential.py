"""Layers one after the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from math import prod
from typing import Any

from .engine.arrays import Array
from .layers.base import Layer, Shape
from .layers.followed import followed_by
from .layers.refuse import refuse_gradient, refuse_input
from .network import Network
from .table import Table, TableRow


class Sequential(Network):
    """A network: each layer's output is the next one's input.

    Parameters
    ----------
    layers : sequence of Layer or (str, Layer)
        A layer without a name gets its kind and a number: conv1, relu1, conv2.

    Examples
    --------
    >>> from minialexnet.layers import Flatten, FullyConnected, ReLU
    >>> net = Sequential([Flatten(), FullyConnected(12, 4), ReLU()])
    >>> sorted(net.parameters())
    ['fc1.W', 'fc1.b']
    >>> net.table((3, 2, 2)).parameters
    52
    """

    def __init__(self, layers: Sequence[Layer | tuple[str, Layer]]) -> None:
        super().__init__()
        self.layers: dict[str, Layer] = {}
        counts: dict[str, int] = {}
        for entry in layers:
            layer = entry[1] if isinstance(entry, tuple) else entry
            kind = getattr(layer, "kind", type(layer).__name__.lower())
            counts[kind] = counts.get(kind, 0) + 1
            name = entry[0] if isinstance(entry, tuple) else f"{kind}{counts[kind]}"
            if name in self.layers or "." in name:
                raise ValueError(
                    f"expected each layer name once and without a dot, got {name!r}"
                )
            self.layers[name] = layer
        if not self.layers:
            raise ValueError("Sequential expected at least one layer, got none")
        # Backward needs what the one forward before it has kept in the layer.
        first: dict[int, str] = {}
        for name, leaf in self.leaves():
            if first.setdefault(id(leaf), name) != name:
                raise ValueError(
                    f"expected each layer once, got one as {first[id(leaf)]} and as "
                    f"{name}: make a second of its kind"
                )

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the last layer's output.

        Raises
        ------
        ValueError, TypeError
            The layer's own error, with the layer's name in front.
        """
        refuse_input(self, x)
        pairs = zip_longest(self.layers.items(), list(self.layers.values())[1:])
        for (name, layer), following in pairs:
            with named(name, x.shape), followed_by(layer, following):
                x = layer.forward(x, train)
        self.y_shape = x.shape
        return x

    def backward(self, dy: Array) -> Any:
        """Go back through the layers, last first; return dx of the first."""
        refuse_gradient(self, dy)
        for name, layer in reversed(self.layers.items()):
            with named(name, dy.shape):
                dy = layer.backward(dy)
        return dy

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Yield every layer that is no network itself, with its full name."""
        for name, layer in self.layers.items():
            if isinstance(layer, Network):
                for inner, leaf in layer.leaves():
                    yield f"{name}.{inner}", leaf
            else:
                yield name, layer

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it.

        Parameters
        ----------
        input_shape : tuple of int
            Without the batch: (3, 224, 224).

        Raises
        ------
        ValueError
            Where the shapes do not fit, with the layer's name in front.
        """
        rows, shape = [], tuple(input_shape)
        for name, layer in self.layers.items():
            with named(name, shape):
                multiply_adds = layer.multiply_adds(shape)
                shape = layer.output_shape(shape)
            params = layer.parameters() if isinstance(layer, Network) else layer.params
            count = sum(int(value.size) for value in params.values())
            rows.append(TableRow(name, shape, count, multiply_adds, 4 * prod(shape)))
        return Table(tuple(input_shape), tuple(rows))


@contextmanager
def named(name: str, shape: Shape) -> Iterator[None]:
    """Say which layer an error comes from, and what it was given."""
    try:
        yield
    except (ValueError, TypeError) as error:
        # Not type(error): NumPy's own kinds are not made from a message.
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}, given shape {tuple(shape)}: {error}") from error
