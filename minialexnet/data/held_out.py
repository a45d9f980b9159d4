"""A share of the training pictures, held out as the test set."""

import hashlib
import os
from dataclasses import replace

import numpy as np

from .layout import ImageFolder


def hold_out(source: ImageFolder, share: float) -> ImageFolder:
    """Make a share of the training pictures the test set.

    Each class is put into an order that has nothing to do with its pictures, by a
    hash of their names; then one in 1/share is taken along all classes. A class keeps
    at least one training picture.

    Parameters
    ----------
    source : ImageFolder
        Without a test set.
    share : float
        Between 0 and 1.

    Returns
    -------
    ImageFolder

    Raises
    ------
    ValueError
        If it has a test set, or no picture can be held out.
    """
    if source.test:
        raise ValueError(
            f"{source.root}: expected no held-out share of the training pictures, as "
            f"there are {len(source.test):,} validation pictures, got {share}"
        )
    mixed = sorted(
        source.train,
        key=lambda item: (item[1], hashlib.sha256(os.fsencode(item[0])).digest()),
    )
    steps = np.floor(np.arange(len(mixed) + 1) * share)
    test = {item for item, taken in zip(mixed, np.diff(steps), strict=True) if taken}
    kept = {label for item, label in source.train if (item, label) not in test}
    for item in mixed:
        if item[1] not in kept:
            test.remove(item)
            kept.add(item[1])
    if not 0 < len(test) < len(mixed):
        raise ValueError(
            "expected a held-out share that leaves pictures on both sides, and one of "
            "each class for training, got "
            f"{share} of {len(mixed)}"
        )
    return replace(
        source,
        train=tuple(item for item in source.train if item not in test),
        test=tuple(item for item in source.train if item in test),
    )
