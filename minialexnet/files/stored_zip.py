"""Zip archives whose members are not compressed, as NumPy and PyTorch write them.

Python's ``zipfile`` builds the whole directory before it can be asked how long that is,
and takes any number of bytes out of a compressed member. Here a member's bytes are
those that lie in the file, no two members share them, and so no archive is larger in
memory than on the disk. The directory at the archive's end is read, in the form for
large files too (zip64); see APPNOTE.TXT of PKWARE.
"""

import os
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MAX_MEMBERS = 10_000
FULL = 0xFFFFFFFF  # where a number is too large for its four bytes


class ArchiveError(ValueError):
    """A zip archive that is damaged, or not of the plain kind that is read here."""

    def __init__(self, got: str) -> None:
        super().__init__(f"expected a whole zip archive, got {got}")


@dataclass(frozen=True)
class Member:
    """Where a member's bytes lie in the file, and their checksum."""

    name: str
    start: int
    size: int
    crc: int


def list_members(file: BinaryIO) -> dict[str, Member]:
    """Return an archive's members by their names, in the directory's order.

    Raises
    ------
    ArchiveError
        If the archive is damaged, or a member is compressed, named twice or larger
        than the archive has room for.
    """
    length = file.seek(0, os.SEEK_END)
    tail_start = max(0, length - 2**16 - 22)
    tail = _read(file, tail_start, length - tail_start)
    end = tail.rfind(b"PK\5\6")
    if end < 0:
        raise ArchiveError("no directory")
    try:
        count, size, start, comment = struct.unpack_from("<10xHIIH", tail, end)
        if end + 22 + comment != len(tail):
            raise ArchiveError("an archive cut short")
        if end >= 20 and tail[end - 20 : end - 16] == b"PK\6\7":
            (end64,) = struct.unpack_from("<8xQ", tail, end - 20)
            signature, count, size, start = struct.unpack(
                "<4s28xQQQ", _read(file, end64, 56)
            )
            if signature != b"PK\6\6":
                raise ArchiveError("no directory")
        if count > MAX_MEMBERS:
            raise ArchiveError(f"{count:,} members")
        # A name and what is said of it may have 2^16 bytes each, but not all of them.
        if size > 1000 * MAX_MEMBERS:
            raise ArchiveError(f"a directory of {size:,} bytes")
        directory, at = _read(file, start, size), 0
        members: dict[str, Member] = {}
        for _ in range(count):
            member, at = _entry(directory, at)
            members[member.name] = _placed(file, member)
    except struct.error as error:
        raise ArchiveError(f"a damaged directory, {error}") from error
    if len(members) != count:
        raise ArchiveError("two members of one name")
    end = 0
    for member in sorted(members.values(), key=lambda member: member.start):
        if member.size and member.start < end:
            raise ArchiveError("members on top of each other")
        end = max(end, member.start + member.size)
    if end > length:
        raise ArchiveError("a member cut short")
    return members


def read_member(file: BinaryIO, member: Member) -> NDArray[np.uint8]:
    """Return a member's bytes, once their checksum is right.

    Raises
    ------
    ArchiveError
        If it is not.
    """
    data = np.empty(member.size, np.uint8)
    file.seek(member.start)
    if file.readinto(data.data) != member.size:  # type: ignore[attr-defined]
        raise ArchiveError("a member cut short")
    if zlib.crc32(data.data) != member.crc:
        raise ArchiveError("a member with a wrong checksum")
    return data


def _entry(directory: bytes, at: int) -> tuple[Member, int]:
    """Return a member, with the place of its own header, and the next entry's place."""
    signature, flags, method, crc, packed, size, name, extra, comment, local = (
        struct.unpack_from("<4s4xHH4xIIIHHH8xI", directory, at)
    )
    if signature != b"PK\1\2":
        raise ArchiveError("a damaged directory")
    at += 46
    text = directory[at : at + name].decode("utf-8", "replace")
    # Numbers that do not fit into four bytes stand in a field of their own, numbered 1.
    field, stop = at + name, at + name + extra
    while field + 4 <= stop:
        number, length = struct.unpack_from("<HH", directory, field)
        if number == 1:
            wide = iter(struct.unpack_from(f"<{length // 8}Q", directory, field + 4))
            size = next(wide, size) if size == FULL else size
            packed = next(wide, packed) if packed == FULL else packed
            local = next(wide, local) if local == FULL else local
        field += 4 + length
    if method or packed != size or flags & 1:
        raise ArchiveError(f"{text!r:.50}, which is compressed")
    return Member(text, local, size, crc), stop + comment


def _placed(file: BinaryIO, member: Member) -> Member:
    """Return a member with the place of its bytes, which follow its own header."""
    header = _read(file, member.start, 30)
    signature, name, extra = struct.unpack("<4s22xHH", header)
    if signature != b"PK\3\4":
        raise ArchiveError("a member cut short")
    start = member.start + 30 + name + extra
    return Member(member.name, start, member.size, member.crc)


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    """Return the bytes at a place in the file."""
    if start > 2**62:
        raise ArchiveError("a place outside the archive")
    file.seek(start)
    data = file.read(size)
    if len(data) != size:
        raise ArchiveError("an archive cut short")
    return data
