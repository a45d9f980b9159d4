"""Normalisation, dense layers, loss, dropout's mask and the step, as plain loops."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...engine.arrays import Array


class LocalResponseNormalization:
    """Section 3.3, every number by itself; the neighbours are n maps or n x n pixels.

    Backward is right for an odd n, where a number's neighbours have it as theirs.
    """

    def __init__(
        self, k: float, n: int, alpha: float, beta: float, across: str = "channels"
    ) -> None:
        self.k, self.n, self.alpha, self.beta, self.across = k, n, alpha, beta, across

    def around(self, i: int, size: int) -> list[int]:
        """Return the n indices around one, from i - n//2 on, that exist."""
        first = i - self.n // 2
        return [j for j in range(first, first + self.n) if 0 <= j < size]

    def neighbours(self, place: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Return the places whose squares are added up."""
        n, c, h, w = place
        _, C, H, W = self.x.shape
        if self.across == "channels":
            return [(n, i, h, w) for i in self.around(c, C)]
        return [(n, c, i, j) for i in self.around(h, H) for j in self.around(w, W)]

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y."""
        self.x, self.d, self.y = x, np.zeros(x.shape), np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            squares = [x[i] ** 2 for i in self.neighbours(place)]
            self.d[place] = self.k + self.alpha * sum(squares)
            self.y[place] = x[place] * self.d[place] ** -self.beta
        return self.y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dx = np.zeros(dy.shape)
        for place in np.ndindex(dy.shape):
            around = self.neighbours(place)
            shared = sum(dy[i] * self.y[i] / self.d[i] for i in around)
            factor = 2 * self.alpha * self.beta * self.x[place]
            dx[place] = dy[place] * self.d[place] ** -self.beta - factor * shared
        return dx


def fully_connected(x: Array, W: Array, b: Array) -> Array:
    """y[n, k] = b[k] + sum over d of W[k, d] x[n, d]."""
    y = np.zeros((len(x), len(W)))
    for n, k in np.ndindex(*y.shape):
        y[n, k] = b[k] + sum(W[k, d] * x[n, d] for d in range(x.shape[1]))
    return y


class SoftmaxCrossEntropy:
    """The mean loss in nats of logits (N, K), row by row, and p, their softmax."""

    def forward(self, x: Array, labels: Array) -> Any:
        """Return the mean loss."""
        self.labels, self.p, losses = labels, np.zeros(x.shape), []
        for n, row in enumerate(x):
            largest = max(row)
            powers = [math.exp(value - largest) for value in row]
            self.p[n] = [power / sum(powers) for power in powers]
            losses.append(-math.log(self.p[n, labels[n]]))
        return sum(losses) / len(losses)

    def backward(self) -> Array:
        """Return dx."""
        N, K = self.p.shape
        dx = np.zeros((N, K))
        for n, k in np.ndindex(N, K):
            t = 1 if k == self.labels[n] else 0
            dx[n, k] = (self.p[n, k] - t) / N
        return dx


def philox4x32_10(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Return four random words of 32 bits, all in Python's own integers.

    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
    """
    R, L = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * R[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * R[2], 2**32)
        R = [high1 ^ R[1] ^ L[0], low1, high0 ^ R[3] ^ L[1], low0]
        L = [(L[0] + 0x9E3779B9) % 2**32, (L[1] + 0xBB67AE85) % 2**32]
    return R


def dropout_mask(
    samples: Sequence[int],
    units: Sequence[int],
    drop_probability: float,
    seed: int,
    step: int,
) -> Array:
    """Return 1 where a unit is kept, else 0, shape (len(samples), len(units)).

    A unit is dropped if its random word, as a fraction of 2**32, is below the
    probability. Four neighbouring units take the four words of one counter.
    """
    mask = np.zeros((len(samples), len(units)))
    for row, sample in enumerate(samples):
        for column, unit in enumerate(units):
            counter = (unit // 4, sample, step, 0)
            words = philox4x32_10(counter, (seed % 2**32, seed // 2**32))
            mask[row, column] = words[unit % 4] >= math.floor(drop_probability * 2**32)
    return mask


class MomentumSGD:
    """Section 5, weight by weight: v <- momentum v - decay rate w - rate dw; w += v."""

    def __init__(
        self, w: Array, learning_rate: float, momentum: float, weight_decay: float
    ) -> None:
        self.w, self.v, self.learning_rate = w, np.zeros(w.shape), learning_rate
        self.momentum, self.weight_decay = momentum, weight_decay

    def step(self, dw: Array) -> None:
        """Move w."""
        rate, momentum = self.learning_rate, self.momentum
        for i in np.ndindex(self.w.shape):
            decay = self.weight_decay * rate * self.w[i]
            self.v[i] = momentum * self.v[i] - decay - rate * dw[i]
            self.w[i] += self.v[i]


def momentum_sgd(w: Array, gradients: Iterable[Array], *constants: float) -> Array:
    """Return w after a step with each of the gradients."""
    sgd = MomentumSGD(w.copy(), *constants)
    for gradient in gradients:
        sgd.step(gradient)
    return sgd.w
