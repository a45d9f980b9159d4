"""What training needs of a network, wherever it computes."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Self

from .engine.arrays import Array, get_array_module
from .layers.base import Layer, Parameters, Shape
from .table import Table


class Network(Layer):
    """A function made of layers, each with a name.

    Training calls `forward`, `backward`, `parameters` and `gradients`; a checkpoint
    takes `states`, `join` and `load`. A subclass that computes on several devices has
    its parameters in pieces, which `join` and `split` turn into the whole network's and
    back; for all others they change nothing.
    """

    kind = "network"
    # Which of a batch's N pictures it computes, where other programs compute others.
    share: Callable[[int], slice] | None = None

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Yield every layer that is no network itself, with its full name."""
        raise NotImplementedError(f"{type(self).__name__} has no leaves")

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it."""
        raise NotImplementedError(f"{type(self).__name__} has no table")

    def parameters(self) -> dict[str, Array]:
        """Return every parameter by name: ``{"conv1.W": array, ...}``."""
        return Parameters(partial(self._collect, "params"))

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

    def join(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Return the whole network's arrays for what goes by the names of parameters.

        Parameters
        ----------
        values : dict of str to ndarray
            The parameters, their gradients, or an optimiser's velocities.
        """
        return dict(values)

    def split(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Return the whole network's arrays in the pieces that it computes with."""
        return dict(values)

    def must_fit(
        self, parameters: Mapping[str, Array], states: Mapping[str, int]
    ) -> None:
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

    def load(self, parameters: Mapping[str, Array], states: Mapping[str, int]) -> None:
        """Copy the whole network's parameters and states into this one.

        Raises
        ------
        ValueError
            As `must_fit`, before anything is changed.
        """
        self.must_fit(parameters, states)
        own = self.parameters()
        for name, value in parameters.items():
            own[name][...] = get_array_module(own[name]).asarray(value)
        leaves = dict(self.leaves())
        for name, number in states.items():
            layer, _, key = name.rpartition(".")
            leaves[layer].state[key] = number

    def astype(self, dtype: Any) -> Self:
        """Cast every parameter to `dtype` and return the network."""
        for _, layer in self.leaves():
            layer.astype(dtype)
        return self

    def to(self, device: str) -> Self:
        """Move every parameter to `device` and return the network."""
        for _, layer in self.leaves():
            layer.to(device)
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """Return the last layer's output shape, without the batch."""
        return self.table(shape).rows[-1].output_shape

    def multiply_adds(self, shape: Shape) -> int:
        """Return the multiply-adds of all the layers, for one example."""
        return self.table(shape).multiply_adds

    def report(self) -> str:
        """Return what crossed between devices in the last step, or no text."""
        return ""

    def blame(self) -> str:
        """Return which of several ranks first gave no finite number, in brackets."""
        return ""

    def close(self) -> None:
        """End the threads, if there are any: no forward or backward from now on."""

    def __enter__(self) -> Self:
        """Return itself; leaving the context calls `close`."""
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
