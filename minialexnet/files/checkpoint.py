"""Checkpoints: arrays and a state in one file, written whole or not at all.

A checkpoint is an ordinary ``.npz`` that ``numpy.load`` opens too. Beside the arrays
it holds one member more, ``minialexnet``: the bytes of a JSON object with the name and
the version of the format, the names of the arrays, and the state.

Version 2 says more of a run in its state than version 1, which is still read.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from ..engine.arrays import Array
from .headers import Check, anything, read_object, record, row, text
from .npy import read_npy
from .opening import open_file
from .printable import printable
from .replacing import replacing
from .stored_zip import Member, list_members, read_member

NAME = "checkpoint.npz"  # in the folder of a run
FORMAT = "minialexnet checkpoint"
VERSION = 2
READABLE = (1, 2)
_HEADER = "minialexnet"

# AlexNet with its momentum has 466 MiB, and one of twice its width four times as much.
MAX_BYTES = 2**32


class CheckpointError(ValueError):
    """A file that is no whole checkpoint of a version known here."""


def save(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], state: Mapping[str, Any]
) -> None:
    """Write a checkpoint, so that `path` always holds a whole one.

    Parameters
    ----------
    path : str or path
        The file; its folder must exist.
    arrays : dict of str to numpy.ndarray
        Any shape, of numbers or texts; every bit is kept.
    state : dict
        What JSON can hold, with strings for keys; tuples come back as lists.

    Raises
    ------
    TypeError
        If an array is no NumPy array or holds objects, or JSON cannot hold the state.
    ValueError
        If an array has the name of the member that holds the state, or the file would
        be larger than `load` takes.
    OSError
        If the file cannot be written; the one that was there before is as it was.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "checkpoint.npz")
    >>> save(path, {"conv1.b": np.zeros(2, np.float32)}, {"epoch": 3})
    >>> load(path)
    ({'conv1.b': array([0., 0.], dtype=float32)}, {'epoch': 3})
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufcSU":
            got = getattr(array, "dtype", type(array).__name__)
            raise TypeError(
                f"expected {name} to be a NumPy array of numbers, got {got}"
            )
        if name == _HEADER:
            raise ValueError(f"expected another name for an array than {name!r}")
    header = {
        "format": FORMAT,
        "version": VERSION,
        "arrays": list(arrays),
        "state": dict(state),
    }
    words = np.frombuffer(json.dumps(header).encode("ascii"), np.uint8)
    size = words.nbytes + sum(a.nbytes + 4096 for a in arrays.values())
    if size > MAX_BYTES:  # with room for what a member has beside its numbers
        raise ValueError(f"expected at most {MAX_BYTES:,} bytes, got {size:,}")
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in {_HEADER: words, **arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load(
    path: str | os.PathLike[str], check: Check = anything
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read a checkpoint that `save` wrote.

    Every member's checksum is verified before its bytes are used. A bit that has
    flipped in what the zip format keeps beside them (a date, say) changes nothing
    here and may pass. An array takes as much memory as it has bytes in the file.

    Parameters
    ----------
    path : str or path
    check : Check, optional
        Of the state, see `minialexnet.files.headers`.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        In the order, and with the bits, that `save` was given.
    state : dict

    Raises
    ------
    CheckpointError
        If the file is cut short, damaged, of another program, or of a version newer
        than this one's. The message names the file, what was expected and what came.
    OSError
        If the file cannot be opened.
    """
    with _opened(path) as file:
        members = list_members(file)
        header = _read_header(file, members, check)
        arrays = {name: _read(file, members, name) for name in header["arrays"]}
        return arrays, header["state"]


def load_state(path: str | os.PathLike[str], check: Check = anything) -> dict[str, Any]:
    """Read the state of a checkpoint as `load` does, and leave its arrays alone."""
    with _opened(path) as file:
        header = _read_header(file, list_members(file), check)
        return dict(header["state"])


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a checkpoint, and name it in what goes wrong with it."""
    try:
        file = open_file(path, MAX_BYTES)
    except ValueError as error:
        raise CheckpointError(str(error)) from error
    with file:
        try:
            yield file
        except CheckpointError as error:
            raise CheckpointError(f"{os.fspath(path)}: {error}") from None
        except ValueError as error:
            raise CheckpointError(
                f"{os.fspath(path)}: expected a whole checkpoint, got a damaged or "
                f"foreign file ({error})"
            ) from error


def _read_header(
    file: BinaryIO, members: Mapping[str, Member], check: Check
) -> dict[str, Any]:
    """Return the header, once it is known to be of this format and version."""
    if f"{_HEADER}.npy" not in members:
        raise CheckpointError(
            f"expected a {FORMAT}, got a zip file of "
            f"{printable(', '.join(members), 200) or 'nothing'}"
        )
    header = read_object(_read(file, members, _HEADER).tobytes())
    form, version = header.get("format"), header.get("version")
    if form != FORMAT:
        raise CheckpointError(f"expected a {FORMAT}, got format {form!r:.50}")
    if type(version) is not int or version not in READABLE:
        raise CheckpointError(
            f"expected a {FORMAT} of version {' or '.join(map(str, READABLE))}, got "
            f"version {version!r:.50}; a newer minialexnet may read it"
        )
    record({"arrays": row(text()), "state": record({})})(header, "")
    check(header["state"], "")
    if len(set(header["arrays"])) < len(header["arrays"]):
        raise ValueError("an array named twice")
    return header


def _read(file: BinaryIO, members: Mapping[str, Member], name: str) -> Array:
    """Return an array."""
    if f"{name}.npy" not in members:
        raise ValueError(f"no array {name!r:.50}")
    return read_npy(read_member(file, members[f"{name}.npy"]))
