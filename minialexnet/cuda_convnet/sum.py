"""A convolution or dense layer of several inputs, as conv3 sees both towers."""

from collections.abc import Sequence
from typing import Any

from ..engine.arrays import Array, get_array_module
from ..layers import Convolution2D, FullyConnected, Layer
from ..layers.base import Shape


class Sum(Layer):
    """A layer of several inputs: a block of weights for each, their outputs summed.

    y = b + sum over i of f(W_i, x_i), where f is the blocks' convolution or matrix
    product. The 2012 code's conv and fc with several inputs.

    Parameters
    ----------
    blocks : sequence of Convolution2D or of FullyConnected
        One for each input. The bias is the first one's.

    Examples
    --------
    >>> import numpy as np
    >>> both = Sum([FullyConnected(4, 2), FullyConnected(3, 2)])
    >>> both.forward([np.ones((1, 4), np.float32), np.ones((1, 3), np.float32)]).shape
    (1, 2)
    >>> sorted(both.params)
    ['W1', 'W2', 'b']
    """

    def __init__(self, blocks: Sequence[Convolution2D | FullyConnected]) -> None:
        super().__init__()
        self.blocks = list(blocks)
        self.params = {f"W{i}": b.params["W"] for i, b in enumerate(self.blocks, 1)}
        self.params["b"] = self.blocks[0].params["b"]

    def output_shape(self, shape: Any) -> Shape:
        """Return the shape of the sum, given the shape of each input."""
        shapes = [b.output_shape(s) for b, s in zip(self.blocks, shape, strict=True)]
        if len(set(shapes)) > 1:
            raise ValueError(f"expected outputs of one shape to sum, got {shapes}")
        return shapes[0]

    def multiply_adds(self, shape: Any) -> int:
        """Return the multiply-adds of all the blocks."""
        each = zip(self.blocks, shape, strict=True)
        return sum(block.multiply_adds(s) for block, s in each)

    def forward(self, x: Any, train: bool = False) -> Array:
        """Return y, given a list of one array for each block."""
        b = self.params["b"]
        nothing = get_array_module(b).zeros_like(b)
        y = None
        for i, (block, own) in enumerate(zip(self.blocks, x, strict=True), 1):
            # The parameters live here; the blocks borrow them.
            block.params = {"W": self.params[f"W{i}"], "b": b if y is None else nothing}
            part = block.forward(own, train)
            y = part if y is None else y + part
        return y

    def backward(self, dy: Array) -> list[Array]:
        """Return a list of dx for each input: dy goes to every block."""
        dx = [block.backward(dy) for block in self.blocks]
        self.grads = {f"W{i}": b.grads["W"] for i, b in enumerate(self.blocks, 1)}
        self.grads["b"] = self.blocks[0].grads["b"]
        return dx
