"""A data set that is drawn on the spot: figures on textured grounds, ten classes.

A small stand-in for CIFAR-10 that needs no download: 32x32 RGB pictures of a figure in
a random colour, place, size and rotation, on a gradient, stripes, checks, a glow or
clouds, half of them with a ribbon across, and film grain over all.

The same seed gives the same pictures to the bit. Each random number hangs on its own
counter (see `minialexnet.engine.philox`), so a picture does not depend on how many
others are drawn, and pictures are worked out in whole numbers, so nor does it depend on
how a machine rounds.
"""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..engine.philox import philox4x32
from .dataset import Dataset
from .painting import SIZE, WORDS, paint

CLASS_NAMES = (
    "circle",
    "triangle",
    "square",
    "hexagon",
    "star",
    "cross",
    "ring",
    "crescent",
    "heart",
    "arrow",
)
SPLITS = ("train", "test")

CHUNK = 128  # pictures drawn at a time, so that the work stays in the cache


def load(train: int = 2560, test: int = 1000, seed: int = 0) -> Dataset:
    """Draw the data set.

    Parameters
    ----------
    train, test : int
        How many pictures, at least 1. The classes take turns, so that multiples of
        ten hold as many of each.
    seed : int
        From 0 to 2**64 - 1. The two splits share no random number.

    Returns
    -------
    Dataset

    Raises
    ------
    TypeError
        If an argument is no whole number.
    ValueError
        If one is out of range.

    Examples
    --------
    >>> dataset = load(train=20, test=10)
    >>> dataset.train_images.shape, dataset.class_names[dataset.train_labels[3]]
    ((20, 3, 32, 32), 'hexagon')
    """
    for split, count in (("train", train), ("test", test)):
        if _whole(count, f"{split}, a number of pictures,") < 1:
            raise ValueError(f"expected {split} to be at least 1 picture, got {count}")
    train_images, train_labels = draw(np.arange(train), seed)
    test_images, test_labels = draw(np.arange(test), seed, split="test")
    return Dataset(
        "shapes", train_images, train_labels, test_images, test_labels, CLASS_NAMES
    )


def draw(
    indices: ArrayLike, seed: int = 0, split: str = "train"
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw pictures by their numbers in the endless row that a seed stands for.

    Parameters
    ----------
    indices : ndarray of int, shape (N,)
        At least 0.
    seed : int
        From 0 to 2**64 - 1.
    split : {"train", "test"}

    Returns
    -------
    images : ndarray of uint8, shape (N, 3, 32, 32)
        RGB pixels 0-255.
    labels : ndarray of int64, shape (N,)
        Picture i is of class i modulo 10, see `CLASS_NAMES`.

    Raises
    ------
    TypeError
        If the indices or the seed are no whole numbers.
    ValueError
        If one of them is out of range, or there is no such split.

    Examples
    --------
    >>> images, labels = draw([7, 1_000_007], seed=1)
    >>> images.shape, CLASS_NAMES[labels[1]]
    ((2, 3, 32, 32), 'crescent')
    """
    indices = np.asarray(indices)
    if not np.issubdtype(indices.dtype, np.integer):
        raise TypeError(f"expected indices to be whole numbers, got {indices.dtype}")
    if indices.ndim != 1 or (indices < 0).any():
        raise ValueError(
            f"expected one row of indices, none below 0, got {indices.tolist()}"
        )
    if split not in SPLITS:
        raise ValueError(f"expected split to be 'train' or 'test', got {split!r}")
    seed = _whole(seed, "seed")
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"expected seed from 0 to 2**64 - 1, got {seed}")

    labels = (indices % len(CLASS_NAMES)).astype(np.int64)
    images = np.empty((len(indices), 3, SIZE, SIZE), np.uint8)
    for start in range(0, len(indices), CHUNK):
        part = slice(start, start + CHUNK)
        words = _random_words(indices[part], seed, SPLITS.index(split))
        images[part] = paint(labels[part], words)
    return images, labels


def _whole(value: Any, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"expected {name} to be a whole number, got {value!r}"
        ) from None


def _random_words(indices: NDArray[Any], seed: int, stream: int) -> NDArray[np.uint32]:
    """Return the WORDS random words of each picture, (N, WORDS)."""
    counter = np.arange(WORDS // 4, dtype=np.uint64)
    picture = indices.astype(np.uint64)[:, None]
    words = philox4x32([counter, stream, picture & 0xFFFFFFFF, picture >> 32], seed)
    return np.stack(words, axis=-1).reshape(len(indices), WORDS).astype(np.uint32)
