"""Fully-connected layers."""

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_kept_memory
from ..initializers import Constant, Initializer, Normal, Seed, draw
from .base import Layer, Shape
from .refuse import takes, takes_gradient

__all__ = ["FullyConnected"]


@in_kept_memory(lambda dy, x: (dy.shape[1], x.shape[1]))
def weight_gradient(dy: Array, x: Array, out: Array | None = None) -> Array:
    """Return dW = dy^T x, (K, D)."""
    return get_array_module(dy).matmul(dy.T, x, out=out)


class FullyConnected(Layer):
    """Every output sees every input (Krizhevsky et al. 2012, section 3.5).

    y = x W^T + b.

    Parameters
    ----------
    in_features, out_features : int
        D and K.
    weight, bias : callable (shape, numpy.random.Generator) -> ndarray
        How W, (K, D), and b, (K,), begin.
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> fc8 = FullyConnected(4096, 1000)
    >>> fc8.forward(np.zeros((2, 4096), np.float32)).shape
    (2, 1000)
    """

    kind = "fc"

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        weight: Initializer = Normal(0.01),
        bias: Initializer = Constant(0),
        seed: Seed = 0,
    ) -> None:
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ValueError(
                "expected at least one input and one output feature, "
                f"got {in_features} and {out_features}"
            )
        self.in_features, self.out_features = in_features, out_features
        shape = (out_features, in_features)
        self.params = draw({"W": (weight, shape), "b": (bias, (out_features,))}, seed)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (K,) for an input of (D,)."""
        if shape != (self.in_features,):
            got = (
                shape[0] if len(shape) == 1 else f"shape {shape} (Flatten comes first)"
            )
            raise ValueError(
                f"FullyConnected expected {self.in_features} input features, got {got}"
            )
        return (self.out_features,)

    def multiply_adds(self, shape: Shape) -> int:
        """Return D * K."""
        self.output_shape(shape)
        return self.in_features * self.out_features

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, K), for x, (N, D)."""
        self._x = x
        return x @ self.params["W"].T + self.params["b"]

    @takes_gradient
    def backward(self, dy: Array) -> Array | None:
        """Return dx = dy W, and write dW = dy^T x and db, the sum of dy over N."""
        # dW
        dW = weight_gradient(dy, self._x)
        # db
        db = dy.sum(axis=0)
        self.grads = {"W": dW, "b": db}
        # dx
        return dy @ self.params["W"] if self.needs_dx else None
