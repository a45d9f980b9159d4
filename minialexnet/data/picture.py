"""One photograph, from its file to the square of pixels that a network crops from.

Krizhevsky et al. 2012, section 2: "Given a rectangular image, we first rescaled the
image such that the shorter side was of length 256, and then cropped out the central
256x256 patch from the resulting image."
"""

import errno
import io
import os
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from ..files.opening import open_file
from ..files.printable import printable
from .jpeg import count_scans, is_cut
from .rgb import to_rgb, upright

READERS = {b"\xff\xd8\xff": JpegImageFile, b"\x89PNG\r\n\x1a\n": PngImageFile}
BYTES = 1 << 28  # of a file
LONGEST = 500  # characters of an error
PIXELS = 90_000_000  # of a picture, which Pillow holds in 4 bytes each
UNREADABLE = errno.EACCES, errno.EPERM, errno.EIO  # one file's fault, not the work's
WORK = 1_200_000_000  # pixels times scans of a JPEG; a progressive one has about 10


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
        return printable(f"{self.name}: {self.why}", LONGEST)


def read_image(
    path: str | os.PathLike[str], side: int = 256, least: int = 1
) -> NDArray[np.uint8]:
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
    least : int
        Pixels that each side of the picture has before it is scaled.

    Returns
    -------
    ndarray of uint8, shape (3, side, side)
        RGB pixels 0-255.

    Raises
    ------
    ImageError
        If the file is truncated, damaged or nothing of the two, if the picture has a
        side below `least`, if one of them is too large (256 MiB, 90 million pixels,
        hundreds of scans), or if it is no file or cannot be read, as on a bad place of
        a disk. The message names it. `minialexnet.data.jpeg` says which cuts it sees.
    OSError
        If it is not there, or cannot be read for a reason that lies elsewhere.

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
        why = unfit(status)
        if why:
            raise ImageError(str(path), why)
        with open_file(path) as file:
            data = file.read()
    except OSError as error:
        if error.errno not in UNREADABLE:
            raise
        raise ImageError(str(path), f"cannot be read: {error.strerror}") from None
    return decode_image(data, str(path), side, least)


def decode_image(
    data: bytes, name: str, side: int = 256, least: int = 1
) -> NDArray[np.uint8]:
    """Read a photograph from the bytes of its file, as `read_image` does.

    Parameters
    ----------
    data : bytes
    name : str
        For the error message.
    side, least : int

    Returns
    -------
    ndarray of uint8, shape (3, side, side)

    Raises
    ------
    ImageError
        See `read_image`.
    """
    try:
        image = to_rgb(_open(data, name))
    except (ImageError, MemoryError):
        raise
    # What Pillow raises over damaged bytes is of many types.
    except Exception as error:
        raise ImageError(
            name, f"expected a whole JPEG or PNG picture, got a damaged one ({error})"
        ) from error
    short = min(image.size)
    if short < least:
        raise ImageError(
            name,
            f"expected at least {least} pixels a side, got "
            f"{image.width} x {image.height}",
        )
    left, top = ((length - short) // 2 for length in image.size)
    square = image.resize(
        (side, side),
        Image.Resampling.BILINEAR,
        box=(left, top, left + short, top + short),
    )
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


def unfit(status: os.stat_result) -> str:
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
    sixteen = any("16" in str(tile) for tile in image.tile)
    held = pixels * len(image.getbands()) * (2 if sixteen else 1)
    if held > PIXELS * 3:
        raise ImageError(
            name, f"expected pixels of at most {PIXELS * 3:,} bytes, got {held:,}"
        )
    if isinstance(image, JpegImageFile):
        work = pixels * count_scans(data)
        if work > WORK:
            raise ImageError(
                name,
                f"expected pixels times scans to be at most {WORK:,}, got {work:,}",
            )
    image.load()
    if isinstance(image, JpegImageFile) and is_cut(data, image):
        raise ImageError(name, "expected a whole JPEG, got one whose pixels were cut")
    return upright(image)
