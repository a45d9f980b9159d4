"""What the layers should compute: the paper's formulas as plain loops over numbers.

Nothing here is fast and nothing is shared with the layers, which the package's tests
compare with these loops. NumPy arrays only hold the numbers. Sections are those of
Krizhevsky et al. 2012.
"""

from .numbers import (
    dropout_mask,
    fully_connected,
    momentum_sgd,
    philox4x32_10,
    response_normalization,
    softmax_cross_entropy,
)
from .windowed import (
    average_pooling,
    convolution,
    im2col,
    max_pooling,
    max_pooling_gradient,
    window_starts,
)

__all__ = [
    "average_pooling",
    "convolution",
    "dropout_mask",
    "fully_connected",
    "im2col",
    "max_pooling",
    "max_pooling_gradient",
    "momentum_sgd",
    "philox4x32_10",
    "response_normalization",
    "softmax_cross_entropy",
    "window_starts",
]
