"""What the layers should compute: the paper's formulas as plain loops over numbers.

Nothing here is fast and nothing is shared with the layers. The package's tests compare
the layers with these loops, and exercises compare a student's code with the classes.
NumPy arrays only hold the numbers. Sections are those of Krizhevsky et al. 2012.
"""

from .numbers import (
    LocalResponseNormalization,
    MomentumSGD,
    SoftmaxCrossEntropy,
    dropout_mask,
    fully_connected,
    momentum_sgd,
    philox4x32_10,
)
from .windowed import (
    MaxPooling2D,
    average_pooling,
    convolution,
    im2col,
    window_starts,
)

__all__ = [
    "LocalResponseNormalization",
    "MaxPooling2D",
    "MomentumSGD",
    "SoftmaxCrossEntropy",
    "average_pooling",
    "convolution",
    "dropout_mask",
    "fully_connected",
    "im2col",
    "momentum_sgd",
    "philox4x32_10",
    "window_starts",
]
