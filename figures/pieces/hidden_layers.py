"""Section 4.2: the small network whose two hidden layers have dropout or not."""

from __future__ import annotations

import math

import numpy as np

from minialexnet import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    MaxPooling2D,
    Normal,
    ReLU,
    Sequential,
)
from minialexnet.engine.arrays import Array
from minialexnet.layers import Layer


class Scaled(Layer):
    """Pixels minus their mean, up to about 128 in size, in units of 64."""

    kind = "scaled"

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return x / 64."""
        self._y_shape = x.shape
        return x / np.float32(64)

    def backward(self, dy: Array) -> Array:
        """Return dx = dy / 64."""
        return dy / np.float32(64)


def build(
    network: Sequential, seed: int, p: float, kernels: int = 16, units: int = 256
) -> Sequential:
    """Return the network with dropout of probability p, in place of another.

    Weights begin as N(0, 2 / D), D a neuron's inputs, so that activities neither fade
    nor grow from layer to layer, and those of the output as the paper's N(0, 0.01^2).
    """
    rng = np.random.default_rng(seed)

    def dense(inputs: int, outputs: int) -> FullyConnected:
        sigma = 0.01 if outputs == 10 else math.sqrt(2 / inputs)
        return FullyConnected(inputs, outputs, weight=Normal(sigma), seed=rng)

    convolution = Convolution2D(
        *(3, kernels),
        kernel_size=5,
        stride=2,
        padding=2,
        weight=Normal(math.sqrt(2 / 75)),
        seed=rng,
    )
    front = [Scaled(), convolution, ReLU(), MaxPooling2D(3, 2, ceil_mode=True)]
    hidden: list[Layer] = []
    for layer, inputs in enumerate((kernels * 8 * 8, units)):
        dropout = Dropout(p, seed=2 * seed + layer)
        hidden += [dense(inputs, units), ReLU(), dropout]
    return Sequential([*front, Flatten(), *hidden, dense(units, 10)])
