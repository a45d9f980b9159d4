"""What stands between a picture's pixels and the network: crops, mean, colour noise.

Krizhevsky et al. (2012), section 2: the pixels are raw RGB values less their mean over
the training set. Section 4.1: in training a random crop, mirrored or not, with a random
change of colour; in testing ten crops, whose predictions are averaged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Augmentation", "Preprocessing", "color_eigen"]

ORDERS = ("RGB", "BGR")
COLORS = ("none", "paper", "2012")


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How pictures become what a network takes, with nothing random.

    A crop's pixels become (pixel - mean) / divisor, in float32. AlexNet's are raw, 0 to
    255, less the mean image; the networks of Caffe and torchvision take them otherwise,
    see the examples.

    A mean image is larger than the crops are. As in the 2012 code its centre is
    subtracted from every crop, wherever that lies in its picture, and whether it is
    mirrored or not: the mean says what a network's input is like on average at each
    place, and that input is a crop.

    Parameters
    ----------
    size : int
        Side of the square that the network takes, in pixels.
    mean : ndarray of float32, shape (3,) or (3, H, W)
        Of a pixel or a picture, 0-255, always in RGB. H and W are at least `size`.
    divisor : tuple of three float
        Of R, G and B, after the mean.
    order : {"RGB", "BGR"}
        In which the network takes the channels.
    side : int
        To which the shorter side of a photograph is scaled before its centre square is
        taken, at least `size`. The methods here get pictures for which this is done.

    Raises
    ------
    TypeError
        If `mean` is no array of float32.
    ValueError
        If any of them is not as above.

    Examples
    --------
    The paper's network, whose mean is an image; Caffe's; and torchvision's, which takes
    pixels from 0 to 1, less a mean and divided by a standard deviation:

    >>> paper = Preprocessing(224, np.full((3, 256, 256), 120, np.float32))
    >>> caffe = Preprocessing(227, np.float32([123, 117, 104]), order="BGR")
    >>> mean, std = np.float32([0.485, 0.456, 0.406]), (0.229, 0.224, 0.225)
    >>> torch = Preprocessing(224, 255 * mean, tuple(255 * s for s in std))
    >>> pictures = np.full((2, 3, 256, 256), 130, np.uint8)
    >>> [p.center(pictures)[0, :, 0, 0].round(1).tolist() for p in (paper, caffe)]
    [[10.0, 10.0, 10.0], [26.0, 13.0, 7.0]]
    >>> torch.ten(pictures).shape
    (2, 10, 3, 224, 224)
    """

    size: int
    mean: NDArray[np.float32]
    divisor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    order: str = "RGB"
    side: int = 256

    def __post_init__(self) -> None:
        for name in ("size", "side"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ValueError(f"expected {name} to be 1 pixel or more, got {value}")
        if self.side < self.size:
            raise ValueError(
                f"expected pictures whose side is at least the network's {self.size} "
                f"pixels, got {self.side}"
            )
        if getattr(self.mean, "dtype", None) != np.float32:
            raise TypeError(
                "expected mean to be an array of float32, got "
                f"{getattr(self.mean, 'dtype', type(self.mean).__name__)}"
            )
        shape = self.mean.shape
        if shape != (3,) and not (
            len(shape) == 3 and shape[0] == 3 and min(shape[1:]) >= self.size
        ):
            raise ValueError(
                f"expected mean of shape (3,) or (3, H, W), H and W at least "
                f"{self.size}, got {shape}"
            )
        if not np.isfinite(self.mean).all():
            raise ValueError("expected mean of finite numbers, got others")
        if not (isinstance(self.divisor, tuple) and len(self.divisor) == 3) or not all(
            isinstance(d, float | int) and isfinite(d) and d > 0 for d in self.divisor
        ):
            raise ValueError(
                "expected divisor to be a tuple of three float above 0, got "
                f"{self.divisor!r}"
            )
        if self.order not in ORDERS:
            raise ValueError(f"expected order RGB or BGR, got {self.order!r}")

    def normalize(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return crops that are cut already as the network takes them.

        Parameters
        ----------
        crops : ndarray of uint8, shape (n, 3, size, size)
            RGB pixels 0-255.

        Returns
        -------
        ndarray of float32, shape (n, 3, size, size)

        Raises
        ------
        TypeError, ValueError
            If the crops are of another type or shape.
        """
        _check_pictures(crops, self.size)
        if crops.shape[2:] != (self.size, self.size):
            raise ValueError(
                f"expected crops of {self.size} x {self.size} pixels, got "
                f"{crops.shape[2]} x {crops.shape[3]}"
            )
        return self._fill(np.empty(crops.shape, np.float32), crops)

    def center(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the centre crop of each picture.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 3, H, W)
            RGB pixels 0-255, H and W at least `size`; where they equal it, the crop is
            the picture. Where a border is odd, its smaller half is above and left.

        Returns
        -------
        ndarray of float32, shape (n, 3, size, size)

        Raises
        ------
        TypeError, ValueError
            If the pictures are of another type or shape, or smaller.
        """
        _check_pictures(images, self.size)
        return self.normalize(_center(images, self.size))

    def ten(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the ten crops of each picture that a prediction is averaged over.

        Krizhevsky et al. (2012), section 4.1: "the four corner patches and the center
        patch as well as their horizontal reflections (hence ten patches in all)".

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 3, H, W)
            As `center` takes them.

        Returns
        -------
        ndarray of float32, shape (n, 10, 3, size, size)
            Upper left, upper right, lower left, lower right, centre; then these five
            mirrored.

        Raises
        ------
        TypeError, ValueError
            As for `center`.
        """
        _check_pictures(images, self.size)
        s = self.size
        five = [
            images[:, :, :s, :s],
            images[:, :, :s, -s:],
            images[:, :, -s:, :s],
            images[:, :, -s:, -s:],
            _center(images, s),
        ]
        x = np.empty((len(images), 10, 3, s, s), np.float32)
        for k, crops in enumerate(five):
            self._fill(x[:, k], crops)
            self._fill(x[:, 5 + k], crops[..., ::-1])
        return x

    def _fill(
        self,
        x: NDArray[np.float32],
        crops: Iterable[NDArray[np.uint8]],
        shifts: NDArray[np.float32] | None = None,
        shrink: float = 1.0,
    ) -> NDArray[np.float32]:
        """Write (crop - mean + shift) / (shrink * divisor) into x, and return it.

        Crop by crop, so that each is still in the cache from one step to the next: a
        quarter less time than each step over all crops.
        """
        mean = self.mean[:, None, None]  # (3, 1, 1)
        if self.mean.ndim == 3:
            mean = np.ascontiguousarray(_center(self.mean, self.size))
        scale = np.array(self.divisor, np.float32)[:, None, None] * np.float32(shrink)
        scaled = bool((scale != 1).any())
        for i, crop in enumerate(crops):
            y = x[i] if self.order == "RGB" else x[i, ::-1]  # R, G, B in either case
            y[...] = crop
            y -= mean
            if shifts is not None:
                y += shifts[i, :, None, None]
            if scaled:
                y /= scale
        return x


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
        `color_eigen`; needed unless `color` is "none".

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
    ) -> NDArray[np.float32]:
        """Return a changed version of each picture, as the network takes it.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 3, H, W)
            RGB pixels 0-255, H and W at least ``preprocessing.size``.
        preprocessing : Preprocessing
        rng : numpy.random.Generator
            Everything random is drawn from it.

        Returns
        -------
        ndarray of float32, shape (n, 3, size, size)

        Raises
        ------
        TypeError, ValueError
            If the pictures are of another type or shape, or smaller.
        """
        s = preprocessing.size
        _check_pictures(images, s)
        n, _, H, W = images.shape
        rows, columns = np.full(n, (H - s) // 2), np.full(n, (W - s) // 2)
        mirrored = np.zeros(n, bool)
        if self.crop:
            rows = rng.integers(H - s + 1, size=n)
            columns = rng.integers(W - s + 1, size=n)
        if self.flip:
            mirrored = rng.integers(2, size=n) == 1
        shifts, shrink = None, 1.0
        if self.color != "none":
            along = rng.standard_normal((n, 3)) * self.deviations()  # (n, 3)
            shifts = (along @ np.asarray(self.eigenvectors).T).astype(np.float32)
            shrink = 1 + self.sigma if self.color == "2012" else 1.0
        crops = (
            image[:, row : row + s, column : column + s][..., :: -1 if mirror else 1]
            for image, row, column, mirror in zip(
                images, rows, columns, mirrored, strict=True
            )
        )
        x = np.empty((n, 3, s, s), np.float32)
        return preprocessing._fill(x, crops, shifts, shrink)


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


def _center(images: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the centre of pictures (..., H, W), a view (..., size, size)."""
    row, column = ((full - size) // 2 for full in images.shape[-2:])
    return images[..., row : row + size, column : column + size]


def _check_pictures(images: Any, size: int) -> None:
    """Refuse what is no array of pictures at least so large."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        raise TypeError(
            "expected pictures to be an array of uint8, got "
            f"{getattr(images, 'dtype', type(images).__name__)}"
        )
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"expected pictures of shape (n, 3, H, W), got {images.shape}")
    if min(images.shape[2:]) < size:
        raise ValueError(
            f"expected pictures of at least {size} x {size} pixels, got "
            f"{images.shape[2]} x {images.shape[3]}"
        )


def _shape(array: Any) -> Any:
    return None if array is None else np.shape(array)
