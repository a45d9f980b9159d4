"""What Pillow does not say of a JPEG file: that it was cut, or takes far too long."""

import io

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

END = b"\xff\xd9"
NO_FRAME = (0xC4, 0xC8, 0xCC)  # markers among C0 to CF that begin no frame
HUFFMAN = (0xC0, 0xC1, 0xC2)  # frames whose pixels are written in Huffman's codes
# Pixels times scans up to which a progressive file is decoded a second time.
TWICE = 250_000_000
SMALL = 1 << 14  # pixels that are soon decoded twice
STRIP = 1 << 18  # pixels that are compared at a time

_noise = np.random.default_rng(0).integers(0, 255, (9, 64), np.uint8)  # no byte of 255
# Behind it the eight marks at which a decoder that lost its way begins anew.
FILLING = _noise[0].tobytes() + b"".join(
    bytes([0xFF, 0xD0 + mark]) + _noise[1 + mark].tobytes() for mark in range(8)
)


def count_scans(data: bytes) -> int:
    """Return how many times a JPEG file goes over its picture.

    Each scan of a progressive file refines all of the picture, and one that says that
    there is nothing to refine takes a few bytes.
    """
    return data.count(b"\xff\xda", _frame(data)[1])


def is_cut(data: bytes, image: Image.Image) -> bool:
    """Return whether the pixels of a JPEG file end before the picture does.

    Where a file is cut and yet ends in its end marker, as one that was sent on by a
    program that repairs it, the decoder fills the rest with one colour and tells
    nobody. Such a file is found by what stands before the end marker: noise that is
    put there changes the picture, because the decoder still waits for pixels. The
    decoder of a whole file has got all of them and does not look at it.

    Not noticed are a cut through the very last block, a progressive file that ends
    between two scans, of which each shows the whole picture, or that is very large, and
    a file of arithmetic codes, where zeros at the end may be left out.

    Parameters
    ----------
    data : bytes
    image : PIL.Image.Image
        What Pillow made of it.

    Returns
    -------
    bool
    """
    frame, start = _frame(data)
    if frame not in HUFFMAN or END not in data:
        return False
    if frame == 0xC2:
        scans = data.count(b"\xff\xda", start)
        suspicious = image.width * image.height * scans <= TWICE
    else:
        suspicious = _ends_flat(image)
    if not suspicious:
        return False
    end = data.rindex(END)
    other = JpegImageFile(io.BytesIO(data[:end] + FILLING + data[end:]))
    other.load()
    rows = max(1, STRIP // image.width)
    boxes = (
        (0, top, image.width, min(top + rows, image.height))
        for top in range(0, image.height, rows)
    )
    return any(image.crop(b).tobytes() != other.crop(b).tobytes() for b in boxes)


def _frame(data: bytes) -> tuple[int, int]:
    """Return the marker of a file's frame, and where it stands; (0, 0) if nowhere."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in NO_FRAME:
            return marker, at
        filling = marker == 0xFF
        at += 1 if filling else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0


def _ends_flat(image: Image.Image) -> bool:
    """Return whether the last two pixels are alike, as they are where pixels lack.

    Of photographs every sixth ends so too. A picture is taken for one if it is small,
    or if so little of its last blocks is seen that their colours run into others.
    """
    w, h = image.size
    last = image.crop((w - 2, h - 1, w, h)).tobytes()
    alike = last[: len(last) // 2] == last[len(last) // 2 :]
    return alike or w % 16 in (1, 2, 3) or w * h <= SMALL
