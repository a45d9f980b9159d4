"""Photographs in folders: finding them with their labels, and reading one of them.

Krizhevsky et al. 2012, section 2: "Given a rectangular image, we first rescaled the
image such that the shorter side was of length 256, and then cropped out the central
256x256 patch from the resulting image."
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from .ilsvrc import read_synsets

__all__ = [
    "ImageError",
    "ImageFolder",
    "decode_image",
    "find_images",
    "read_classes",
    "read_image",
]

SUFFIXES = (".jpeg", ".jpg", ".png")
READERS = {b"\xff\xd8\xff": JpegImageFile, b"\x89PNG\r\n\x1a\n": PngImageFile}
BYTES = 1 << 28  # of a file
PIXELS = 90_000_000  # of a picture, which Pillow holds in 4 bytes each

TURNS = {  # what sets a picture upright, by its EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ImageError(ValueError):
    """A file that is no picture that can be read whole.

    Parameters
    ----------
    name : str
        Of the file.
    why : str
        What was expected and what came.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    def __str__(self) -> str:
        # A name may hold what would drive the terminal.
        name = self.name if self.name.isprintable() else ascii(self.name)
        return f"{name}: {self.why}"


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
        What bears a picture's name but is no file, or has no label.
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


# -------------------------------------------------------------------- one picture


def read_image(path: str | os.PathLike[str], side: int = 256) -> NDArray[np.uint8]:
    """Read a photograph as the square of RGB pixels that a network crops from.

    Its shorter side is scaled to `side` and the centre square is taken (section 2),
    in one step: only the square is scaled. The filter is Pillow's BILINEAR, which on
    the way down averages over all pixels that an output pixel covers, as torchvision
    does; the paper names none. A picture of that size already is not touched.

    A picture is turned upright by its EXIF orientation. Greyscale gives three equal
    channels, 16 bits give their high byte, CMYK and palettes their RGB colours (colour
    profiles are not applied), and what is transparent becomes white.

    Parameters
    ----------
    path : str or path
        A JPEG or PNG file, whatever its name ends in.
    side : int
        In pixels.

    Returns
    -------
    ndarray of uint8, shape (3, side, side)
        RGB pixels 0-255.

    Raises
    ------
    ImageError
        If the file is truncated, damaged or nothing of the two, if it or the picture
        is too large (256 MiB, 90 million pixels), or if it is no file or may not be
        read. The message names it.
    OSError
        If it is not there, or the disk fails.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "red.png"
    >>> Image.new("RGB", (40, 30), "red").save(path)
    >>> read_image(path, side=16)[:, 8, 8].tolist()
    [255, 0, 0]
    """
    path = Path(path)
    try:
        status = path.stat()
        why = _unfit(status)
        if why:
            raise ImageError(str(path), why)
        data = path.read_bytes()
    except PermissionError as error:
        raise ImageError(str(path), f"cannot be read: {error.strerror}") from None
    return decode_image(data, str(path), side)


def decode_image(data: bytes, name: str, side: int = 256) -> NDArray[np.uint8]:
    """Read a photograph from the bytes of its file, as `read_image` does.

    Parameters
    ----------
    data : bytes
    name : str
        For the error message.
    side : int

    Returns
    -------
    ndarray of uint8, shape (3, side, side)

    Raises
    ------
    ImageError
        See `read_image`.
    """
    try:
        image = _rgb(_open(data, name))
    except (ImageError, MemoryError):
        raise
    # What Pillow raises over damaged bytes is of many types.
    except Exception as error:
        raise ImageError(
            name, f"expected a whole JPEG or PNG picture, got a damaged one ({error})"
        ) from error
    short = min(image.size)
    left, top = ((length - short) // 2 for length in image.size)
    square = image.resize(
        (side, side),
        Image.Resampling.BILINEAR,
        box=(left, top, left + short, top + short),
    )
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


def _unfit(status: os.stat_result) -> str:
    """Say why something in a folder cannot be a picture, or nothing."""
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or device"
        return f"expected a file, got {kind}"
    if status.st_size > BYTES:
        return f"expected at most {BYTES:,} bytes, got {status.st_size:,}"
    return ""


def _open(data: bytes, name: str) -> Image.Image:
    """Return the picture, its pixels decoded and upright."""
    # Not by Image.open, whose only defence against a bomb of twice the pixels that it
    # allows is a warning.
    readers = [reader for magic, reader in READERS.items() if data.startswith(magic)]
    if not readers:
        start = f"{len(data):,} bytes that begin with {data[:4]!r}" if data else "none"
        raise ImageError(name, f"expected the bytes of a JPEG or PNG, got {start}")
    image = readers[0](io.BytesIO(data))
    pixels = image.width * image.height
    if pixels > PIXELS:
        raise ImageError(
            name,
            f"expected at most {PIXELS:,} pixels, got {image.width} x {image.height}",
        )
    image.load()
    turn = TURNS.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, where there is none to be read."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF beside sound pixels, as in some of ImageNet
        return 1


def _rgb(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, over white where it is transparent."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I"):  # greyscale of 16 bits, which convert would clip
        grey = np.asarray(image)
        high = (grey >> 8).astype(np.uint8)
        high[grey == (-1 if clear is None else clear)] = 255
        return Image.fromarray(high).convert("RGB")
    if image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255:
        # 16 bits a channel, of which Pillow has kept the high byte.
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


# ------------------------------------------------------------------ the class folders


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
        A list of the class folders in the order of their labels, one a line, words
        behind it or not, like ``synset_words.txt``. All of them are classes, though
        not all of the folders need be there: a part of ImageNet keeps the labels that
        it has in the whole.

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
    train_root, val_root = root / "train", root / "val"
    if not train_root.is_dir():
        if val_root.is_dir():
            raise ValueError(f"{root}: expected the folder train beside val, got none")
        train_root = root
    skipped: list[ImageError] = []
    found = dict(_classes(root, train_root, skipped))
    listed = [] if classes_file is None else read_classes(classes_file)
    classes = _in_order(root, found, [wnid for wnid, _ in listed])
    if not classes:
        raise ValueError(
            f"{train_root}: expected folders of JPEG or PNG pictures, one a class, "
            "got none"
        )
    train = [
        (name, label)
        for label, wnid in enumerate(classes)
        for name in found.get(wnid, ())
    ]
    test: list[tuple[str, int]] = []
    left_out = 0
    if val_root.is_dir():
        labels = {wnid: label for label, wnid in enumerate(classes)}
        for name, wnid in _validation(root, val_root, classes, skipped):
            if wnid in labels:
                test.append((name, labels[wnid]))
            else:
                left_out += 1
        test.sort(key=lambda item: (item[1], item[0]))
    words = _words(root) | {wnid: text for wnid, text in listed if text != wnid}
    return ImageFolder(
        root,
        classes,
        tuple(words.get(wnid, wnid) for wnid in classes),
        tuple(train),
        tuple(test),
        tuple(skipped),
        left_out,
    )


def _classes(
    root: Path, folder: Path, skipped: list[ImageError]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each class folder with its pictures, both sorted."""
    for name in _visible(folder):
        inside = folder / name
        if not inside.is_dir():
            if name.lower().endswith(SUFFIXES):
                where = _from(root, inside)
                skipped.append(ImageError(where, "lies in no class folder"))
            elif inside.is_symlink():
                where = _from(root, inside)
                skipped.append(ImageError(where, "is a link that leads nowhere"))
            continue
        pictures = _pictures(root, inside, skipped)
        if pictures:
            yield name, pictures
        else:
            where = _from(root, inside)
            skipped.append(ImageError(where, "is a class folder without pictures"))


def _pictures(root: Path, folder: Path, skipped: list[ImageError]) -> list[str]:
    """Return the sorted pictures of a folder and of its folder ``images``."""
    pictures = []
    for place in (folder, folder / "images"):
        if not place.is_dir():
            continue
        for name in _visible(place):
            if not name.lower().endswith(SUFFIXES):
                continue
            path = place / name
            try:
                why = _unfit(path.stat())
            except OSError as error:  # a link that leads nowhere or to itself
                why = f"cannot be read: {error.strerror}"
            if why:
                skipped.append(ImageError(_from(root, path), why))
            else:
                pictures.append(_from(root, path))
    return pictures


def _visible(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def _from(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def read_classes(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Read a list of classes, one a line, in the order of their labels.

    Parameters
    ----------
    path : str or path
        A line is the name of a class folder; behind a WordNet id stand words or not,
        as in ``synset_words.txt``.

    Returns
    -------
    list of (str, str)
        The folder's name, and the words for it, which are its name where none stand.

    Raises
    ------
    ValueError
        If a line is empty.
    """
    listed = []
    for number, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        wnid, words = line.strip(), line.strip()
        if found := re.fullmatch(r"(n\d+)[ \t]+(.*)", words):
            wnid, words = found.groups()
        if not wnid:
            raise ValueError(f"{path}:{number}: expected a class, got an empty line")
        listed.append((wnid, words))
    return listed


def _in_order(
    root: Path, found: dict[str, list[str]], wanted: list[str]
) -> tuple[str, ...]:
    """Return the class folders in the order of their labels."""
    if wanted and found:
        strange = found.keys() - set(wanted)
        if strange or len(set(wanted)) < len(wanted):
            raise ValueError(
                f"expected every class folder of {root} once in the list of classes, "
                f"{min(strange, default='one')} is not"
            )
        return tuple(wanted)
    listed = root / "wnids.txt"
    if not listed.is_file():
        return tuple(found)
    wnids = listed.read_text().split()
    strange = found.keys() - set(wnids)
    if strange:
        raise ValueError(
            f"{listed}: expected every class folder in it, {min(strange)} is not"
        )
    return tuple(wnid for wnid in wnids if wnid in found)


def _words(root: Path) -> dict[str, str]:
    """Return the words for the classes by their folders' names."""
    words: dict[str, str] = {}
    for name in ("words.txt", "synset_words.txt", "LOC_synset_mapping.txt"):
        if (root / name).is_file():
            text = (root / name).read_text(encoding="utf-8", errors="replace")
            words |= re.findall(r"^(n\d+)[ \t]+(.*\S)", text, re.MULTILINE)
    return words


# ------------------------------------------------------------ the validation pictures


def _validation(
    root: Path, folder: Path, classes: tuple[str, ...], skipped: list[ImageError]
) -> Iterator[tuple[str, str]]:
    """Yield each validation picture with the name of its class."""
    flat = _pictures(root, folder, skipped)
    if not flat:
        for wnid, pictures in _classes(root, folder, skipped):
            yield from ((name, wnid) for name in pictures)
        return
    truth = _truth(root, folder, flat, classes)
    for name in flat:
        stem = Path(name).stem
        if stem in truth:
            yield name, truth[stem]
        else:
            skipped.append(ImageError(name, "has no label in the list of labels"))


def _truth(
    root: Path, folder: Path, pictures: list[str], classes: tuple[str, ...]
) -> dict[str, str]:
    """Return the class of each validation picture by its name without an ending."""
    for name in ("val_annotations.txt", "LOC_val_solution.csv", "val.txt"):
        for path in (folder / name, root / name):
            if path.is_file():
                return _listed(path, classes)
    for place in (folder, root, *sorted(root.glob("*devkit*/data"))):
        for path in sorted(place.glob("ILSVRC*_validation_ground_truth.txt")):
            numbers = path.read_text().split()
            if len(numbers) != len(pictures):
                raise ValueError(
                    f"{path}: expected a number for each of the {len(pictures)} "
                    f"pictures in {folder}, got {len(numbers)}"
                )
            synsets = read_synsets(path.parent)
            stems = (Path(picture).stem for picture in pictures)
            try:
                return {
                    stem: synsets[int(number)]
                    for stem, number in zip(stems, numbers, strict=True)
                }
            except (KeyError, ValueError) as error:
                raise ValueError(
                    f"{path}: expected the numbers of classes, got {error}"
                ) from None
    raise ValueError(
        f"{folder}: expected class folders, or the list of the pictures' classes: "
        "val_annotations.txt, LOC_val_solution.csv, val.txt or "
        "ILSVRC2012_validation_ground_truth.txt (with meta.mat beside it), got neither"
    )


def _listed(path: Path, classes: tuple[str, ...]) -> dict[str, str]:
    """Read lines of a picture's name, a tab, space or comma, and its class."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    truth = {}
    for name, label in re.findall(
        r"^([^\t ,]+)[\t ,]+([^\t ,\n]+)", text, re.MULTILINE
    ):
        if label not in classes and label.isdecimal():
            # A number counts the sorted folders of all classes, not of some.
            if int(label) >= len(classes):
                raise ValueError(
                    f"{path}: expected class folders for its numbers, got {label} with "
                    f"{len(classes)} folders"
                )
            label = sorted(classes)[int(label)]
        truth[Path(name).stem] = label
    return truth
