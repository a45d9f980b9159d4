"""Solutions to the exercises on two devices."""

from math import prod

import numpy as np

from minialexnet import Convolution2D, FullyConnected

__all__ = ["bytes_a_picture", "changed_by_own_tower", "grouped"]


def grouped(W):
    """Exercise 1: the kernels of two groups that compute what W does in one.

    V_12 and V_21 must be 0: the first half of the kernels does not see the second half
    of the maps, and the other way round. V_11 and V_22 are what is left.
    """
    F, C = W.shape[:2]
    first, second = W[: F // 2], W[F // 2 :]
    if first[:, C // 2 :].any() or second[:, : C // 2].any():
        raise ValueError("expected 0 for the other tower's maps, got other numbers")
    return np.concatenate([first[:, : C // 2], second[:, C // 2 :]])


def bytes_a_picture(network, shape):
    """Exercise 2: what crosses in float32, forward and backward.

    Before a layer that sees both towers each device sends its half of the maps, so all
    of them cross. conv1 sees the picture, which both devices are given.
    """
    numbers, began = 0, False
    for _, layer in network.leaves():
        learned = isinstance(layer, Convolution2D | FullyConnected)
        if learned and began and getattr(layer, "groups", 1) == 1:
            numbers += prod(shape)
        began = began or learned
        shape = layer.output_shape(shape)
    numbers += prod(shape) // 2  # the second device's half of the output
    return 2 * 4 * numbers  # as much comes back; 4 bytes a number


def changed_by_own_tower(C, n):
    """Exercise 3: maps whose neighbours lie on both sides of the border.

    The neighbours of map i are i - n//2 to i + n//2. The first map of the second tower
    is C/2: it is among them from i = C/2 - n//2 on, and C/2 - 1 up to C/2 - 1 + n//2.
    """
    border = C // 2
    return [i for i in range(C) if border - n // 2 <= i < border + n // 2]
