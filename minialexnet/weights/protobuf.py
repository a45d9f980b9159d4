"""Protocol buffers as they lie in a file, as far as weights need them.

A message is a row of fields. Each begins with a varint (seven bits to a byte, lowest
first, the top bit set on all bytes but the last) that holds the field's number and, in
its lowest three bits, how the value is written: 0 a varint, 1 eight bytes, 5 four
bytes, 2 a length and as many bytes. Those bytes are a text, a row of packed numbers or
another message: which of them, only the format's description tells. See
protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..engine.arrays import Array
from .file import WeightsError

# In all messages of a file together. A network of weights has some hundreds; without a
# bound, a file of two-byte fields would take minutes and many times its size.
MAX_FIELDS = 100_000


class Message:
    """The fields of one message, by their numbers.

    A field that is absent has its default; of one that is there several times, and
    may not be, the last counts. The bytes are not copied.

    Parameters
    ----------
    data : memoryview
        Of bytes.
    budget : list of one int, optional
        How many fields may still be found; the messages inside share it.

    Raises
    ------
    WeightsError
        If the bytes are no message, or hold more than `MAX_FIELDS` fields. So does
        every method, if the field is written otherwise than it asks for.

    Examples
    --------
    >>> message = Message(memoryview(bytes([0x08, 0x96, 0x01, 0x12, 2, 0x68, 0x69])))
    >>> message.integer(1), message.text(2), message.integer(3, default=7)
    (150, 'hi', 7)
    """

    def __init__(self, data: memoryview, budget: list[int] | None = None) -> None:
        self._budget = [MAX_FIELDS] if budget is None else budget
        self._fields: dict[int, list[int | memoryview]] = {}
        at = 0
        while at < len(data):
            self._budget[0] -= 1
            if self._budget[0] < 0:
                raise WeightsError(f"expected at most {MAX_FIELDS:,} fields, got more")
            key, at = _varint(data, at)
            number, kind = key >> 3, key & 7
            if not number:
                raise WeightsError("expected a message, got a field numbered 0")
            value: int | memoryview
            if kind == 0:
                value, at = _varint(data, at)
            elif kind in (1, 2, 5):
                length = {1: 8, 5: 4}.get(kind)
                if length is None:
                    length, at = _varint(data, at)
                if length > len(data) - at:
                    raise WeightsError(
                        f"expected a field of {length:,} bytes, got {len(data) - at:,}"
                    )
                value, at = data[at : at + length], at + length
            else:
                raise WeightsError(f"expected a message, got a field of kind {kind}")
            self._fields.setdefault(number, []).append(value)

    def _bytes(self, number: int) -> list[memoryview]:
        values = self._fields.get(number, [])
        found = [value for value in values if isinstance(value, memoryview)]
        if len(found) != len(values):
            raise WeightsError(f"expected bytes in field {number}, got a number")
        return found

    def has(self, number: int) -> bool:
        """Return whether the field is there."""
        return number in self._fields

    def integers(self, number: int) -> list[int]:
        """Return whole numbers of 64 bits with their signs, packed or not."""
        found = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(value)
                continue
            at = 0
            while at < len(value):
                self._budget[0] -= 1
                if self._budget[0] < 0:
                    raise WeightsError(f"expected fewer numbers in field {number}")
                one, at = _varint(value, at)
                found.append(one)
        return [n - 2**64 if n >= 2**63 else n for n in found]

    def integer(self, number: int, default: int = 0) -> int:
        """Return a whole number."""
        return (self.integers(number) or [default])[-1]

    def numbers(self, number: int, dtype: Any = "<f4") -> Array:
        """Return an array (n,) of fixed-size numbers, packed or not, in one piece."""
        parts = self._bytes(number)
        data = parts[0] if len(parts) == 1 else memoryview(b"".join(parts))
        size = np.dtype(dtype).itemsize
        if len(data) % size:
            raise WeightsError(
                f"expected numbers of {size} bytes in field {number}, got {len(data)}"
            )
        return np.frombuffer(data, dtype)

    def real(self, number: int, default: float = 0) -> float:
        """Return a number of four bytes."""
        found = self.numbers(number)
        return float(found[-1]) if len(found) else default

    def texts(self, number: int) -> list[str]:
        """Return texts; a byte that is none is replaced."""
        return [str(part, "utf-8", "replace") for part in self._bytes(number)]

    def text(self, number: int, default: str = "") -> str:
        """Return a text."""
        return (self.texts(number) or [default])[-1]

    def messages(self, number: int) -> list[Message]:
        """Return the messages inside this one."""
        return [Message(part, self._budget) for part in self._bytes(number)]

    def message(self, number: int) -> Message:
        """Return a message inside this one, without fields if it is absent."""
        parts = self._bytes(number) or [memoryview(b"")]
        return Message(parts[-1], self._budget)


def shaped(data: Array, shape: Sequence[int], name: str) -> Array:
    """Return numbers in a shape, if they are as many.

    Raises
    ------
    WeightsError
        If they are not.
    """
    if len(shape) > 8 or min(shape, default=0) < 0 or prod(shape) != data.size:
        raise WeightsError(
            f"expected as many numbers in {name!r:.50} as its shape {shape!s:.80} has, "
            f"got {data.size:,}"
        )
    return np.asarray(data.reshape(tuple(shape)))


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the varint that begins at `at`, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at == len(data):
            raise WeightsError("expected more bytes, got the end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value % 2**64, at
    raise WeightsError("expected a number of at most ten bytes, got a longer one")
