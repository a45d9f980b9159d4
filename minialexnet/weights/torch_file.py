"""The two forms of the files that ``torch.save`` writes.

Since PyTorch 1.6 the file is a zip archive without compression: ``NAME/data.pkl`` is
the pickle, ``NAME/data/0`` and the like the bytes of the storages. Before, it was five
pickles in a row, of a magic number, a version, a description of the machine, the value
and the keys of the storages, and then for each key a count in eight bytes and the
storage.
"""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from ..files.stored_zip import list_members, read_member
from .file import WeightsError
from .pickled import Tensor
from .pickles import MAX_PICKLE, unpickle

MAGIC = 0x1950A86A20F9469CFC6C.to_bytes(10, "little")

# Gives the bytes of the storages that are asked for by key and size, as far as there
# are such.
Storages = Callable[[Mapping[str, int]], Mapping[str, Any]]


def read_value(file: BinaryIO, size: int) -> tuple[Any, Storages]:
    """Return what the pickle in a file holds, and what reads the storages of it.

    Raises
    ------
    WeightsError
        If the file is of neither form, or damaged; so does the reader of storages.
    """
    start = file.read(32)
    if start[:4] == b"PK\3\4":
        return _zipped(file)
    if MAGIC in start:
        return _legacy(file, size)
    raise WeightsError(
        "expected a file of torch.save, a zip archive or PyTorch's older form, got "
        "neither"
    )


def _legacy(file: BinaryIO, size: int) -> tuple[Any, Storages]:
    """Return what the pickle holds, and where its storages are."""
    at, pickles = 0, []
    for _ in range(5):
        file.seek(at)
        value, length = unpickle(memoryview(file.read(MAX_PICKLE)))
        pickles.append(value)
        at += length
    machine, value, keys = pickles[2:]
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise WeightsError("expected numbers written by a little-endian machine")

    def storages(sizes: Mapping[str, int]) -> Mapping[str, memoryview]:
        # A storage's count does not say how wide its numbers are; the pickle does.
        widths = _widths(value)
        found, place = {}, at
        for key in keys if isinstance(keys, list) else []:
            if not isinstance(key, str) or key not in widths:
                raise WeightsError("expected the storages of the tensors, got another")
            file.seek(place)
            count = int.from_bytes(file.read(8), "little")
            length, place = count * widths[key], place + 8
            if length > size - place:
                raise WeightsError(
                    f"expected storage {key!r:.50} of {length:,} bytes, got "
                    f"{max(0, size - place):,}"
                )
            if sizes.get(key) == length and key not in found:
                found[key] = memoryview(file.read(length))
            place += length
        return found

    return value, storages


def _widths(value: Any) -> dict[str, int]:
    """Return the bytes of a number in each storage that the tensors in `value` see."""
    found: dict[str, int] = {}
    seen, left = set(), [value]
    while left:
        one = left.pop()
        if isinstance(one, Tensor):
            found[one.key] = one.numpy_dtype.itemsize
        elif isinstance(one, dict | list | tuple) and id(one) not in seen:
            seen.add(id(one))
            left.extend(one.values() if isinstance(one, dict) else one)
    return found


def _zipped(file: BinaryIO) -> tuple[Any, Storages]:
    """Return what the pickle holds, and where its storages are."""
    members = list_members(file)
    pickles = [name for name in members if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise WeightsError(
            f"expected one data.pkl in the archive, got {', '.join(members)!r:.80}"
        )
    folder = pickles[0].removesuffix("data.pkl")
    order = members.get(f"{folder}byteorder")
    if order and read_member(file, order).tobytes() != b"little":
        raise WeightsError("expected numbers written by a little-endian machine")
    value, _ = unpickle(read_member(file, members[pickles[0]]).data)

    def storages(sizes: Mapping[str, int]) -> Mapping[str, Any]:
        found = {}
        for key, length in sizes.items():
            member = members.get(f"{folder}data/{key}")
            if member is not None and member.size == length:
                found[key] = read_member(file, member)
        return found

    return value, storages
