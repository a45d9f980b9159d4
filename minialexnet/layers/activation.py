"""The neurons' nonlinearities: ReLU, and the saturating two it is compared with."""

from __future__ import annotations

from ..engine import kernels as gpu
from ..engine.arrays import Array, get_array_module
from ..engine.memory import empty_like
from .base import Layer

__all__ = ["ReLU", "Sigmoid", "Tanh"]


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

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return max(0, x), of the shape and dtype of x."""
        self._check_input(x)
        xp = get_array_module(x)
        if gpu.fit(x):
            self._y: Array = gpu.relu(x)
        else:
            self._y = xp.maximum(x, 0, out=empty_like(x))
        self._y_shape = x.shape
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx = dy where the output was positive, else 0."""
        self._check_gradient(dy)
        if gpu.fit(self._y, dy):
            return gpu.relu_backward(self._y, dy)
        # dx
        return get_array_module(dy).multiply(dy, self._y > 0, out=empty_like(dy))


class Tanh(Layer):
    """Hyperbolic tangent: f(x) = tanh(x), which saturates at -1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> Tanh().forward(np.array([[-40.0, 0.0, 40.0]])).tolist()
    [[-1.0, 0.0, 1.0]]
    """

    kind = "tanh"

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return tanh(x), of the shape and dtype of x."""
        self._check_input(x)
        xp = get_array_module(x)
        self._y: Array = xp.tanh(x)
        self._y_shape = x.shape
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx = dy (1 - y^2)."""
        self._check_gradient(dy)
        # dx
        return dy * (1 - self._y * self._y)


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

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return 1 / (1 + e^-x), of the shape and dtype of x."""
        self._check_input(x)
        xp = get_array_module(x)
        self._y: Array = xp.tanh(x * 0.5) * 0.5 + 0.5
        self._y_shape = x.shape
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx = dy y (1 - y)."""
        self._check_gradient(dy)
        # dx
        return dy * (self._y * (1 - self._y))
