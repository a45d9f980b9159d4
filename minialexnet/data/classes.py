"""Class folders, the pictures in them, and the order of their labels."""

from collections.abc import Sequence

from .labels import SUFFIXES
from .listing import Entry, Listing
from .lists import LIST_BYTES, read_order, read_words
from .picture import ImageError

WORD_LISTS = ("words.txt", "synset_words.txt", "LOC_synset_mapping.txt")
# Endings of pictures that are not read; many a file without an ending is one too.
OTHER_SUFFIXES = ("avif", "bmp", "gif", "heic", "jfif", "jpe", "tif", "tiff", "webp")


def class_folders(
    listing: Listing, folder: str, skipped: list[ImageError]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the class folders in a folder, and the pictures that lie in none.

    Parameters
    ----------
    listing : Listing
    folder : str
        A class folder lies in it, or in a folder ``images`` in it.
    skipped : list of ImageError
        What is passed over is entered here.

    Returns
    -------
    classes : dict of str to list of str
        By the folder's name the sorted paths of its pictures, those of its own folder
        ``images`` after the others.
    loose : list of str
    """
    classes: dict[str, list[str]] = {}
    loose: list[str] = []
    for place in _with_images(listing, folder, skipped):
        for entry in place:
            if entry.is_folder and entry.name != "images":
                pictures = _class_images(listing, entry.path, skipped)
                if pictures:
                    classes[entry.name] = classes.get(entry.name, []) + pictures
            elif entry.is_folder:
                continue
            elif entry.name.lower().endswith(SUFFIXES):
                if entry.wrong:
                    skipped.append(ImageError(entry.path, entry.wrong))
                else:
                    loose.append(entry.path)
            elif entry.wrong.startswith("cannot be read"):
                skipped.append(ImageError(entry.path, "is a link that leads nowhere"))
    return classes, loose


def _with_images(
    listing: Listing, folder: str, skipped: list[ImageError]
) -> list[list[Entry]]:
    """Return what lies in a folder, and what lies in its folder ``images``."""
    places = []
    for path in (folder, f"{folder}/images".lstrip("/")):
        try:
            places.append(listing.entries(path))
        except PermissionError as error:
            skipped.append(ImageError(path, f"cannot be listed: {error.strerror}"))
    return places


def _class_images(
    listing: Listing, folder: str, skipped: list[ImageError]
) -> list[str]:
    """Return the pictures of a class folder; enter what else may be meant as one."""
    pictures, before = [], len(skipped)
    for place in _with_images(listing, folder, skipped):
        for entry in place:
            why = _why_not(entry, folder)
            if why:
                skipped.append(ImageError(entry.path, why))
            elif entry.name.lower().endswith(SUFFIXES):
                pictures.append(entry.path)
    if not pictures and folder not in [error.name for error in skipped[before:]]:
        skipped.append(ImageError(folder, "is a class folder without pictures"))
    return pictures


def _why_not(entry: Entry, folder: str) -> str:
    """Say why an entry of a class folder is passed over; "" where nothing is to say."""
    name = entry.name.lower()
    if name.endswith(SUFFIXES):
        return entry.wrong
    if entry.is_folder:
        inside = entry.path != f"{folder}/images"
        return "is a folder inside a class folder, it is not looked into" * inside
    if "." not in name or name.rpartition(".")[2] in OTHER_SUFFIXES:
        return "expected a name that ends in .jpeg, .jpg or .png"
    return ""


def class_order(
    listing: Listing, found: dict[str, list[str]], wanted: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the order in which numbers count the classes, and the classes.

    Parameters
    ----------
    listing : Listing
    found : dict of str to list of str
        The pictures by class folder.
    wanted : sequence of str
        All classes, where a list of them was asked for; otherwise empty. Without it
        they follow ``wnids.txt``, and without that their names.

    Returns
    -------
    order : list of str
    classes : list of str
        Those of `order` that are in the data set: all that were asked for, and of
        ``wnids.txt`` those whose folders are there.

    Raises
    ------
    ValueError
        If a class folder is not in the list.
    """
    if wanted:
        strange = found.keys() - set(wanted)
        if strange:
            raise ValueError(
                f"expected every class folder of {listing.where} in the list of "
                f"classes, {min(strange)} is not"
            )
        return list(wanted), list(wanted)
    data = read_list(listing, "wnids.txt")
    if data is None:
        return sorted(found), sorted(found)
    path = f"{listing.where}/wnids.txt"
    order = [name for name, _ in read_order(data, path)]
    strange = found.keys() - set(order)
    if strange:
        raise ValueError(
            f"{path}: expected every class folder in it, {min(strange)} is not"
        )
    return order, [wnid for wnid in order if wnid in found]


def read_all_words(listing: Listing) -> dict[str, str]:
    """Return the words for classes that the lists of a folder have."""
    words: dict[str, str] = {}
    for name in WORD_LISTS:
        data = read_list(listing, name)
        if data is not None:
            words |= read_words(data, f"{listing.where}/{name}")
    return words


def read_list(listing: Listing, path: str) -> bytes | None:
    """Return the bytes of a list; None where it is not there."""
    entries = listing.entries(path.rpartition("/")[0])
    there = any(entry.path == path and not entry.is_folder for entry in entries)
    return listing.read(path, LIST_BYTES) if there else None
