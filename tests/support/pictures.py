"""Pictures that the tests write: photographs of noise, and PNG files byte by byte."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def noise(seed, width=40, height=30):
    """Return RGB noise that is smooth enough for JPEG, uint8 (height, width, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def encoded(array, form="PNG", **options):
    """Return the bytes of a file."""
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def write(path, content):
    """Write a file's bytes, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def photographs(root, classes, count, suffix=".JPEG"):
    """Write as many photographs of noise into each of the folders of some classes."""
    form = "PNG" if suffix.lower() == ".png" else "JPEG"
    for place, wnid in enumerate(classes):
        for number in range(count):
            seed = 1000 * place + number
            size = 40 + seed % 7, 30 + seed % 5
            picture = encoded(noise(seed, *size), form)
            write(root / wnid / f"{wnid}_{number}{suffix}", picture)


def mutated(content, draw):
    """Return the bytes of a file that something happened to."""
    content = bytearray(content)
    for _ in range(draw.choice([1, 1, 3, 20])):
        kind, at = draw.randrange(4), draw.randrange(len(content))
        if kind == 0:
            content[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            content[at : at + 4] = draw.randbytes(4)
        elif kind == 2:
            del content[at : at + draw.randrange(1, 40)]
        else:
            content[at:at] = content[: draw.randrange(40)]
        if not content:
            break
    return bytes(content)


def png(rows, depth, color_type, *chunks):
    """Return a PNG file of any depth, from rows of big-endian numbers.

    Pillow writes neither 16 bits of colour nor broken headers.
    """
    rows = np.asarray(rows)
    height, width = rows.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    data = b"".join(
        b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes() for row in rows
    )
    parts = [("IHDR", header), *chunks, ("IDAT", zlib.compress(data)), ("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def bomb(width, height, bits=8, colour=2):
    """Return a PNG file of a few bytes that claims to be so large."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [("IHDR", header), ("IDAT", zlib.compress(bytes(1000))), ("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name, data):
    body = name.encode() + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
