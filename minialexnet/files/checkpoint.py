"""Checkpoints: arrays and a state in one file, written whole or not at all.

A checkpoint is an ordinary ``.npz`` that ``numpy.load`` opens too. Beside the arrays
it holds one member more, ``minialexnet``: the bytes of a JSON object with the name and
the version of the format, the names of the arrays, and the state.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..engine.arrays import Array

__all__ = ["CheckpointError", "load", "replacing", "save"]

NAME = "checkpoint.npz"  # in the folder of a run
FORMAT = "minialexnet checkpoint"
VERSION = 1
_HEADER = "minialexnet"


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
        Any shape and any dtype but object; every bit is kept.
    state : dict
        What JSON can hold, with strings for keys; tuples come back as lists.

    Raises
    ------
    TypeError
        If an array is no NumPy array or holds objects, or JSON cannot hold the state.
    ValueError
        If an array has the name of the member that holds the state.
    OSError
        If the file cannot be written; the one that was there before is as it was.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "checkpoint.npz"
    >>> save(path, {"conv1.b": np.zeros(2, np.float32)}, {"epoch": 3})
    >>> load(path)
    ({'conv1.b': array([0., 0.], dtype=float32)}, {'epoch': 3})
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.hasobject:
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
    text = np.frombuffer(json.dumps(header).encode("ascii"), np.uint8)
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in {_HEADER: text, **arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read a checkpoint that `save` wrote.

    Every member's checksum is verified before its bytes are used. A bit that has
    flipped in what the zip format keeps beside them (a date, say) changes nothing
    here and may pass.

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
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                header = _read_header(archive)
                arrays = {name: _read(archive, name) for name in header["arrays"]}
                return arrays, header["state"]
        except CheckpointError as error:
            raise CheckpointError(f"{os.fspath(path)}: {error}") from None
        except MemoryError:
            raise
        # What zipfile and NumPy raise over damaged bytes is of many types.
        except Exception as error:
            raise CheckpointError(
                f"{os.fspath(path)}: expected a whole checkpoint, got a damaged or "
                f"foreign file ({error})"
            ) from error


def _read_header(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the header, once it is known to be of this format and version."""
    if f"{_HEADER}.npy" not in archive.namelist():
        members = ", ".join(archive.namelist()) or "nothing"
        raise CheckpointError(f"expected a {FORMAT}, got a zip file of {members}")
    header = json.loads(_read(archive, _HEADER).tobytes())
    form, version = header.get("format"), header.get("version")
    if form != FORMAT:
        raise CheckpointError(f"expected a {FORMAT}, got format {form!r}")
    if version != VERSION:
        raise CheckpointError(
            f"expected a {FORMAT} of version {VERSION}, got version {version!r}; "
            "a newer minialexnet may read it"
        )
    return dict(header)


def _read(archive: zipfile.ZipFile, name: str) -> Array:
    # Read to the end, where zipfile compares the checksum, before a byte is believed.
    data = io.BytesIO(archive.read(f"{name}.npy"))
    array: Array = np.lib.format.read_array(data, allow_pickle=False)
    return array


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` once it is wholly on the disk.

    It is written beside `path`, under a name with a dot in front, so whatever happens
    at whatever moment `path` is either the old file or the new one. One program at a
    time may write to a path.

    Raises
    ------
    OSError
        If the file cannot be written; what was at `path` is as it was.
    """
    path = Path(path)
    # Always the same name, so what a killed program left is overwritten by the next.
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(
                error.errno,
                f"could not write, left as it was: {error.strerror or error}",
                os.fspath(path),
            ) from error
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the folder's list of names to the disk, where systems offer that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
