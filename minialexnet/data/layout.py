"""Finding the pictures of a folder with their labels, in the layouts that are known."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .classes import class_folders, class_order, read_all_words
from .listing import Folder, Listing
from .lists import read_classes
from .picture import ImageError
from .validation import validation_images

# What others call a folder of test pictures, in small letters.
OTHER_NAMES = ("dev", "eval", "test", "testing", "val", "valid", "validation")


@dataclass(frozen=True)
class ImageFolder:
    """The pictures of a folder, not read yet.

    Parameters
    ----------
    root : Path
    classes : tuple of str
        The names of the class folders; a label is an index into them.
    class_names : tuple of str
        The words for them where the folder has a list of words.
    train, test : tuple of (str, int)
        Each picture's path from `root`, with ``/``, and its label. The official
        validation pictures are the test set here.
    skipped : tuple of ImageError
        What is passed over though it may be meant as a picture or a class: a picture
        without a label, a folder inside a class folder, a file of another ending.
    left_out : int
        How many validation pictures are of classes without training pictures.
    """

    root: Path
    classes: tuple[str, ...]
    class_names: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]
    skipped: tuple[ImageError, ...]
    left_out: int


def find_images(
    folder: str | os.PathLike[str], classes_file: str | os.PathLike[str] | None = None
) -> ImageFolder:
    """Find the pictures of a folder and their labels, without reading them.

    ============================================  ==================================
    ``train/CLASS/*``, ``train/CLASS/images/*``   training pictures
    ``CLASS/*``, without ``train`` and ``val``    training pictures, all of them
    ``val/CLASS/*``, ``val/CLASS/images/*``       test pictures
    ``val/*``, ``val/images/*``                   test pictures, labels in a list
    ============================================  ==================================

    A picture's name ends in .jpeg, .jpg or .png, in capitals or not; what else lies in
    a folder, and what begins with a dot, is passed over. Labels follow the sorted names
    of the class folders, or ``wnids.txt``, of which not all classes need be there. The
    list of the test labels lies in ``val`` or beside it and is

    - ``val_annotations.txt``: picture, class (Tiny ImageNet),
    - ``LOC_val_solution.csv``: the same (ImageNet at Kaggle),
    - ``val.txt``: picture, class or its number (ImageNet with Caffe), or
    - ``ILSVRC*_validation_ground_truth.txt``: a number a line for the sorted pictures,
      with the list of these numbers, ``meta.mat`` or ``map_clsloc.txt``, beside it (the
      development kit of ImageNet, whose folder may stand beside ``val`` as it is).

    Words for the classes are read from ``words.txt``, ``synset_words.txt`` or
    ``LOC_synset_mapping.txt``.

    Parameters
    ----------
    folder : str or path
    classes_file : str or path, optional
        A list of the class folders in the order of their labels, one a line, with
        words after it or without, like ``synset_words.txt``. All of them are classes,
        though not all of the folders need be there: a part of ImageNet keeps the labels
        that it has in the whole.

    Returns
    -------
    ImageFolder
        In the order of labels, then of names.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        If it holds no class folders with pictures, or its lists do not fit them.
    """
    root = Path(folder)
    if not root.is_dir():
        raise NotADirectoryError(f"{root}: expected a folder of pictures, got none")
    listed = [] if classes_file is None else read_classes(classes_file)
    return find_in(Folder(root), root, listed)


def find_in(
    listing: Listing, root: Path, listed: Sequence[tuple[str, str]] = ()
) -> ImageFolder:
    """Find the pictures of a listing, as `find_images` does in a folder."""
    folders = {entry.name for entry in listing.entries() if entry.is_folder}
    if "val" in folders and "train" not in folders:
        raise ValueError(f"{root}: expected the folder train beside val, got none")
    skipped: list[ImageError] = []
    top = "train" if "train" in folders else ""
    found, loose = class_folders(listing, top, skipped)
    skipped += [ImageError(name, "lies in no class folder") for name in loose]
    if not found:
        raise ValueError(
            f"{root / top}: expected folders of JPEG or PNG pictures, one a class, "
            f"got none{_written_otherwise(folders - {top})}"
        )
    order, classes = class_order(listing, found, [wnid for wnid, _ in listed])
    test, left_out = [], 0
    if "val" in folders:
        labels = {wnid: label for label, wnid in enumerate(classes)}
        for name, wnid in validation_images(listing, order, skipped):
            if wnid in labels:
                test.append((name, labels[wnid]))
            else:
                left_out += 1
        test.sort(key=lambda item: (item[1], item[0]))
    elif top:
        why = "is passed over, test pictures are expected in val"
        others = sorted(name for name in folders if name.lower() in OTHER_NAMES)
        skipped += [ImageError(name, why) for name in others]
    words = read_all_words(listing) | {w: text for w, text in listed if text != w}
    train = [
        (name, label)
        for label, wnid in enumerate(classes)
        for name in found.get(wnid, ())
    ]
    return ImageFolder(
        root,
        tuple(classes),
        tuple(words.get(wnid, wnid) for wnid in classes),
        tuple(train),
        tuple(test),
        tuple(skipped),
        left_out,
    )


def _written_otherwise(folders: set[str]) -> str:
    """Say which folders may be meant as train or val."""
    names = [n for n in folders if n.lower() in ("train", "training", *OTHER_NAMES)]
    others = ", ".join(sorted(names))
    return f" (and train and val by these names, got {others})" if names else ""
