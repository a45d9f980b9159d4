"""Training pictures that are kept from the training, to choose settings by them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset, Images

__all__ = ["set_aside"]


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some pictures out of others, which are read when they are asked for."""

    images: Images
    indices: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, 3, H, W)."""
        return (len(self.indices), *self.images.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Always uint8."""
        return self.images.dtype

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> NDArray[np.uint8]:
        return self.images[self.indices[index]]


def set_aside(dataset: Dataset, count: int, tested: bool = False) -> Dataset:
    """Return a data set without the last training pictures of each class.

    Parameters
    ----------
    dataset : Dataset
    count : int
        How many of each class are held out.
    tested : bool
        Whether they take the place of the test pictures.

    Raises
    ------
    ValueError
        If a class has no training picture left.

    Examples
    --------
    >>> from minialexnet.data import shapes
    >>> kept = set_aside(shapes.load(train=50, test=10), 2, tested=True)
    >>> len(kept.train_labels), len(kept.test_labels)
    (30, 20)
    """
    held = np.zeros(len(dataset.train_labels), bool)
    for label, name in enumerate(dataset.class_names):
        own = np.flatnonzero(dataset.train_labels == label)
        if len(own) <= count:
            raise ValueError(
                f"expected more than {count} training pictures of {name}, "
                f"got {len(own)}"
            )
        held[own[len(own) - count :]] = True
    kept = np.flatnonzero(~held)
    less = replace(
        dataset,
        train_images=Chosen(dataset.train_images, kept),
        train_labels=dataset.train_labels[kept],
        mean_image=None,  # both were of all the pictures
        color_covariance=None,
    )
    if not tested:
        return less
    aside = np.flatnonzero(held)
    return replace(
        less,
        test_images=Chosen(dataset.train_images, aside),
        test_labels=dataset.train_labels[aside],
    )
