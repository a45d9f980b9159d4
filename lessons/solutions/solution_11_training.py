"""Solutions to the exercises on training."""

from math import ceil

import numpy as np

__all__ = ["other_bits", "pictures_needed", "top_k_error"]


def top_k_error(p, labels, k):
    """Exercise 1: the share of pictures with k or more classes above the label's.

    A network that gives all classes the same probability has none above: by this count
    it is always right. `top_errors` counts the equal ones of a smaller index too, and
    `argpartition` takes whichever it comes across.
    """
    own = np.take_along_axis(p, labels[:, None], axis=1)
    return float(((p > own).sum(axis=1) >= k).mean())


def other_bits(a, b):
    """Exercise 2: the names of the arrays that differ in any bit."""
    return [name for name in a if a[name].tobytes() != b[name].tobytes()]


def pictures_needed(error, points):
    """Exercise 3: the smallest n with sqrt(error (1 - error) / n) <= points / 100.

    ImageNet's 50,000 give each network 0.22 points at 40 %. Of two networks on
    different pictures the difference has 0.22 sqrt(2) = 0.31 points by chance, and 0.4
    is little more than that. On the same pictures only those count on which just one of
    the two is right: were that a tenth, sqrt(0.1 / 50,000) = 0.14 points, and 0.4 is
    near three times as much. That is chance by pictures alone; another seed is chance
    too.
    """
    return ceil(error * (1 - error) / (points / 100) ** 2)
