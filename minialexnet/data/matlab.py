"""The variables of a MATLAB file, as far as one of ImageNet's needs it read."""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

# Of MATLAB's file format, version 5: kinds of data elements and of arrays.
NUMBERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4"}
NUMBERS |= {9: "<f8", 12: "<i8", 13: "<u8", 16: "u1"}  # 16: text in UTF-8
MATRIX, COMPRESSED = 14, 15
STRUCT, TEXT = 2, 4
HEADER = 128  # bytes
# What is read at most; ImageNet's meta.mat has 2 MB in 75,000 elements.
BYTES = 1 << 24  # that come out of compressed elements
ELEMENTS = 400_000
DEPTH = 3  # of arrays in fields of arrays
FIELDS = 1000  # of a struct


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
    return _Reader().variables(data[HEADER:])


class _Reader:
    """Reads one file, whose elements and bytes it counts."""

    def __init__(self) -> None:
        self._elements, self._bytes = ELEMENTS, BYTES

    def variables(self, data: bytes) -> dict[str, Any]:
        """Return the variables; those that are compressed stand at the top alone."""
        found: dict[str, Any] = {}
        for kind, element in self._each(data):
            if kind == COMPRESSED:
                unpacked = zlib.decompressobj().decompress(element, self._bytes + 1)
                self._bytes -= len(unpacked)
                if self._bytes < 0:
                    raise ValueError(f"expected at most {BYTES:,} bytes, got more")
                for inner, part in self._each(unpacked):
                    if inner == MATRIX:
                        found.update([self._variable(part, DEPTH)])
            elif kind == MATRIX:
                found.update([self._variable(element, DEPTH)])
        return found

    def _each(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the data elements that stand one after the other."""
        at = 0
        while at < len(data):
            self._elements -= 1
            if self._elements < 0:
                raise ValueError(f"expected at most {ELEMENTS:,} elements, got more")
            kind, size = struct.unpack_from("<II", data, at)
            start = at + 8
            if kind >> 16:  # a small one: its size shares the first four bytes
                kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
            yield kind, data[start : start + size]
            padding = 0 if kind == COMPRESSED else -(start + size) % 8
            at = start + size + padding

    def _variable(self, data: bytes, depth: int) -> tuple[str, Any]:
        """Return an array's name, and its value."""
        if depth == 0:
            raise ValueError(f"expected arrays {DEPTH} deep at most, got more")
        (_, flags), (_, _shape), (_, name), *rest = self._each(data)
        value: Any
        if flags[0] == STRUCT:
            value = self._structs(rest, depth)
        else:
            kind, content = rest[0] if rest else (1, b"")
            value = np.frombuffer(content, NUMBERS[kind])
            if flags[0] == TEXT:
                value = "".join(map(chr, value))
        return name.decode(), value

    def _structs(
        self, elements: list[tuple[int, bytes]], depth: int
    ) -> list[dict[str, Any]]:
        """Return an array of structs, from their names' length, names and fields."""
        (_, length), (_, text), *fields = elements
        step = int.from_bytes(length, "little")
        if not 0 < len(text) <= FIELDS * step:
            raise ValueError(f"expected 1 to {FIELDS:,} fields, got others")
        names = [
            text[i : i + step].rstrip(b"\0").decode() for i in range(0, len(text), step)
        ]
        values = [self._variable(field, depth - 1)[1] for _, field in fields]
        return [
            dict(zip(names, values[i : i + len(names)], strict=True))
            for i in range(0, len(values), len(names))
        ]
