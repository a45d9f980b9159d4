"""Solutions to the exercises of lesson 4."""

from itertools import combinations

import numpy as np

from minialexnet import MaxPooling2D

__all__ = ["SharedTies", "pooled_sides", "winners"]


def pooled_sides(side, z, up):
    """Exercise 1: the sides of the maps after each of three poolings with s = 2.

    fc6 has 256 * 6 * 6 * 4096 = 37,748,736 weights, and 256 * 7 * 7 * 4096 =
    51,380,224 with maps of 7 x 7: a third more.
    """
    sides = []
    for _ in range(3):
        room = side - z
        side = 1 + (-(-room // 2) if up else room // 2)
        sides.append(side)
    return sides


class SharedTies(MaxPooling2D):
    """Exercise 2: of several equal winners each takes the same share."""

    def forward(self, x, train=False):
        """Return y, and keep x."""
        self.x = x
        return super().forward(x, train)

    def backward(self, dy):
        """Return dx."""
        x, z, s = self.x, self.kernel_size[0], self.stride[0]
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(dy.shape):
            place = n, c, slice(i * s, i * s + z), slice(j * s, j * s + z)
            won = x[place] == x[place].max()
            dx[place] += dy[n, c, i, j] * won / won.sum()
        return dx


def winners(z):
    """Exercise 3: the share of pixels that win at least one window, s = 2.

    The map repeats every 2 x 2 pixels, so four pixels stand for all. Of a set of
    windows a pixel is the largest of all in their union with probability 1 / (number of
    pixels in it). Inclusion and exclusion: add the single windows, subtract the pairs,
    add the triples, subtract the four.
    """
    share = 0.0
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        windows = [
            {(i + a, j + b) for a in range(z) for b in range(z)}
            for i in range(-4, 4, 2)
            for j in range(-4, 4, 2)
        ]
        seeing = [window for window in windows if (row, column) in window]
        for size in range(1, len(seeing) + 1):
            for chosen in combinations(seeing, size):
                share += (-1) ** (size + 1) / len(set.union(*chosen)) / 4
    return share
