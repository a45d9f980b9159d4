"""The variables of a MATLAB file, as far as one of ImageNet's needs it read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["read_variables"]

# Of MATLAB's file format, version 5: kinds of data elements and of arrays.
NUMBERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4"}
NUMBERS |= {9: "<f8", 12: "<i8", 13: "<u8", 16: "u1"}  # 16: text in UTF-8
MATRIX, COMPRESSED = 14, 15
STRUCT, TEXT = 2, 4
HEADER = 128  # bytes
# All that may come out of compressed elements; ImageNet's meta.mat has about 2 MB.
BYTES = 1 << 24


def read_variables(data: bytes) -> dict[str, Any]:
    """Return the variables of a MATLAB file of version 5 by their names.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    dict
        A list of dicts for structs, a str for text, else an ndarray.

    Raises
    ------
    Exception
        Of many types, if the file is damaged or something else.
    """
    return dict(_variables(data[HEADER:]))


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
