"""Figure 3: the first layer's kernels as pictures, and how coloured they are."""

import numpy as np
from numpy.typing import NDArray


def colour_shares(kernels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much of each first-layer kernel is colour: 0 grey, 1 nothing grey.

    A weight w[c] of the three channels at one place is the grey part m = (w[R] + w[G] +
    w[B]) / 3, the same for all three, and the rest, which is at right angles to it. So
    the sum of squares is the sum of theirs, and the share of the rest is ::

        1 - 3 * sum(m^2) / sum(w^2)

    with sums over all places. Of numbers drawn independently it is 2/3 on average: two
    of three directions are colour. Krizhevsky et al. 2012, section 6.1, speak of
    kernels that are "largely color-agnostic" and "largely color-specific", and give
    no measure; this one is ours.

    Parameters
    ----------
    kernels : ndarray, shape (F, 3, KH, KW)

    Returns
    -------
    ndarray of float64, shape (F,)
        NaN for a kernel that is zero everywhere.

    Examples
    --------
    >>> grey, red_green, red = [1, 1, 1], [1, -1, 0], [1, 0, 0]
    >>> kernels = np.array([grey, red_green, red], float).reshape(3, 3, 1, 1)
    >>> colour_shares(kernels).round(3).tolist()
    [0.0, 1.0, 0.667]
    """
    w = np.asarray(kernels, np.float64)
    whole = (w**2).sum((1, 2, 3))
    grey = 3 * (w.mean(1) ** 2).sum((1, 2))
    share = 1 - np.divide(grey, whole, np.full(len(w), np.nan), where=whole > 0)
    return np.asarray(share.clip(0, 1))


def kernel_tiles(
    kernels: NDArray[np.floating], columns: int, gap: int = 1
) -> NDArray[np.float64]:
    """Return first-layer kernels side by side as one picture, for ``imshow``.

    Each is scaled by its own largest weight: grey is a weight of 0, full red is the
    largest weight on red, no red its negative. So a kernel is seen in shape and colour,
    and its strength is not.

    Parameters
    ----------
    kernels : ndarray, shape (F, 3, KH, KW)
        Of R, G and B.
    columns : int
        Kernels in a row.
    gap : int
        White pixels between two.

    Returns
    -------
    ndarray of float64, shape (H, W, 3), 0 to 1
        White where the last row has no kernel.

    Examples
    --------
    >>> kernel_tiles(np.ones((5, 3, 11, 11)), columns=3).shape
    (23, 35, 3)
    """
    F, _, KH, KW = kernels.shape
    rows = -(-F // columns)
    picture = np.ones((rows * (KH + gap) - gap, columns * (KW + gap) - gap, 3))
    for f, kernel in enumerate(kernels):
        y, x = f // columns * (KH + gap), f % columns * (KW + gap)
        largest = float(np.abs(kernel).max()) or 1.0
        tile = 0.5 + kernel.transpose(1, 2, 0) / largest / 2  # (KH, KW, 3)
        picture[y : y + KH, x : x + KW] = tile
    return picture
