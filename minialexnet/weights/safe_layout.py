"""Where the arrays lie in a safetensors file, and the arrays."""

from math import prod
from typing import Any, BinaryIO

import numpy as np

from ..engine.arrays import Array
from ..files.headers import mapping, read_object, text
from .file import WeightsError, from_bfloat16, read_bytes

MAX_HEADER = 2**20
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
BFLOAT16 = "BF16"  # which NumPy does not have
READ = DTYPES | {BFLOAT16: "<u2"}


def read_header(file: BinaryIO, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the header says of each array, and the metadata."""
    length = int.from_bytes(read_bytes(file, 8), "little")
    if length > min(MAX_HEADER, size - 8):
        raise WeightsError(
            f"expected a header of at most {min(MAX_HEADER, size - 8):,} bytes, "
            f"got {length:,}"
        )
    header = read_object(bytes(read_bytes(file, length)))
    metadata = header.pop("__metadata__", {})
    mapping(text(MAX_HEADER))(metadata, "__metadata__")
    return header, metadata


def read_arrays(file: BinaryIO, size: int, header: dict[str, Any]) -> dict[str, Array]:
    """Return the arrays, whose bytes follow the header in `file`."""
    room = size - file.tell()
    places = [_place(name, entry) for name, entry in header.items()]
    places.sort(key=lambda place: place[3:])
    at = 0
    for name, _, _, begin, end in places:
        if begin != at:
            raise WeightsError(
                f"expected {name!r:.50} to begin at byte {at:,}, got {begin:,}"
            )
        at = end
    if at != room:
        raise WeightsError(f"expected {at:,} bytes after the header, got {room:,}")
    arrays = {}
    for name, kind, shape, begin, end in places:
        # Straight into the array: a copy of the file would double the memory.
        data = np.empty(end - begin, np.uint8)
        if file.readinto(data.data) != len(data):  # type: ignore[attr-defined]
            raise WeightsError(f"expected {end - begin:,} bytes of {name!r:.50}")
        array = data.view(READ[kind]).reshape(shape)
        arrays[name] = from_bfloat16(array) if kind == BFLOAT16 else array
    return arrays


def _place(name: str, entry: Any) -> tuple[str, str, tuple[int, ...], int, int]:
    """Return a tensor's name, dtype, shape, first byte and the one after its last."""
    try:
        kind, shape = entry["dtype"], tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (*shape, begin, end))
        size = np.dtype(READ[kind]).itemsize
        if whole and len(shape) <= 8 and end - begin == size * prod(shape):
            return name, kind, shape, begin, end
    except (KeyError, TypeError, ValueError):
        pass  # no object, without a part, or of another kind
    raise WeightsError(
        f"expected {name!r:.50} with a dtype out of {', '.join(READ)}, a shape and "
        f"as many bytes, got {entry!r:.80}"
    )
