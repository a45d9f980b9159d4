"""What every data set is once it is loaded, and where data lies on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dataset", "data_dir"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled pictures, split into a training and a test set.

    The arrays are NumPy's, whatever device a network computes on: batches are moved
    as they are needed.

    Parameters
    ----------
    name : str
        As `minialexnet.data.load` knows it.
    train_images : ndarray of uint8, shape (N, 3, H, W)
        RGB pixels 0-255.
    train_labels : ndarray of int64, shape (N,)
        Indices into `class_names`.
    test_images : ndarray of uint8, shape (M, 3, H, W)
    test_labels : ndarray of int64, shape (M,)
    class_names : tuple of str

    Raises
    ------
    TypeError
        If an array is not a NumPy array of the type above, or `class_names` is no
        tuple of strings.
    ValueError
        If a split is empty, a shape is not as above, the two splits differ in the
        size of their pictures, or a label names no class.

    Examples
    --------
    >>> grey, labels = np.full((2, 3, 4, 4), 128, np.uint8), np.array([0, 1])
    >>> Dataset("grey", grey, labels, grey, labels, ("plain", "dull")).class_names[1]
    'dull'
    """

    name: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (
            isinstance(self.class_names, tuple)
            and all(isinstance(name, str) for name in self.class_names)
        ):
            raise TypeError(
                f"{self.name}: expected class_names to be a tuple of str, "
                f"got {self.class_names!r}"
            )
        for split in ("train", "test"):
            self._check_split(split)
        train, test = self.train_images.shape[1:], self.test_images.shape[1:]
        if train != test:
            raise ValueError(
                f"{self.name}: expected train_images and test_images of one size, "
                f"got {train} and {test}"
            )

    def _check_split(self, split: str) -> None:
        images = getattr(self, f"{split}_images")
        labels = getattr(self, f"{split}_labels")
        _check_array(f"{self.name}: {split}_images", images, np.dtype(np.uint8))
        _check_array(f"{self.name}: {split}_labels", labels, np.dtype(np.int64))
        if images.ndim != 4 or images.shape[1] != 3 or 0 in images.shape:
            raise ValueError(
                f"{self.name}: expected {split}_images of shape (N, 3, H, W), "
                f"none of them 0, got {images.shape}"
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


def _check_array(what: str, array: Any, dtype: np.dtype[Any]) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"expected {what} to be a NumPy array, got {type(array).__name__}"
        )
    if array.dtype != dtype:
        raise TypeError(f"expected {what} to be {dtype}, got {array.dtype}")


def data_dir(path: str | os.PathLike[str] | None = None) -> Path:
    """Return where data lies: a folder that need not exist yet.

    Parameters
    ----------
    path : str or path, optional
        Taken when given; otherwise the environment's ``MINIALEXNET_DATA``; otherwise
        ``~/.cache/minialexnet``. A leading ``~`` is the home folder.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> data_dir("pictures").name
    'pictures'
    """
    # An empty string is what an unset shell variable leaves behind: not a folder.
    chosen = path or os.environ.get("MINIALEXNET_DATA") or "~/.cache/minialexnet"
    return Path(chosen).expanduser()
