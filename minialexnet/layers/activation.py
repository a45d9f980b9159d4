"""The neurons' nonlinearities: ReLU, and the saturating two it is compared with."""

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_parts
from ..engine.twin import twin
from .base import Layer
from .finite import only_where
from .refuse import takes, takes_gradient

__all__ = ["ReLU", "Sigmoid", "Tanh"]


@twin
@in_parts(arrays_held=2)
def relu(x: Array, out: Array | None = None) -> Array:
    """Return y = max(0, x)."""
    return get_array_module(x).maximum(x, 0, out=out)


@twin
@in_parts(arrays_held=3)
def relu_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """Return dx = dy where y > 0, else 0."""
    return only_where(dy, y > 0, out=out)


class ReLU(Layer):
    """Rectified linear unit (Krizhevsky et al. 2012, section 3.1).

    f(x) = max(0, x). At x = 0 the derivative is taken as 0.

    Examples
    --------
    >>> import numpy as np
    >>> ReLU().forward(np.array([[-1.0, 0.0, 2.0]])).tolist()
    [[0.0, 0.0, 2.0]]
    """

    kind = "relu"

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return max(0, x), of the shape and dtype of x."""
        self._y = relu(x)
        return self._y

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx = dy where the output was positive, else 0."""
        # dx
        return relu_backward(dy, self._y)


@in_parts(arrays_held=2)
def tanh(x: Array) -> Array:
    """Return y = tanh(x)."""
    return get_array_module(x).tanh(x)


@in_parts(arrays_held=4)
def tanh_backward(dy: Array, y: Array) -> Array:
    """Return dx = dy (1 - y^2)."""
    return dy * (1 - y * y)


class Tanh(Layer):
    """Hyperbolic tangent: f(x) = tanh(x), which saturates at -1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> Tanh().forward(np.array([[-40.0, 0.0, 40.0]])).tolist()
    [[-1.0, 0.0, 1.0]]
    """

    kind = "tanh"

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return tanh(x), of the shape and dtype of x."""
        self._y = tanh(x)
        return self._y

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx = dy (1 - y^2)."""
        # dx
        return tanh_backward(dy, self._y)


@in_parts(arrays_held=2)
def sigmoid(x: Array) -> Array:
    """Return y = (1 + tanh(x/2)) / 2."""
    return get_array_module(x).tanh(x * 0.5) * 0.5 + 0.5


@in_parts(arrays_held=4)
def sigmoid_backward(dy: Array, y: Array) -> Array:
    """Return dx = dy y (1 - y)."""
    return dy * (y * (1 - y))


class Sigmoid(Layer):
    """Logistic function: f(x) = 1 / (1 + e^-x), which saturates at 0 and 1.

    Computed as (1 + tanh(x/2)) / 2, the same function without an exponential that
    overflows.

    Examples
    --------
    >>> import numpy as np
    >>> Sigmoid().forward(np.array([[-40.0, 0.0, 40.0]])).tolist()
    [[0.0, 0.5, 1.0]]
    """

    kind = "sigmoid"

    @takes()
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return 1 / (1 + e^-x), of the shape and dtype of x."""
        self._y = sigmoid(x)
        return self._y

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx = dy y (1 - y)."""
        # dx
        return sigmoid_backward(dy, self._y)
