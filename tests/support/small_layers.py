"""Small layers as a reader would write them, for the gradient check to judge."""

import numpy as np
import pytest

from minialexnet.gradient_check import GradientError, check_layer


class Scale:
    """y = w x + c over the last axis, as a reader would write it: no base class."""

    def __init__(self, features=3, dtype="float64"):
        rng = np.random.default_rng(7)
        w, c = rng.standard_normal((2, features)).astype(dtype)
        self.params, self.grads = {"w": w, "c": c}, {}

    def forward(self, x):
        self.x = x
        return x * self.params["w"] + self.params["c"]

    def backward(self, dy):
        self.grads = {"w": (dy * self.x).sum(0), "c": dy.sum(0)}
        return dy * self.params["w"]


class Square:
    """y = x^2, without parameters."""

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dy):
        return 2 * self.x * dy


class Network:
    """Layers in a row, no kin of Sequential."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def _collect(self, what):
        return {
            f"part{i}.{key}": array
            for i, layer in enumerate(self.layers)
            for key, array in getattr(layer, what, {}).items()
        }

    def parameters(self):
        return self._collect("params")

    def gradients(self):
        return self._collect("grads")


def fails(layer, x, *inputs, **options):
    """Return the message of the check that must fail."""
    with pytest.raises(GradientError) as caught:
        check_layer(layer, x, *inputs, **options)
    return str(caught.value)


def of(f, slope):
    """Return a layer of the function f with the derivative slope."""

    class Elementwise:
        def forward(self, x):
            self.x = x
            return f(x)

        def backward(self, dy):
            return dy * slope(self.x)

    return Elementwise()


def missing_scale(self, dy):
    self.grads = {"w": (dy * self.x).sum(0), "c": dy.sum(0)}
    return dy
