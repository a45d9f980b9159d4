"""The safetensors format: a JSON header and the bytes of the arrays.

The file begins with the header's length in eight bytes. The header gives every tensor's
dtype, shape and place in the bytes that follow, which have no gaps, and may hold texts
under ``__metadata__``; see github.com/huggingface/safetensors. There is no checksum.

What `save` writes holds, beside the arrays, a state like a checkpoint's: JSON, in the
metadata's text ``minialexnet``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import prod
from typing import IO, Any

import numpy as np

from ..engine.arrays import Array
from ..files.replacing import replacing
from .file import MAX_BYTES, WeightsError, opened, read_bytes
from .match import Weights, from_names

__all__ = ["is_own", "load", "read", "save"]

MAX_HEADER = 2**20
STATE = "minialexnet"
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def save(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], state: Mapping[str, Any]
) -> None:
    """Write arrays and a state, whole or not at all.

    Parameters
    ----------
    path : str or path
    arrays : dict of str to numpy.ndarray
        Any shape, of numbers; every bit is kept.
    state : dict
        What JSON can hold.

    Raises
    ------
    WeightsError
        If the format has no such dtype, or the file would be larger than is read.
    OSError
        If the file cannot be written; what was at `path` is as it was.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.safetensors")
    >>> save(path, {"w/conv1.b": np.zeros(2, np.float32)}, {"epoch": 3})
    >>> load(path)
    ({'w/conv1.b': array([0., 0.], dtype=float32)}, {'epoch': 3})
    """
    kinds = {np.dtype(dtype): kind for kind, dtype in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": {STATE: json.dumps(dict(state))}}
    # The widest first, so that each array begins at a multiple of its item's size.
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    at = 0
    for name in order:
        array = arrays[name]
        kind = kinds.get(array.dtype.newbyteorder("<"))
        if kind is None:
            raise WeightsError(
                f"{os.fspath(path)}: expected {name} of numbers, got {array.dtype}"
            )
        place = [at, at + array.nbytes]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": place}
        at = place[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER or at + len(text) + 8 > MAX_BYTES:
        raise WeightsError(
            f"{os.fspath(path)}: expected at most {MAX_BYTES:,} bytes and a header of "
            f"{MAX_HEADER:,}, got {at:,} and {len(text):,}"
        )
    with replacing(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            array = arrays[name]
            little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            file.write(little.reshape(-1).view(np.uint8).data)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read the arrays and the state that `save` wrote.

    Raises
    ------
    WeightsError
        If the file is damaged, or `save` did not write it.
    OSError
        If it cannot be read.
    """
    with opened(path) as (file, size):
        header, metadata = _header(file, size)
        if STATE not in metadata:
            raise WeightsError(
                f"expected a file that minialexnet wrote, with {STATE!r} in its "
                "metadata, got one without"
            )
        return _arrays(file, size, header), _object(metadata[STATE])


def is_own(path: str | os.PathLike[str]) -> bool:
    """Return whether `save` wrote a file.

    Raises
    ------
    WeightsError
        If its header is damaged.
    OSError
        If it cannot be read.
    """
    with opened(path) as (file, size):
        return STATE in _header(file, size)[1]


def read(file: IO[bytes], size: int) -> Weights:
    """Read a state dict of torchvision's AlexNet.

    Raises
    ------
    WeightsError
        If it is damaged, or of another network.
    """
    header, _ = _header(file, size)
    return from_names(_arrays(file, size, header))


def _header(file: IO[bytes], size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the header says of each array, and the metadata."""
    length = int.from_bytes(read_bytes(file, 8), "little")
    if length > min(MAX_HEADER, size - 8):
        raise WeightsError(
            f"expected a header of at most {min(MAX_HEADER, size - 8):,} bytes, "
            f"got {length:,}"
        )
    header = _object(bytes(read_bytes(file, length)))
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise WeightsError(f"expected texts as metadata, got {metadata!r:.50}")
    return header, metadata


def _arrays(file: IO[bytes], size: int, header: dict[str, Any]) -> dict[str, Array]:
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
        raise WeightsError(f"expected {at:,} bytes behind the header, got {room:,}")
    arrays = {}
    for name, dtype, shape, begin, end in places:
        # Straight into the array: a copy of the file would double the memory.
        data = np.empty(end - begin, np.uint8)
        if file.readinto(data.data) != len(data):  # type: ignore[attr-defined]
            raise WeightsError(f"expected {end - begin:,} bytes of {name!r:.50}")
        arrays[name] = data.view(dtype).reshape(shape)
    return arrays


def _object(text: bytes | str) -> dict[str, Any]:
    """Return the JSON object in `text`, which names everything once."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands there twice")
        return found

    try:
        found = json.loads(text, object_pairs_hook=once)
    # Too many brackets within brackets are a RecursionError.
    except (ValueError, TypeError, RecursionError) as error:
        raise WeightsError(f"expected a header of JSON, got {error!s:.80}") from error
    if not isinstance(found, dict):
        raise WeightsError(f"expected a JSON object, got {type(found).__name__}")
    return found


def _place(name: str, entry: Any) -> tuple[str, str, tuple[int, ...], int, int]:
    """Return a tensor's name, dtype, shape, first byte and the one after its last."""
    try:
        dtype, shape = DTYPES[entry["dtype"]], tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (*shape, begin, end))
        size = np.dtype(dtype).itemsize
        if whole and len(shape) <= 8 and end - begin == size * prod(shape):
            return name, dtype, shape, begin, end
    except (KeyError, TypeError, ValueError):
        pass  # no object, without a part, or of another kind
    raise WeightsError(
        f"expected {name!r:.50} with a dtype out of {', '.join(DTYPES)}, a shape and "
        f"as many bytes, got {entry!r:.80}"
    )
