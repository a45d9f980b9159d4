"""What stands between a picture's pixels and the network: the mean, and ten crops.

Krizhevsky et al. (2012), section 2: the pixels are raw RGB values less their mean over
the training set. Section 4.1: in testing ten crops, whose predictions are averaged.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Array
from ..engine.devices import use_device
from ..engine.transfer import to_device
from .crops import Crops, center, check_images, five, normalized
from .dataset import check_dtype

ORDERS = ("RGB", "BGR")


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
        check_dtype("mean", self.mean, np.float32)
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

    def normalize(
        self, pixels: Array, shifts: Array | None = None, shrink: float = 1.0
    ) -> Array:
        """Return crops that are cut already as the network takes them.

        Parameters
        ----------
        pixels, shifts, shrink
            What `minialexnet.data.crops.Crops` are, on any device.

        Returns
        -------
        ndarray of float32
            Of the shape of `pixels`, where they lie.

        Raises
        ------
        TypeError, ValueError
            If the crops are of another type or shape.
        """
        one = pixels[:, 0] if getattr(pixels, "ndim", 0) == 5 else pixels
        check_images(one, self.size)
        if one.shape[2:] != (self.size, self.size):
            raise ValueError(
                f"expected crops of {self.size} x {self.size} pixels, got "
                f"{one.shape[2]} x {one.shape[3]}"
            )
        crops = Crops(pixels, shifts, shrink)
        return normalized(crops, self.mean, self.divisor, self.order)

    def on_device(self, x: Array | Crops, device: str) -> Array:
        """Return a batch on `device`; crops are sent as they are, normalised there."""
        if not isinstance(x, Crops):
            return to_device(x, device)
        with use_device(device):
            return self.normalize(*x.to(device))

    def cut(self, images: NDArray[np.uint8], crops: int = 1) -> Crops:
        """Return the crops of `center`, or with ``crops=10`` of `ten`, as they are."""
        check_images(images, self.size)
        if crops == 1:
            return Crops(center(images, self.size))
        views = five(images, self.size)
        return Crops(np.stack([*views, *(view[..., ::-1] for view in views)], axis=1))

    def center(self, images: NDArray[np.uint8]) -> Array:
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
        return self.normalize(*self.cut(images))

    def ten(self, images: NDArray[np.uint8]) -> Array:
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
        return self.normalize(*self.cut(images, crops=10))
