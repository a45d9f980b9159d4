"""Normalisation, dense layers, loss, dropout's mask and the step, as plain loops."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ...engine.arrays import Array


def response_normalization(
    x: Array, k: float, n: int, alpha: float, beta: float, across: str
) -> Array:
    """Section 3.3; the n neighbours of i are i - n//2 and the n - 1 that follow it."""
    y = np.zeros(x.shape)
    sizes = x.shape[1:]
    for sample in range(x.shape[0]):
        for c, h, w in np.ndindex(*sizes):
            maps = range(c - n // 2, c - n // 2 + n) if across == "channels" else [c]
            rows = [h] if across == "channels" else range(h - n // 2, h - n // 2 + n)
            columns = [w] if across == "channels" else range(w - n // 2, w - n // 2 + n)
            squares = [
                x[sample, i, r, q] ** 2
                for i in maps
                for r in rows
                for q in columns
                if 0 <= i < sizes[0] and 0 <= r < sizes[1] and 0 <= q < sizes[2]
            ]
            y[sample, c, h, w] = x[sample, c, h, w] / (k + alpha * sum(squares)) ** beta
    return y


def fully_connected(x: Array, W: Array, b: Array) -> Array:
    """y[n, k] = b[k] + sum over d of W[k, d] x[n, d]."""
    y = np.zeros((len(x), len(W)))
    for n, k in np.ndindex(*y.shape):
        y[n, k] = b[k] + sum(W[k, d] * x[n, d] for d in range(x.shape[1]))
    return y


def softmax_cross_entropy(x: Array, labels: Array) -> tuple[float, Array]:
    """Return (mean loss in nats, probabilities) of logits x, (N, K)."""
    losses, probabilities = [], np.zeros(x.shape)
    for n, row in enumerate(x.tolist()):
        largest = max(row)
        total = math.fsum(math.exp(value - largest) for value in row)
        losses.append(math.log(total) - (row[labels[n]] - largest))
        probabilities[n] = [math.exp(value - largest) / total for value in row]
    return math.fsum(losses) / len(losses), probabilities


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


def momentum_sgd(
    w: Sequence[float],
    gradients: Iterable[Iterable[float]],
    rate: float,
    momentum: float,
    decay: float,
) -> list[float]:
    """Section 5: v <- momentum v - decay rate w - rate g; w <- w + v, number by number.

    Returns w after a step with each of the gradients.
    """
    weights, v = list(w), [0.0] * len(w)
    for gradient in gradients:
        for i, g in enumerate(gradient):
            v[i] = momentum * v[i] - decay * rate * weights[i] - rate * g
            weights[i] = weights[i] + v[i]
    return weights
