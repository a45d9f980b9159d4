"""Solutions to the exercises on more than two devices."""

from math import prod

import numpy as np

from minialexnet import FullyConnected

__all__ = ["break_even", "lars_step", "ring"]


def ring(arrays):
    """Exercise 1: n - 1 turns in which pieces are added up, and n - 1 to spread them.

    In turn t rank r sends piece r - t to the next one, which adds its own to it. After
    n - 1 turns rank r has the sum of piece r + 1. So each sends 2 (n - 1) pieces.
    """
    n = len(arrays)
    sent = [0] * n
    pieces = [np.array_split(array.copy(), n) for array in arrays]
    for turn in range(2 * (n - 1)):
        moving = [pieces[rank][(rank - turn) % n].copy() for rank in range(n)]
        for rank, piece in enumerate(moving):
            following, place = (rank + 1) % n, (rank - turn) % n
            if turn < n - 1:
                pieces[following][place] += piece
            else:
                pieces[following][place] = piece
            sent[rank] += piece.nbytes
    return [np.concatenate(own) for own in pieces], sent


def break_even(network, shape):
    """Exercise 2: 2 P < 2 P_conv + N (2 sum of D + K), divided by n - 1.

    So N is more than 2 P_dense / (2 sum of D + K).
    """
    dense, inputs = 0, 0
    for layer in network.layers.values():
        if isinstance(layer, FullyConnected):
            inputs += prod(shape)
        if inputs:
            dense += sum(w.size for w in layer.params.values())
        shape = layer.output_shape(shape)
    return 2 * dense // (2 * inputs + prod(shape)) + 1


def lars_step(w, dw, rate, decay):
    """Exercise 3: the rate is 0.001 |w| / (|dw| + decay |w|) times the given one."""
    length, slope = np.linalg.norm(w), np.linalg.norm(dw)
    own = rate * 0.001 * length / (slope + decay * length)
    return w - own * (dw + decay * w)
