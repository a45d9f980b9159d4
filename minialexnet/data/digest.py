"""A hash of a data set, by which a run notices that its pictures are others."""

from __future__ import annotations

import hashlib

import numpy as np

from .dataset import CHUNK, Dataset, Images

__all__ = ["digest", "digest_of"]


def digest(dataset: Dataset) -> str:
    """Return a hash of a data set's pictures and labels, wherever they lie.

    Of a prepared set the checksums in its ``prepared.json`` are taken, so that its
    pictures are not read; `minialexnet.data.prepared.check` reads them.

    Examples
    --------
    >>> from minialexnet.data import shapes
    >>> one, other = (shapes.load(train=20, test=10, seed=seed) for seed in (0, 1))
    >>> digest(one) == digest(one), digest(one) == digest(other)
    (True, False)
    """
    found = hashlib.sha256()
    for split in ("train", "test"):
        labels = getattr(dataset, f"{split}_labels")
        found.update(digest_of(getattr(dataset, f"{split}_images")).encode())
        found.update(np.ascontiguousarray(labels, "<i8").tobytes())
    return found.hexdigest()


def digest_of(images: Images) -> str:
    """Return a hash of pictures: their own ``digest()`` or that of their pixels."""
    if hasattr(images, "digest"):
        return str(images.digest())
    found = hashlib.sha256(str(images.shape).encode())
    for start in range(0, len(images), CHUNK):
        found.update(np.ascontiguousarray(images[start : start + CHUNK]).data)
    return found.hexdigest()
