"""Data sets by name, and those that were prepared by their folder."""

import os
from typing import Any

from .dataset import Dataset
from .place import data_dir

__all__ = ["NAMES", "Dataset", "data_dir", "load"]

NAMES = ("shapes", "cifar10", "tiny-imagenet")


def load(
    name: str, data_dir: str | os.PathLike[str] | None = None, **options: Any
) -> Dataset:
    """Load a data set by its name, or one that was prepared by its folder.

    Parameters
    ----------
    name : {"shapes", "cifar10", "tiny-imagenet"} or path
        A path is of a folder that ``minialexnet prepare`` made.
    data_dir : str or path, optional
        Where data lies, see `minialexnet.data.data_dir`; ``shapes`` reads no files
        and does without.
    **options
        Passed on to the data set's own ``load``: `minialexnet.data.shapes.load`
        (``train``, ``test``, ``seed``), `minialexnet.data.cifar10.load`
        (``download``), `minialexnet.data.tiny_imagenet.load` (``classes``).

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is no data set of this name, or it takes no such option.

    Examples
    --------
    >>> load("cifar-10")
    Traceback (most recent call last):
    ...
    ValueError: expected a data set out of shapes, cifar10, tiny-imagenet, ...
    """
    # Imported here, so that one data set does not need what only another imports.
    if name == "shapes":
        from . import shapes

        return shapes.load(**options)
    if name == "cifar10":
        from . import cifar10

        return cifar10.load(data_dir, **options)
    if name == "tiny-imagenet":
        from . import tiny_imagenet

        return tiny_imagenet.load(data_dir, **options)
    if isinstance(name, str | os.PathLike) and os.path.isdir(name):
        from . import prepared

        return prepared.load(name, **options)
    raise ValueError(
        f"expected a data set out of {', '.join(NAMES)}, or a folder that "
        f"minialexnet prepare made, got {name!r}"
    )
