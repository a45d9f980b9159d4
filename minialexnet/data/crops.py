"""Crops of pictures, and their pixels made into what a network takes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Array, get_array_module, is_array
from ..engine.transfer import to_device


class Crops(NamedTuple):
    """Crops of pictures as they were cut, and what is still to be done to them.

    The pixels are a quarter of the bytes that the network's input takes, so it is they
    that are sent to a GPU.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (n, 3, size, size) or (n, 10, 3, size, size)
        RGB pixels 0-255.
    shifts : ndarray of float32, shape (n, 3), optional
        What is added to all of R, G and B of each crop.
    shrink : float
        What every channel is divided by, besides its divisor.
    """

    pixels: Array
    shifts: Array | None = None
    shrink: float = 1.0

    def to(self, device: str) -> "Crops":
        """Return the same crops on `device`."""
        shifts = None if self.shifts is None else to_device(self.shifts, device)
        return Crops(to_device(self.pixels, device), shifts, self.shrink)


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


def normalized(
    crops: Crops,
    mean: NDArray[np.float32],
    divisor: tuple[float, float, float],
    order: str,
) -> Array:
    """Return (pixel - mean + shift) / (shrink * divisor), in float32.

    It is computed where the crops lie, on the processor or on a GPU, and is the same
    to the bit. On the processor it goes crop by crop, so that each is still in the
    cache from one step to the next.

    Parameters
    ----------
    crops : Crops
    mean : ndarray of float32, shape (3,) or (3, H, W)
        Of an image its centre is taken, see `minialexnet.data.preprocessing`.
    divisor : tuple of three float
    order : {"RGB", "BGR"}
        Of the result's channels.

    Returns
    -------
    ndarray of float32, of the shape of the pixels
    """
    pixels, shifts, shrink = crops
    xp = get_array_module(pixels)
    if mean.ndim == 3:
        mean = np.ascontiguousarray(center(mean, pixels.shape[-1]))
    else:
        mean = mean[:, None, None]  # (3, 1, 1)
    scale = np.array(divisor, np.float32)[:, None, None] * np.float32(shrink)
    scaled = bool((scale != 1).any())
    mean, scale = xp.asarray(mean), xp.asarray(scale)
    x = xp.empty(pixels.shape, np.float32)
    rgb = x if order == "RGB" else x[..., ::-1, :, :]  # R, G, B in either case
    for part in range(len(x)) if xp is np else [slice(None)]:
        y = rgb[part]
        y[...] = pixels[part]
        y -= mean
        if shifts is not None:
            y += shifts[part, :, None, None]
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
    if not is_array(images) or images.dtype != np.uint8:
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
