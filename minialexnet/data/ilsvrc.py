"""Which class folder a number in the lists of ImageNet's challenge stands for.

The validation pictures' labels come as numbers that count neither the sorted names of
the class folders nor anything else in sight: 1 is the kit fox, n02119789. The
development kit says so in ``meta.mat``, a MATLAB file, later kits also in
``map_clsloc.txt``.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_synsets"]

# Of MATLAB's file format, version 5: kinds of data elements and of arrays.
NUMBERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4"}
NUMBERS |= {9: "<f8", 12: "<i8", 13: "<u8", 16: "u1"}  # 16: text in UTF-8
MATRIX, COMPRESSED = 14, 15
STRUCT, TEXT = 2, 4
HEADER = 128  # bytes
BYTES = 1 << 26  # that may come out of a compressed element


def read_synsets(folder: Path) -> dict[int, str]:
    """Read the numbers of ImageNet's classes from the development kit.

    Parameters
    ----------
    folder : Path
        It holds ``map_clsloc.txt`` or ``meta.mat``; the first is taken.

    Returns
    -------
    dict of int to str
        The name of the class folder, as n02119789, by its number from 1.

    Raises
    ------
    FileNotFoundError
        If neither is there.
    ValueError
        If the file is damaged or something else.
    """
    path = folder / "map_clsloc.txt"
    if path.is_file():
        lines = re.findall(r"^(n\d+) (\d+)", path.read_text(), re.MULTILINE)
        return {int(number): wnid for wnid, number in lines}
    path = folder / "meta.mat"
    if not path.is_file():
        raise FileNotFoundError(
            f"{folder}: expected meta.mat or map_clsloc.txt of ImageNet's development "
            "kit, which say what the numbers of the validation pictures mean, got "
            "neither"
        )
    try:
        synsets = next(
            value
            for name, value in _variables(path.read_bytes()[HEADER:])
            if name == "synsets"
        )
        field = next(name for name in synsets[0] if name.endswith("_ID"))
        return {int(synset[field][0]): synset["WNID"] for synset in synsets}
    except Exception as error:  # whatever damaged bytes lead to
        raise ValueError(
            f"{path}: expected the synsets of ImageNet's development kit, got a file "
            f"that does not hold them ({type(error).__name__}: {error})"
        ) from error


def _variables(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the variables of a MATLAB file."""
    for kind, element in _elements(data):
        if kind == COMPRESSED:
            yield from _variables(zlib.decompressobj().decompress(element, BYTES))
        elif kind == MATRIX:
            yield _variable(element)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the data elements that stand one after the other."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        start = at + 8
        if kind >> 16:  # a small one: its size shares the first four bytes
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
        yield kind, data[start : start + size]
        padding = 0 if kind == COMPRESSED else -(start + size) % 8
        at = start + size + padding


def _variable(data: bytes) -> tuple[str, Any]:
    """Return an array's name, and its value.

    That is a list of dicts for structs, a str for text, else an ndarray.
    """
    (_, flags), (_, _shape), (_, name), *rest = _elements(data)
    value: Any
    if flags[0] == STRUCT:
        (_, length), (_, text), *fields = rest
        step = int.from_bytes(length, "little")
        names = [
            text[i : i + step].rstrip(b"\0").decode() for i in range(0, len(text), step)
        ]
        values = [_variable(field)[1] for _, field in fields]
        value = [
            dict(zip(names, values[i : i + len(names)], strict=True))
            for i in range(0, len(values), len(names))
        ]
    else:
        kind, content = rest[0] if rest else (1, b"")
        value = np.frombuffer(content, NUMBERS[kind])
        if flags[0] == TEXT:
            value = "".join(map(chr, value))
    return name.decode(), value
