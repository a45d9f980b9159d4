"""Crops of pictures, and their pixels made into what a network takes."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def center(images: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the centre of pictures (..., H, W), a view (..., size, size).

    Where a border is odd, its smaller half is above and left.
    """
    row, column = ((full - size) // 2 for full in images.shape[-2:])
    return images[..., row : row + size, column : column + size]


def five(images: NDArray[Any], size: int) -> list[NDArray[Any]]:
    """Return the crops at upper left, upper right, lower left, lower right, centre."""
    return [
        images[..., :size, :size],
        images[..., :size, -size:],
        images[..., -size:, :size],
        images[..., -size:, -size:],
        center(images, size),
    ]


def fill(
    x: NDArray[np.float32],
    crops: Iterable[NDArray[np.uint8]],
    mean: NDArray[np.float32],
    divisor: tuple[float, float, float],
    order: str,
    shifts: NDArray[np.float32] | None = None,
    shrink: float = 1.0,
) -> NDArray[np.float32]:
    """Write (crop - mean + shift) / (shrink * divisor) into x, and return it.

    Crop by crop, so that each is still in the cache from one step to the next: a
    quarter less time than each step over all crops.

    Parameters
    ----------
    x : ndarray of float32, shape (n, 3, size, size)
    crops : iterable of ndarray of uint8, shape (3, size, size)
        RGB pixels 0-255.
    mean : ndarray of float32, shape (3,) or (3, H, W)
        Of an image its centre is taken, see `minialexnet.data.preprocessing`.
    divisor : tuple of three float
    order : {"RGB", "BGR"}
        Of the channels of x.
    shifts : ndarray of float32, shape (n, 3), optional
        What is added to all of R, G and B of each crop.
    shrink : float
        What every channel is divided by, besides its divisor.

    Returns
    -------
    ndarray of float32, shape (n, 3, size, size)
    """
    if mean.ndim == 3:
        mean = np.ascontiguousarray(center(mean, x.shape[-1]))
    else:
        mean = mean[:, None, None]  # (3, 1, 1)
    scale = np.array(divisor, np.float32)[:, None, None] * np.float32(shrink)
    scaled = bool((scale != 1).any())
    for i, crop in enumerate(crops):
        y = x[i] if order == "RGB" else x[i, ::-1]  # R, G, B in either case
        y[...] = crop
        y -= mean
        if shifts is not None:
            y += shifts[i, :, None, None]
        if scaled:
            y /= scale
    return x


def check_images(images: Any, size: int) -> None:
    """Refuse what is no array of pictures at least so large.

    Raises
    ------
    TypeError
        If it is no array of uint8.
    ValueError
        If its shape is not (n, 3, H, W), with H and W at least `size`.
    """
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
