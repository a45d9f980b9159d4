"""What every data set is once it is loaded."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .color import color_covariance, color_sums

CHUNK = 256  # pictures that are summed at once


class Images(Protocol):
    """Pictures of uint8 pixels, (N, 3, H, W): an ndarray, or shards on the disk."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, 3, H, W)."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Always uint8."""

    def __len__(self) -> int:
        """Return N."""

    def __getitem__(self, index: Any, /) -> NDArray[np.uint8]:
        """Return the pictures of a slice or an array of indices, (n, 3, H, W)."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled pictures, split into a training and a test set.

    The arrays are NumPy's, whatever device a network computes on: batches are moved
    as they are needed.

    Parameters
    ----------
    name : str
        As `minialexnet.data.load` knows it.
    train_images : Images of uint8, shape (N, 3, H, W)
        RGB pixels 0-255.
    train_labels : ndarray of int64, shape (N,)
        Indices into `class_names`.
    test_images : Images of uint8, shape (M, 3, H, W)
        May be empty, M = 0.
    test_labels : ndarray of int64, shape (M,)
    class_names : tuple of str
    mean_image : ndarray of float32, shape (3, H, W), optional
    color_covariance : ndarray of float64, shape (3, 3), optional
        What `mean` and `covariance` return, where it is known already.
    class_folders : tuple of str
        The names of the folders that the classes lay in, as many as `class_names`,
        which may have the same words for two; empty where there were none.

    Raises
    ------
    TypeError
        If an array is not of the type above, or `class_names` is no tuple of strings.
    ValueError
        If the training set is empty, a shape is not as above, the two splits differ
        in the size of their pictures, or a label names no class.

    Examples
    --------
    >>> grey, labels = np.full((2, 3, 4, 4), 128, np.uint8), np.array([0, 1])
    >>> Dataset("grey", grey, labels, grey, labels, ("plain", "dull")).class_names[1]
    'dull'
    """

    name: str
    train_images: Images
    train_labels: NDArray[np.int64]
    test_images: Images
    test_labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    mean_image: NDArray[np.float32] | None = None
    color_covariance: NDArray[np.float64] | None = None
    class_folders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (
            isinstance(self.class_names, tuple)
            and all(isinstance(name, str) for name in self.class_names)
        ):
            raise TypeError(
                f"{self.name}: expected class_names to be a tuple of str, "
                f"got {self.class_names!r}"
            )
        if len(self.class_folders) not in (0, len(self.class_names)):
            raise ValueError(
                f"{self.name}: expected {len(self.class_names)} class_folders, got "
                f"{len(self.class_folders)}"
            )
        for split in ("train", "test"):
            self._check_split(split)
        train, test = self.train_images.shape[1:], self.test_images.shape[1:]
        if train != test:
            raise ValueError(
                f"{self.name}: expected train_images and test_images of one size, "
                f"got {train} and {test}"
            )
        for what, shape in (("mean_image", train), ("color_covariance", (3, 3))):
            value = getattr(self, what)
            if value is not None and value.shape != shape:
                raise ValueError(
                    f"{self.name}: expected {what} of shape {shape}, got {value.shape}"
                )

    def mean(self) -> NDArray[np.float32]:
        """Return the mean of the training pictures, pixels 0-255.

        Returns
        -------
        ndarray of float32, shape (3, H, W)
        """
        if self.mean_image is not None:
            return self.mean_image
        total = np.zeros(self.train_images.shape[1:], np.int64)
        for start in range(0, len(self.train_images), CHUNK):
            total += self.train_images[start : start + CHUNK].sum(0, dtype=np.int64)
        return (total / len(self.train_images)).astype(np.float32)

    def covariance(self) -> NDArray[np.float64]:
        """Return the covariance of R, G and B over all pixels of the training set.

        Returns
        -------
        ndarray of float64, shape (3, 3)
            Of pixels 0-255; its eigenvectors are the axes of the colour noise.
        """
        if self.color_covariance is not None:
            return self.color_covariance
        sums, products = np.zeros(3, np.int64), np.zeros((3, 3), np.int64)
        for start in range(0, len(self.train_images), CHUNK):
            more = color_sums(self.train_images[start : start + CHUNK])
            sums, products = sums + more[0], products + more[1]
        N, _, H, W = self.train_images.shape
        return color_covariance(sums, products, N * H * W)

    def _check_split(self, split: str) -> None:
        images = getattr(self, f"{split}_images")
        labels = getattr(self, f"{split}_labels")
        _check_dtype(f"{self.name}: {split}_images", images, np.uint8)
        _check_dtype(f"{self.name}: {split}_labels", labels, np.int64)
        shape = images.shape
        empty = 0 in (shape if split == "train" else shape[1:])
        if len(shape) != 4 or shape[1] != 3 or empty:
            raise ValueError(
                f"{self.name}: expected {split}_images of shape (N, 3, H, W), "
                f"none of them 0, got {shape}"
            )
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"{self.name}: expected {split}_labels of shape {images.shape[:1]}, "
                f"one a picture, got {labels.shape}"
            )
        classes = len(self.class_names)
        wrong = np.flatnonzero((labels < 0) | (labels >= classes))
        if wrong.size:
            raise ValueError(
                f"{self.name}: expected {split}_labels from 0 to {classes - 1}, "
                f"got {labels[wrong[0]]} at index {wrong[0]}"
            )


def _check_dtype(what: str, array: Any, dtype: type[Any]) -> None:
    """Refuse what is no array of this dtype; shards on the disk have one too."""
    found = getattr(array, "dtype", type(array).__name__)
    if found != np.dtype(dtype):
        raise TypeError(
            f"expected {what} to be an array of {np.dtype(dtype)}, got {found}"
        )
