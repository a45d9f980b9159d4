"""The true class of a photograph, as the folder says that it lies in."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..data.classes import read_all_words
from ..data.listing import Folder


def distinct_names(names: Sequence[str], folders: Sequence[str]) -> tuple[str, ...]:
    """Return the classes' names, with their folders where two have one name.

    Of ImageNet's classes two are called crane, a bird and a machine.

    Parameters
    ----------
    names : sequence of str
    folders : sequence of str
        Of the classes, or none where they are not known.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> distinct_names(["crane", "owl", "crane"], ["n02012849", "n1", "n03126707"])
    ('crane (n02012849)', 'owl', 'crane (n03126707)')
    """
    count = Counter(names)
    return tuple(
        f"{name} ({folder})" if count[name] > 1 and folder != name else name
        for name, folder in zip(names, folders or names, strict=True)
    )


def true_class(
    path: Path, names: Sequence[str], folders: Sequence[str] = ()
) -> str | None:
    """Return the class whose folder a file lies in, CLASS/ or CLASS/images/, if any.

    Where the network knows its classes by words alone, a list of words beside the
    folder, or beside the folder train or val that it lies in, says which those are.

    Parameters
    ----------
    path : Path
    names : sequence of str
        Of the classes.
    folders : sequence of str
        Of the classes, or none where they are not known.

    Returns
    -------
    str or None
        One of `names`; None too where two classes have that name.
    """
    for folder in path.absolute().parents[:2]:
        if folder.name in folders:
            return names[folders.index(folder.name)]
        lists = (class_words(root) for root in folder.parents[:2])
        for words in ({}, *lists):
            name = words.get(folder.name, folder.name)
            if names.count(name) == 1:
                return name
    return None


@cache
def class_words(folder: Path) -> dict[str, str]:
    """Return the words for classes that the lists in a folder have, if it has such."""
    try:
        return read_all_words(Folder(folder))
    except (OSError, ValueError):  # a file of the name may be anything
        return {}
