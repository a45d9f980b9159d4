"""What every layer has: forward, backward, parameters and their gradients."""

from collections.abc import Callable
from typing import Any, Self

from ..engine.arrays import Array
from ..engine.transfer import to_device

Shape = tuple[int, ...]


class Layer:
    """A function with parameters, and its derivative.

    A layer's ``forward`` keeps what ``backward`` needs; ``backward`` takes the
    gradient of the loss by the layer's output, writes the gradient by each parameter
    into ``grads``, and returns the gradient by the layer's input. Neither changes its
    argument or the parameters; what goes in and comes out may be kept for ``backward``
    and is not to be changed before it.

    In every layer of this folder `takes` and `takes_gradient` stand above forward and
    backward and refuse wrong input. The mathematics is in plain functions above the
    class. A line above such a function says how it is computed: ``@in_parts``, some
    images of the batch at a time; ``@twin``, on a GPU by a kernel of the same name.

    Attributes
    ----------
    params, grads : dict of str to ndarray
        The same keys in both once ``backward`` has run.
    state : dict of str to int
        What a forward in training advances (the step of a dropout layer).
    y_shape : tuple of int or None
        Of the last forward's output.
    needs_dx : bool
        Set it to False on a network's first layer and backward may return None
        instead of a gradient by the pictures, which nobody uses.
    """

    kind = "layer"  # the word that a network numbers its layers with: conv1, conv2

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.state: dict[str, int] = {}
        self.needs_dx = True
        self.y_shape: Shape | None = None

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the layer's output; `train` tells training from testing."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: Array) -> Any:
        """Return the gradient by x, of the shape of x, and fill ``grads``."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one example's output, given that of its input."""
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        """Return the multiply-adds of forward for one example of `shape`.

        Counted for matrix products (convolution, fully connected), 0 for the rest.
        """
        return 0

    def astype(self, dtype: Any) -> Self:
        """Cast the parameters to `dtype` and return the layer."""
        self.params = {key: value.astype(dtype) for key, value in self.params.items()}
        self.grads = {}
        return self

    def to(self, device: str) -> Self:
        """Move the parameters to `device` ("cpu", "cuda:0") and return the layer."""
        self.params = {k: to_device(value, device) for k, value in self.params.items()}
        self.grads = {}
        return self


class Parameters(dict[str, Array]):
    """Parameters by name, as they were when their network was asked for them.

    ``astype`` and ``to`` make new arrays. An optimiser that moved the old ones would
    train nothing, so it asks `replaced` first.

    Parameters
    ----------
    collect : callable () -> dict of str to ndarray
        Returns those that the network has now.
    """

    def __init__(self, collect: Callable[[], dict[str, Array]]) -> None:
        super().__init__(collect())
        self._collect = collect

    def replaced(self) -> list[str]:
        """Return the names of those for which the network has other arrays by now."""
        now = self._collect()
        return [name for name, array in self.items() if now.get(name) is not array]
