"""The true class of a photograph, as the folder says that it lies in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..data.classes import read_all_words
from ..data.listing import Folder

__all__ = ["class_words", "true_class"]


def true_class(path: Path, names: Sequence[str]) -> str | None:
    """Return the class whose folder a file lies in, CLASS/ or CLASS/images/, if any.

    Where the network knows its classes by words, a list of words beside the folder,
    or beside the folder train or val that it lies in, says which those are.
    """
    for folder in path.absolute().parents[:2]:
        lists = (class_words(root) for root in folder.parents[:2])
        for words in ({}, *lists):
            name = words.get(folder.name, folder.name)
            if name in names:
                return name
    return None


@cache
def class_words(folder: Path) -> dict[str, str]:
    """Return the words for classes that the lists in a folder have."""
    return read_all_words(Folder(folder))
