"""The gradient check of every kind of layer, and an exercise, without pytest."""

from pathlib import Path

import numpy as np

from minialexnet import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    ReLU,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    check_function,
    check_layer,
)
from minialexnet.exercises import check, start

rng = np.random.default_rng(0)
x = rng.permutation(2 * 4 * 7 * 6).reshape(2, 4, 7, 6) / 50.0 - 3.01  # no ties, no 0
layers = [
    ReLU(),
    Tanh(),
    Sigmoid(),
    Convolution2D(4, 6, 3, stride=2, padding=1, groups=2, seed=1),
    Convolution2D(4, 6, 3, padding=1, ceil_mode=True, seed=1),
    MaxPooling2D(3, 2),
    AveragePooling2D(3, 2),
    LocalResponseNormalization(n=3, alpha=0.5),
    Dropout(0.5, seed=2),
    Sequential([Flatten(), FullyConnected(4 * 7 * 6, 5, seed=3)]),
]
for layer in layers:
    report = check_layer(layer.astype(np.float64), x, train=True)
    print(str(report).partition("\n")[0])

logits, labels = rng.standard_normal((4, 5)), np.array([0, 4, 2, 2])


def loss(x):
    return SoftmaxCrossEntropy().forward(x, labels)


def slope(x):
    criterion = SoftmaxCrossEntropy()
    criterion.forward(x, labels)
    return criterion.backward()


print(str(check_function(loss, slope, logits)).partition("\n")[0])

found = check(4, MaxPooling2D=MaxPooling2D)
assert found.passed, found
print(str(found).partition("\n")[0])
path = start(1, Path("exercises"))
print(str(check(path)).partition("\n")[0])
path.write_text(path.read_text().replace("y = ...", "y = np.maximum(x, 0)", 1))
assert check(path).points == 1
