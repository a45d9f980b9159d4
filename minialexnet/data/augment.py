"""Augmentation in training: random crops, mirrors and colour noise.

Krizhevsky et al. (2012), section 4.1: each training picture gives a random crop,
mirrored or not, with a random change of colour.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .crops import Crops, check_images
from .preprocessing import Preprocessing

COLORS = ("none", "paper", "2012")


@dataclass(frozen=True, eq=False)
class Augmentation:
    """A random change of every training picture that leaves its label right.

    Krizhevsky et al. (2012), section 4.1. Each picture of a batch has its own crop, its
    own coin for the mirror and its own colour noise. Crops begin anywhere that they
    fit: 224 of 256 pixels in 33 x 33 places, so there are 33 * 33 * 2 = 2,178 versions
    of a picture (the paper says 2,048, which is 32 * 32 * 2). The 2012 code drew one
    place and one coin for 32 pictures at once, which takes fewer draws and makes the
    pictures of a batch more alike.

    **Colour.** From the covariance of R, G and B over the training set, its
    eigenvectors p1, p2, p3 and eigenvalues l1, l2, l3, the paper adds to every pixel of
    a picture

        [p1, p2, p3] [a1 l1, a2 l2, a3 l3]^T,   a1, a2, a3 ~ N(0, 0.1^2)

    and the 2012 code the same with the square roots of the eigenvalues. A variance is
    in the square of a pixel's unit, so how large the paper's noise is depends on the
    unit, which the paper does not say. From the 2012 code's roots for ImageNet, 121.78,
    37.09 and 19.72 of 255 grey levels, the noise has along p1, p2, p3 these standard
    deviations, in grey levels:

    ====================================  ======  ======  ======
    the paper's, of pixels from 0 to 255  1483.0  137.6   38.9
    the paper's, of pixels from 0 to 1       5.8    0.54   0.15
    the 2012 code's                         12.2    3.7    2.0
    the 2012 code's, divided by 1.1         11.1    3.4    1.8
    ====================================  ======  ======  ======

    The first would leave nothing of a picture. So ``"paper"`` here is the second: the
    eigenvalues of pixels from 0 to 1. Others who follow the paper's sentence do the
    same, with 0.2175, 0.0188, 0.0045. Beside the 2012 code's it is half as strong along
    p1, which is brightness, and next to nothing along the others, which are hue.

    ``"2012"`` is what ran. It also divides the pixels, less their mean and with the
    noise, by 1 + sigma, in training alone, so that the noise does not make them larger
    than they are in testing.

    Parameters
    ----------
    crop : bool
        Whether crops lie at random; else they are the centre.
    flip : bool
        Whether half of the crops, at random, are mirrored left to right.
    color : {"none", "paper", "2012"}
    sigma : float
        Standard deviation of a1, a2, a3.
    eigenvalues : ndarray of float, shape (3,)
    eigenvectors : ndarray of float, shape (3, 3)
        In its columns. Both are of the covariance of RGB pixels 0-255, see
        `minialexnet.data.color.color_eigen`; needed unless `color` is "none".

    Raises
    ------
    ValueError
        If any of them is not as above.

    Examples
    --------
    >>> values, vectors = np.array([121.78, 37.09, 19.72]) ** 2, np.eye(3)
    >>> for color in ("paper", "2012"):
    ...     augment = Augmentation(True, True, color, 0.1, values, vectors)
    ...     print(augment.deviations().round(2))
    [5.82 0.54 0.15]
    [12.18  3.71  1.97]
    >>> pictures = np.zeros((4, 3, 256, 256), np.uint8)
    >>> to_network = Preprocessing(224, np.zeros(3, np.float32))
    >>> augment(pictures, to_network, np.random.default_rng(0)).shape
    (4, 3, 224, 224)
    """

    crop: bool = True
    flip: bool = True
    color: str = "none"
    sigma: float = 0.1
    eigenvalues: NDArray[np.floating[Any]] | None = None
    eigenvectors: NDArray[np.floating[Any]] | None = None

    def __post_init__(self) -> None:
        if self.color not in COLORS:
            raise ValueError(
                f"expected color to be one of {', '.join(COLORS)}, got {self.color!r}"
            )
        if not (isfinite(self.sigma) and self.sigma >= 0):
            raise ValueError(f"expected sigma to be 0 or more, got {self.sigma}")
        if self.color == "none":
            return
        values, vectors = np.asarray(self.eigenvalues), np.asarray(self.eigenvectors)
        if values.shape != (3,) or vectors.shape != (3, 3):
            raise ValueError(
                f"expected eigenvalues (3,) and eigenvectors (3, 3) with color "
                f"{self.color!r}, got {_shape(self.eigenvalues)} and "
                f"{_shape(self.eigenvectors)}"
            )
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError(f"expected eigenvalues to be 0 or more, got {values}")
        # Loose enough for vectors that were printed with three decimals.
        if not np.allclose(vectors.T @ vectors, np.eye(3), atol=0.01):
            raise ValueError(
                f"expected eigenvectors that are orthonormal, got {vectors.tolist()}"
            )

    def deviations(self) -> NDArray[np.float64]:
        """Return the standard deviations of the colour noise along the eigenvectors.

        Returns
        -------
        ndarray of float64, shape (3,)
            In grey levels of 0-255, before the division that "2012" makes.
        """
        if self.eigenvalues is None or self.color == "none":
            return np.zeros(3)
        values = np.asarray(self.eigenvalues, np.float64)
        if self.color == "2012":
            return self.sigma * np.sqrt(values)
        # Of pixels from 0 to 1 the values are 255^2 times smaller, and a grey level of
        # the noise is 1/255.
        return self.sigma * values / 255

    def __call__(
        self,
        images: NDArray[np.uint8],
        preprocessing: Preprocessing,
        rng: np.random.Generator,
        **place: Any,
    ) -> NDArray[np.float32]:
        """Return a changed version of each picture, as the network takes it.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 3, H, W)
            RGB pixels 0-255, H and W at least ``preprocessing.size``.
        preprocessing : Preprocessing
        rng : numpy.random.Generator
            Everything random is drawn from it.
        **place
            `own` and `N` of a batch of N of which these lie at `own`: it draws for all.

        Returns
        -------
        ndarray of float32, shape (n, 3, size, size)

        Raises
        ------
        TypeError, ValueError
            If the pictures are of another type or shape, or smaller.
        """
        crops = self.cut(images, preprocessing.size, rng, **place)
        return preprocessing.normalize(*crops)  # type: ignore[no-any-return]

    def cut(
        self, images: Any, size: int, rng: Any, own: slice = slice(None), N: int = 0
    ) -> Crops:
        """Return what a call does, crops of `size` pixels, not yet normalised."""
        check_images(images, size)
        n, _, H, W = images.shape
        N = N or n
        rows, columns = np.full(N, (H - size) // 2), np.full(N, (W - size) // 2)
        mirrored = np.zeros(N, bool)
        if self.crop:
            rows = rng.integers(H - size + 1, size=N)
            columns = rng.integers(W - size + 1, size=N)
        if self.flip:
            mirrored = rng.integers(2, size=N) == 1
        shifts, shrink = None, 1.0
        if self.color != "none":
            along = rng.standard_normal((N, 3)) * self.deviations()  # (N, 3)
            shifts = (along @ np.asarray(self.eigenvectors).T).astype(np.float32)[own]
            shrink = 1 + self.sigma if self.color == "2012" else 1.0
        pixels = np.empty((n, 3, size, size), np.uint8)
        for crop, image, row, column, mirror in zip(
            pixels, images, rows[own], columns[own], mirrored[own], strict=True
        ):
            view = image[:, row : row + size, column : column + size]
            crop[...] = view[..., :: -1 if mirror else 1]
        return Crops(pixels, shifts, shrink)


def _shape(array: Any) -> Any:
    return None if array is None else np.shape(array)
