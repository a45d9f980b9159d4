"""Fully-connected layers."""

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_kept_memory
from ..engine.twin import twin
from ..initializers import Constant, Initializer, Normal, Seed, draw
from .base import Layer, Shape
from .refuse import takes, takes_gradient
from .refuse_numbers import whole

__all__ = ["FullyConnected"]


@twin
def fully_connected(x: Array, W: Array, b: Array) -> Array:
    """Return y = x W^T + b, (N, K)."""
    return x @ W.T + b


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
        Layers of one seed begin with the same numbers; give each its own.

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
        self.in_features = D = whole(in_features, "in_features")
        self.out_features = K = whole(out_features, "out_features")
        self.params = draw({"W": (weight, (K, D)), "b": (bias, (K,))}, seed)

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
        return fully_connected(x, self.params["W"], self.params["b"])

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
