"""How the colours of a training set vary: what the colour noise follows.

Krizhevsky et al. (2012), section 4.1: "we perform PCA on the set of RGB pixel values
throughout the ImageNet training set".
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def color_sums(
    images: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sums of R, G and B over all pixels, and of their products.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 3, H, W)

    Returns
    -------
    sums : ndarray of int64, shape (3,)
    products : ndarray of int64, shape (3, 3)
        Of R, G and B with each other.

    Examples
    --------
    >>> sums, products = color_sums(np.full((1, 3, 1, 2), 10, np.uint8))
    >>> sums.tolist(), products[0].tolist()
    ([20, 20, 20], [200, 200, 200])
    """
    rgb = images.swapaxes(0, 1).reshape(3, -1).astype(np.float64)
    # Whole numbers far below 2**53: exact in float64, which BLAS multiplies fast.
    return rgb.sum(axis=1).astype(np.int64), (rgb @ rgb.T).astype(np.int64)


def color_covariance(
    sums: NDArray[np.int64], products: NDArray[np.int64], pixels: int
) -> NDArray[np.float64]:
    """Return the covariance of R, G and B from what `color_sums` returns.

    E[xy] - E[x] E[y] = (n sum(xy) - sum(x) sum(y)) / n^2, in whole numbers of any size
    up to the one division: it does not depend on how the pixels were divided into
    parts that were summed apart.

    Parameters
    ----------
    sums : ndarray of int64, shape (3,)
    products : ndarray of int64, shape (3, 3)
    pixels : int
        How many pixels were summed, n above.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Of pixels 0-255; its eigenvectors are the axes of the colour noise.
    """
    n, s = pixels, sums.tolist()
    return np.array(
        [
            [(n * int(products[i, j]) - s[i] * s[j]) / n**2 for j in range(3)]
            for i in range(3)
        ]
    )


def color_eigen(
    covariance: NDArray[np.floating[Any]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the axes along which a training set's colours vary, and how much.

    Parameters
    ----------
    covariance : ndarray of float, shape (3, 3)
        Of R, G and B over the training set, see `minialexnet.data.Dataset.covariance`.

    Returns
    -------
    eigenvalues : ndarray of float64, shape (3,)
        The variances along the axes, the largest first; none below 0.
    eigenvectors : ndarray of float64, shape (3, 3)
        The axes, in columns. Of each, the entry of the largest size is positive.

    Raises
    ------
    ValueError
        If it is no covariance: of another shape, not symmetric, with a variance below
        0, or not finite.

    Examples
    --------
    >>> covariance = np.array([[5, 0, 4], [0, 2, 0], [4, 0, 5]])
    >>> values, vectors = color_eigen(covariance)
    >>> values.round(6).tolist()
    [9.0, 2.0, 1.0]
    >>> np.allclose(vectors @ np.diag(values) @ vectors.T, covariance)
    True
    """
    covariance = np.asarray(covariance, np.float64)
    if covariance.shape != (3, 3) or not np.isfinite(covariance).all():
        raise ValueError(
            f"expected a covariance (3, 3) of finite numbers, got {covariance.tolist()}"
        )
    if not np.allclose(covariance, covariance.T):
        raise ValueError(f"expected a symmetric covariance, got {covariance.tolist()}")
    values, vectors = np.linalg.eigh(covariance)
    # Rounding can bring what is 0 below it.
    if values[0] < -1e-9 * abs(values[2]):
        raise ValueError(
            f"expected a covariance with no variance below 0, got one of {values[0]}"
        )
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.sign(vectors[largest, range(3)])
