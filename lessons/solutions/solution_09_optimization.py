"""Solutions to the exercises of lesson 9."""

import numpy as np

__all__ = ["RateOutside", "first_loss", "fit"]


class RateOutside:
    """Exercise 1: u <- m u + g + d w and w <- w - e u, as PyTorch's SGD does it.

    With v = -e u the paper's step is the same as long as e is: its v gathers e (g +
    d w) where u gathers g + d w.
    """

    def __init__(self, parameters, learning_rate, momentum, weight_decay):
        self.parameters, self.learning_rate = parameters, learning_rate
        self.momentum, self.weight_decay = momentum, weight_decay
        self.velocities = {name: np.zeros_like(w) for name, w in parameters.items()}

    def step(self, gradients):
        """Move every parameter one step, in place."""
        for name, w in self.parameters.items():
            u = self.velocities[name]
            u *= self.momentum
            u += gradients[name] + self.weight_decay * w
            w -= self.learning_rate * u


def first_loss(K, s):
    """Exercise 2: ln K + s^2 / 2.

    The mean of e^z is e^(s^2 / 2), so the sum over K logits is about K e^(s^2 / 2). For
    a large s that mean comes from rare, very large z, of which K draws hold none: the
    approximation is then too high.
    """
    return np.log(K) + s**2 / 2


def fit(network, x):
    """Exercise 3: divide each layer's weights so that its output has deviation 1.

    Without biases the output is linear in the weights: divided alike.
    """
    for _, layer in network.leaves():
        if "b" in layer.params:
            layer.params["b"][...] = 0
        y = layer.forward(x)
        if "W" in layer.params:
            deviation = y.std()
            layer.params["W"] /= deviation
            y = y / deviation
        x = y
