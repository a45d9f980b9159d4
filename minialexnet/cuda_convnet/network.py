"""A network whose layers name their inputs, as those of a layers file do."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import prod
from typing import Any, Self

from ..engine.arrays import Array
from ..engine.devices import check_device, use_device
from ..engine.transfer import to_device
from ..layers import Layer
from ..layers.base import Shape
from ..layers.refuse import refuse_gradient, refuse_input
from ..optimizer import MomentumSGD
from ..sequential import Sequential, named
from ..table import Table, TableRow
from .learning import Learning, largest_rate, make_optimizer


class Network(Sequential):
    """A network whose layers name their inputs; `load` makes it.

    In all else it is a `Sequential`, from the picture to the logits: the softmax and
    cost.logreg of the file are the loss, `minialexnet.SoftmaxCrossEntropy`. A neuron is
    a layer of its own, "conv2a_neuron" after "conv2a", and so is the flattening
    before a dense layer, "pool3a_flat". Where a layer has several inputs its weights
    are "conv3a.W1", "conv3a.W2", ... in the order of the inputs, with one bias
    "conv3a.b".

    Parameters
    ----------
    layers : sequence of (str, Layer)
        In the order in which they are computed, the output last.
    inputs : dict of str to tuple of str
        What each layer takes: names of layers before it, or "" for the picture.
    gpus : dict of str to int
        The number that the file gives each layer, see `place`.
    learning : dict of str to Learning
        For each parameter by name.
    """

    def __init__(
        self,
        layers: Sequence[tuple[str, Layer]],
        inputs: Mapping[str, tuple[str, ...]],
        gpus: Mapping[str, int],
        learning: Mapping[str, Learning],
    ) -> None:
        super().__init__(layers)
        self.inputs, self.gpus = dict(inputs), dict(gpus)
        self.learning = dict(learning)
        self._devices: dict[str, str] = {}  # of each layer, once they are placed

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the logits, (N, K), on the device of the last layer.

        Parameters
        ----------
        x : ndarray, shape (N, C, H, W)
        train : bool
        """
        refuse_input(self, x)
        y, values = x, {"": x}
        for name, layer in self.layers.items():
            seen = [self._bring(values[i], name) for i in self.inputs[name]]
            with self._on(name), named(name, _shapes(seen)):
                y = layer.forward(seen[0] if len(seen) == 1 else seen, train)
            values[name] = y
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Any:
        """Go back through the layers, last first; return dx by the picture.

        A layer that several others see collects the sum of what comes back from them.
        If the first layer is told that its dx is not needed, all that see the picture
        are, and None is returned.
        """
        refuse_gradient(self, dy)
        first, last = next(iter(self.layers.values())), next(reversed(self.layers))
        gradients = {last: dy}
        for name, layer in reversed(self.layers.items()):
            if self.inputs[name] == ("",):
                layer.needs_dx = first.needs_dx
            dy = self._bring(gradients.pop(name), name)
            with self._on(name), named(name, dy.shape):
                dx = layer.backward(dy)
            parts = dx if isinstance(dx, list) else [dx]
            for source, part in zip(self.inputs[name], parts, strict=True):
                if part is not None:
                    part = self._bring(part, source)
                    with self._on(source):
                        others = gradients.get(source)
                        gradients[source] = part if others is None else others + part
        return gradients.get("")

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it."""
        rows, shapes = [], {"": tuple(input_shape)}
        for name, layer in self.layers.items():
            seen = [shapes[i] for i in self.inputs[name]]
            shape: Any = seen[0] if len(seen) == 1 else tuple(seen)
            with named(name, shape):
                multiply_adds = layer.multiply_adds(shape)
                y = shapes[name] = layer.output_shape(shape)
            count = sum(int(value.size) for value in layer.params.values())
            rows.append(TableRow(name, y, count, multiply_adds, 4 * prod(y)))
        return Table(tuple(input_shape), tuple(rows))

    @property
    def learning_rate(self) -> float:
        """The largest epsW of the file, or epsB where all epsW are 0."""
        return largest_rate(self.learning)

    def optimizer(self, parameters: Mapping[str, Array]) -> MomentumSGD:
        """Return what trains the network as the params file says.

        It begins with `learning_rate`. Set another, and all layers' rates change in
        the same proportion.

        Parameters
        ----------
        parameters : dict of str to ndarray
            As the method `parameters` gives them.
        """
        return make_optimizer(parameters, self.learning)

    def place(self, devices: Sequence[str]) -> Self:
        """Move each layer to the device of its gpu number, and return the network.

        From then on each layer is computed there; what it sees of another device is
        copied. `to` brings all back to one device. Load weights before this.

        Parameters
        ----------
        devices : sequence of str
            ``("cuda:0", "cuda:1")``: a layer with gpu=1 lies on the second.

        Raises
        ------
        ValueError
            If there are fewer devices than the gpu numbers need.
        """
        needed = 1 + max(self.gpus.values())
        if len(devices) < needed:
            raise ValueError(
                f"expected {needed} devices for gpu numbers 0 to {needed - 1}, "
                f"got {len(devices)}"
            )
        self._devices = {n: check_device(devices[gpu]) for n, gpu in self.gpus.items()}
        self._devices[""] = devices[0]
        for name, layer in self.layers.items():
            with self._on(name):
                layer.to(self._devices[name])
        return self

    def to(self, device: str) -> Self:
        """Move every parameter to one device and return the network."""
        self._devices = {}
        return super().to(device)

    def _on(self, name: str) -> AbstractContextManager[Any]:
        """Return a context on the device of a layer."""
        return use_device(self._devices[name]) if self._devices else nullcontext()

    def _bring(self, array: Array, name: str) -> Array:
        """Return an array on the device of a layer."""
        return to_device(array, self._devices[name]) if self._devices else array


def _shapes(arrays: Sequence[Array]) -> Any:
    """Return the shape of one array, or the shapes of several, to show."""
    shapes = tuple(tuple(array.shape) for array in arrays)
    return shapes[0] if len(shapes) == 1 else shapes
