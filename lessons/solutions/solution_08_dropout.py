"""Solutions to the exercises on dropout."""

import numpy as np

__all__ = ["InvertedDropout", "inverted_rate", "variance"]


class InvertedDropout:
    """Exercise 1: m x / (1 - p) in training, x in testing."""

    def __init__(self, p, seed):
        self.p, self.rng = p, np.random.default_rng(seed)

    def forward(self, x, train=False):
        """Return y."""
        # What x is multiplied with; backward needs the same numbers.
        self._factor = 1.0
        if train:
            self._factor = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        return x * self._factor

    def backward(self, dy):
        """Return dx = dy times what forward multiplied x with."""
        return dy * self._factor


def inverted_rate(rate, q=0.5):
    """Exercise 2: q^2 times the rate, a quarter of it for q = 1/2.

    W sees m x, so dW = dy^T (m x); V = q W sees m x / q, so dV = dW / q. A step moves W
    by -rate dW. V must stay q W, so it must move by -q rate dW = -(q^2 rate) dV.
    """
    return rate * q**2


def variance(w, x, p):
    """Exercise 3: the sum of p (1 - p) (w_i x_i)^2; largest for p = 1/2.

    The coins are independent, so the variances of the terms add up, and m_i, which is 1
    with probability 1 - p and else 0, has the variance p (1 - p).
    """
    return p * (1 - p) * ((w * x) ** 2).sum()
