"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

from .engine.arrays import Array, get_array_module
from .layers.base import Layer, Shape
from .layers.refuse import refuse_gradient, refuse_input
from .table import Table, TableRow

__all__ = ["Sequential", "named"]


class Sequential(Layer):
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

    kind = "network"

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

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the last layer's output.

        Raises
        ------
        ValueError, TypeError
            The layer's own error, with the layer's name in front.
        """
        refuse_input(self, x)
        for name, layer in self.layers.items():
            with named(name, x.shape):
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
            if isinstance(layer, Sequential):
                for inner, leaf in layer.leaves():
                    yield f"{name}.{inner}", leaf
            else:
                yield name, layer

    def parameters(self) -> dict[str, Array]:
        """Return every parameter by name: ``{"conv1.W": array, ...}``."""
        return self._collect("params")

    def gradients(self) -> dict[str, Array]:
        """Return, after backward, every gradient by the name of its parameter."""
        return self._collect("grads")

    def states(self) -> dict[str, int]:
        """Return what training advances besides the parameters: dropout steps."""
        return self._collect("state")

    def _collect(self, what: str) -> dict[str, Any]:
        return {
            f"{name}.{key}": value
            for name, leaf in self.leaves()
            for key, value in getattr(leaf, what, {}).items()
        }

    def check(self, parameters: dict[str, Array], states: dict[str, int]) -> None:
        """See that parameters and states are those of such a network.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs.
        """
        own, own_states = self.parameters(), self.states()
        if own.keys() != parameters.keys() or own_states.keys() != states.keys():
            odd = (own.keys() ^ parameters.keys()) | (own_states.keys() ^ states.keys())
            raise ValueError(
                "expected the parameters of this network; missing or unknown: "
                + ", ".join(sorted(odd))
            )
        for name, value in parameters.items():
            if own[name].shape != value.shape:
                raise ValueError(
                    f"expected {name} of shape {own[name].shape}, got {value.shape}"
                )

    def load(self, parameters: dict[str, Array], states: dict[str, int]) -> None:
        """Copy parameters and states, as `parameters` and `states` gave them, back.

        Raises
        ------
        ValueError
            As `check`, before anything is changed.
        """
        self.check(parameters, states)
        own = self.parameters()
        for name, value in parameters.items():
            own[name][...] = get_array_module(own[name]).asarray(value)
        leaves = dict(self.leaves())
        for name, number in states.items():
            layer, _, key = name.rpartition(".")
            leaves[layer].state[key] = number

    def astype(self, dtype: Any) -> Sequential:
        """Cast every parameter to `dtype` and return the network."""
        for layer in self.layers.values():
            layer.astype(dtype)
        return self

    def to(self, device: str) -> Sequential:
        """Move every parameter to `device` and return the network."""
        for layer in self.layers.values():
            layer.to(device)
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """Return the last layer's output shape, without the batch."""
        return self.table(shape).rows[-1].output_shape

    def multiply_adds(self, shape: Shape) -> int:
        """Return the multiply-adds of all the layers, for one example."""
        return self.table(shape).multiply_adds

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
            params = (
                layer.parameters() if isinstance(layer, Sequential) else layer.params
            )
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
