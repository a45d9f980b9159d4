"""Winograd's tiles: windows, kernels and outputs changed to values at points.

Polynomials are multiplied by their values at points. Here one axis of a window holds
the coefficients of one polynomial and one axis of a kernel those of the other.
"""

from functools import cache
from math import prod
from typing import Any

from ..engine.arrays import Array, get_array_module

TILE = 4  # outputs of a tile's side
# The last point of all, infinity, stands for the coefficient of the highest power.
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


def windows_at_points(
    x: Array, padding: tuple[int, int], K: int, tiles: tuple[int, int]
) -> Array:
    """Return B^T d B of every tile's window d, (n*n, N*TH*TW, C), n = TILE + K - 1.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    padding : (int, int)
    K : int
        The kernel's side.
    tiles : (int, int)
        TH and TW, how many tiles cover the output.
    """
    xp = get_array_module(x)
    N, C, H, W = x.shape
    (PH, PW), (TH, TW) = padding, tiles
    n = TILE + K - 1
    HP, WP = (TH - 1) * TILE + n, (TW - 1) * TILE + n
    image = xp.zeros((N, HP, WP, C), x.dtype)
    image[:, PH : PH + H, PW : PW + W] = x.transpose(0, 2, 3, 1)
    s, h, w, c = image.strides
    d = xp.lib.stride_tricks.as_strided(
        image, (n, n, N, TH, TW, C), (h, w, s, h * TILE, w * TILE, c)
    )
    B, _, _ = bases(x, K)
    return both_axes(B.T, d.reshape(n * n, -1, C))


def kernels_at_points(W: Array, groups: int, x: Array) -> Array:
    """Return G W G^T, (n*n, C/groups, F), in the type of x, a group after another.

    Parameters
    ----------
    W : ndarray, shape (F, C/groups, K, K)
    groups : int
    x : ndarray
    """
    _, C, K, _ = W.shape
    _, G, _ = bases(x, K)
    rows = W.reshape(groups, -1, C, K * K).transpose(0, 3, 2, 1)
    # rows is (groups, K*K, C/groups, F/groups)
    return get_array_module(x).concatenate([both_axes(G, g) for g in rows], axis=2)


def both_axes(M: Array, X: Array) -> Array:
    """Return M X M^T of the first axis, n*n, taken as two: (n*n, R, C) to (m*m, R, C).

    M is (m, n).
    """
    m, n = M.shape
    _, R, C = X.shape
    rows = (M @ X.reshape(n, -1)).reshape(m, n, R * C)
    return (M @ rows).reshape(m * m, R, C)


def bases(x: Array, K: int) -> tuple[Array, Array, Array]:
    """Return B, G and A for kernels of K x K, as arrays in the type of x."""
    xp = get_array_module(x)
    B, G, A = (xp.asarray(rows, x.real.dtype) for rows in _bases(K))
    return B, G, A


@cache
def _bases(K: int) -> tuple[Any, Any, Any]:
    """Return B (n x n), G (n x K) and A (n x TILE) of one axis, n = TILE + K - 1.

    Row j of G and of A holds the powers of point j, G's divided by the product of the
    point's distances to the others; column j of B holds the coefficients of the
    polynomial that is zero at all the others. Infinity, the last, stands for the
    highest power.
    """
    points = POINTS[: TILE + K - 2]
    n = len(points) + 1
    G, A, B = [], [], []
    for point in points:
        others = [other for other in points if other != point]
        distance = prod(point - other for other in others)
        G.append([point**k / distance for k in range(K)])
        A.append([point**k for k in range(TILE)])
        B.append([*_coefficients(others), 0.0])
    G.append([0.0] * (K - 1) + [1.0])
    A.append([0.0] * (TILE - 1) + [1.0])
    B.append(_coefficients(points))
    return [[B[j][i] for j in range(n)] for i in range(n)], G, A


def _coefficients(roots: Any) -> list[float]:
    """Return the coefficients, lowest first, of the product of (t - root)."""
    product = [1.0]
    for root in roots:
        higher, lower = [0.0, *product], [*product, 0.0]
        product = [a - root * b for a, b in zip(higher, lower, strict=True)]
    return product
