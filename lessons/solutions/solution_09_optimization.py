"""Solutions to the exercises on optimisation."""

import numpy as np

__all__ = ["RateOutside", "half_life", "moved"]


class RateOutside:
    """Exercise 1: u <- m u + g + lambda w and w <- w - epsilon u, PyTorch's SGD.

    With v = -epsilon u the paper's step is the same as long as epsilon is: its v
    gathers epsilon (g + lambda w) where u gathers g + lambda w.
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


def moved(steps, rate, momentum):
    """Exercise 2: by how much one gradient of 1 has changed a weight after the steps.

    The steps are -rate, -rate m, -rate m^2 and so on, a geometric series.
    """
    return -rate * (1 - momentum**steps) / (1 - momentum)


def half_life(rate, decay, momentum):
    """Exercise 3: after how many steps a weight without gradient is halved.

    A step leaves the fraction 1 - lambda epsilon / (1 - m), nearly e^-(that).
    """
    return np.log(2) * (1 - momentum) / (decay * rate)
