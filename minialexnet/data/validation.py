"""The validation pictures, which are the test set, and their classes."""

import re
from collections.abc import Sequence

from .classes import class_folders, read_list
from .ilsvrc import read_synsets
from .labels import read_labels, read_numbers
from .listing import Listing, parent
from .lists import LIST_BYTES
from .picture import ImageError

LABEL_LISTS = ("val_annotations.txt", "LOC_val_solution.csv", "val.txt")
GROUND_TRUTH = re.compile(r"ILSVRC.*_validation_ground_truth\.txt")


def validation_images(
    listing: Listing, order: Sequence[str], skipped: list[ImageError]
) -> list[tuple[str, str]]:
    """Return each validation picture with the name of its class.

    Parameters
    ----------
    listing : Listing
    order : sequence of str
        All classes, in the order that the numbers of a list count.
    skipped : list of ImageError
        Pictures without a class are entered here.

    Returns
    -------
    list of (str, str)

    Raises
    ------
    ValueError
        If the pictures lie in no class folders and there is no list of their classes,
        or the list does not fit.
    """
    classes, loose = class_folders(listing, "val", skipped)
    found = [(name, wnid) for wnid, names in classes.items() for name in names]
    if not loose:
        if not found:
            skipped.append(ImageError("val", "expected pictures in it, got none"))
        return found
    truth = _truth(listing, loose, order)
    if truth is None and not found:
        raise ValueError(
            f"{listing.where}/val: expected class folders, or the list of the "
            "pictures' classes: val_annotations.txt, LOC_val_solution.csv, val.txt or "
            "ILSVRC2012_validation_ground_truth.txt (with meta.mat beside it), got "
            "neither"
        )
    why = "lies in no class folder" if truth is None else "has no label in the list"
    for name in loose:
        if truth is not None and name in truth:
            found.append((name, truth[name]))
        else:
            skipped.append(ImageError(name, why))
    return found


def _truth(
    listing: Listing, pictures: Sequence[str], order: Sequence[str]
) -> dict[str, str] | None:
    """Return the class of each picture by its path; None where there is no list."""
    for name in LABEL_LISTS:
        for path in (f"val/{name}", name):
            data = read_list(listing, path)
            if data is not None:
                return read_labels(data, f"{listing.where}/{path}", pictures, order)
    kits = [e.path for e in listing.entries() if e.is_folder and "devkit" in e.name]
    for folder in ("val", "", *(f"{kit}/data" for kit in kits)):
        for entry in listing.entries(folder):
            if GROUND_TRUTH.fullmatch(entry.name) and not entry.is_folder:
                return _ground_truth(listing, entry.path, pictures)
    return None


def _ground_truth(
    listing: Listing, path: str, pictures: Sequence[str]
) -> dict[str, str]:
    """Read the development kit's list of a number for each of the sorted pictures."""
    where = f"{listing.where}/{path}"
    numbers = list(read_numbers(listing.read(path, LIST_BYTES), where))
    if len(numbers) != len(pictures):
        raise ValueError(
            f"{where}: expected a number for each of the {len(pictures)} pictures in "
            f"{listing.where}/val, got {len(numbers)}"
        )
    synsets = read_synsets(listing, parent(path))
    truth = {}
    for name, (place, number) in zip(pictures, numbers, strict=True):
        if number not in synsets:
            raise ValueError(f"{place}: expected the number of a class, got {number}")
        truth[name] = synsets[number]
    return truth
