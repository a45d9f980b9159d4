"""Solutions to the exercises on convolution."""

import numpy as np

from minialexnet import Convolution2D

__all__ = ["dx_by_convolution", "pointwise", "receptive_field"]


def receptive_field(layers):
    """Exercise 1: the side of the square that one output sees, in pixels."""
    side, step = 1, 1  # what an output sees, and how far apart two neighbours look
    for kernel_size, stride in layers:
        side += (kernel_size - 1) * step
        step *= stride
    return side


def pointwise(x, W, b):
    """Exercise 2: a convolution with kernels of 1 x 1 as one matrix product.

    Each pixel's channels are a row; all rows go through the same dense layer.
    """
    N, C, height, width = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)  # (N*height*width, C)
    y = rows @ W.T + b  # (N*height*width, F)
    return y.reshape(N, height, width, -1).transpose(0, 3, 1, 2)


def dx_by_convolution(dy, w, P):
    """Exercise 3: dx for stride 1 as a convolution of dy.

    The output at i sees the pixel i + k - P by the kernel's number k. So the pixel at p
    collects dy[p - k + P] w[k] over k. With k = K - 1 - k' that is dy[p + k' - (K - 1 -
    P)] times w[K - 1 - k']: a convolution with the turned kernel and padding K - 1 - P.
    """
    F, C, K, _ = w.shape
    layer = Convolution2D(F, C, kernel_size=K, padding=K - 1 - P)
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)  # (C, F, K, K)
    layer.params = {"W": turned, "b": np.zeros(C)}
    return layer.forward(dy)
