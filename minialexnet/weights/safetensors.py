"""The safetensors format: a JSON header and the bytes of the arrays.

The file begins with the header's length in eight bytes. The header gives every tensor's
dtype, shape and place in the bytes that follow, which have no gaps, and may hold texts
under ``__metadata__``; see github.com/huggingface/safetensors. There is no checksum.

What `save` writes holds, beside the arrays, a state like a checkpoint's: JSON, in the
metadata's text ``minialexnet``.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from ..engine.arrays import Array
from ..files.headers import Check, anything, read_object
from ..files.replacing import replacing
from .file import MAX_BYTES, WeightsError, opened
from .network import Asked, Weights
from .safe_layout import DTYPES, MAX_HEADER, read_arrays, read_header
from .state_dict import from_names

STATE = "minialexnet"


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
    words = json.dumps(header).encode()
    words += b" " * (-len(words) % 8)
    if len(words) > MAX_HEADER or at + len(words) + 8 > MAX_BYTES:
        raise WeightsError(
            f"{os.fspath(path)}: expected at most {MAX_BYTES:,} bytes and a header of "
            f"{MAX_HEADER:,}, got {at:,} and {len(words):,}"
        )
    with replacing(path) as file:
        file.write(len(words).to_bytes(8, "little") + words)
        for name in order:
            array = arrays[name]
            little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            file.write(little.reshape(-1).view(np.uint8).data)


def load(
    path: str | os.PathLike[str], check: Check = anything
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read the arrays and the state that `save` wrote.

    Parameters
    ----------
    path : str or path
    check : Check, optional
        Of the state, see `minialexnet.files.headers`.

    Raises
    ------
    WeightsError
        If the file is damaged, or `save` did not write it.
    OSError
        If it cannot be read.
    """
    with opened(path) as (file, size):
        header, metadata = read_header(file, size)
        if STATE not in metadata:
            raise WeightsError(
                f"expected a file that minialexnet wrote, with {STATE!r} in its "
                "metadata, got one without; minialexnet convert makes one of it"
            )
        state = read_object(metadata[STATE], check)
        return read_arrays(file, size, header), state


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
        return STATE in read_header(file, size)[1]


def read(file: BinaryIO, size: int, asked: Asked) -> Weights:
    """Read a state dict of an AlexNet.

    Raises
    ------
    WeightsError
        If it is damaged, or of another network.
    """
    header, _ = read_header(file, size)
    return from_names(read_arrays(file, size, header), asked)
