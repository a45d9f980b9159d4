"""Data sets by name: ``shapes`` is drawn on the spot, ``cifar10`` is read."""

from __future__ import annotations

import os
from typing import Any

from .dataset import Dataset, data_dir

__all__ = ["NAMES", "Dataset", "data_dir", "load"]

NAMES = ("shapes", "cifar10")


def load(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Dataset:
    """Load a data set by its name.

    Parameters
    ----------
    name : {"shapes", "cifar10"}
    data_dir : str or path, optional
        Where data lies, see `minialexnet.data.data_dir`; ``shapes`` reads no files
        and does without.
    **options
        Passed on to `minialexnet.data.shapes.load` (``train``, ``test``, ``seed``) or
        `minialexnet.data.cifar10.load` (``download``).

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is no data set of this name.

    Examples
    --------
    >>> load("cifar-10")
    Traceback (most recent call last):
    ...
    ValueError: expected a data set out of shapes, cifar10, got 'cifar-10'
    """
    # Imported here, so that one data set does not need what only another imports.
    if name == "shapes":
        from . import shapes

        return shapes.load(**options)
    if name == "cifar10":
        from . import cifar10

        return cifar10.load(data_dir, **options)
    raise ValueError(f"expected a data set out of {', '.join(NAMES)}, got {name!r}")
