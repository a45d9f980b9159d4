"""Solutions to the exercises on response normalisation."""

import numpy as np

__all__ = ["jacobian", "rescale", "turning_point"]


def jacobian(a, k, n, alpha, beta):
    """Exercise 1: the matrix of the derivatives of b_i by a_j, for odd n.

    It is not symmetric: off the diagonal both b_i by a_j and b_j by a_i have the factor
    a_i a_j, but one has d_i^(-beta - 1) and the other d_j^(-beta - 1).
    """
    i, j = np.indices((len(a), len(a)))
    window = abs(i - j) <= n // 2  # whether j is in the window of i
    d = k + alpha * window @ a**2
    through_a = np.diag(d**-beta)
    through_d = 2 * alpha * beta * np.outer(a * d ** (-beta - 1), a) * window
    return through_a - through_d


def rescale(k, alpha, k2, alpha2, beta):
    """Exercise 2: s and c such that layer 2 of s a is c times layer 1 of a.

    k2 + alpha2 s^2 S, with S the sum of squares, must be a multiple of k + alpha S, and
    that can only be k2 / k times it: alpha2 s^2 = alpha k2 / k. Layer 2 then gives
    s a (k / k2)^beta d^-beta.
    """
    s = (alpha * k2 / (alpha2 * k)) ** 0.5
    return s, s * (k / k2) ** beta


def turning_point(k, alpha, beta):
    """Exercise 3: the a > 0 that maximises a (k + alpha a^2)^-beta.

    The derivative is (k + alpha a^2)^-beta (1 - 2 alpha beta a^2 / (k + alpha a^2)),
    which is 0 at alpha a^2 (2 beta - 1) = k. For beta up to 1/2 the output never falls.
    """
    if beta <= 1 / 2:
        return np.inf
    return (k / (alpha * (2 * beta - 1))) ** 0.5
