"""The files of a packed archive, one after the other, without trusting its headers.

``tarfile`` reads a header of any size that an archive names into memory, and counts
members without an end. Here nothing is kept but the contents that are asked for, and
all that comes out of the archive is bounded.
"""

import gzip
import zlib
from collections.abc import Container, Iterator
from pathlib import PurePosixPath
from typing import IO, NamedTuple

BLOCK = 512  # bytes
CHUNK = 1 << 20
MEMBERS = 10_000
FILES = b"0\0"  # the two kinds of an ordinary file


class TarError(ValueError):
    """An archive that is damaged, or no archive."""


class Member(NamedTuple):
    """A member of an archive, its content if it was asked for."""

    name: str
    size: int
    is_file: bool
    content: bytes | None


def read_members(
    file: IO[bytes], wanted: Container[str], largest: int, most: int
) -> Iterator[Member]:
    """Yield the members of a ``.tar.gz`` archive, with the contents of some.

    Parameters
    ----------
    file : binary file
    wanted : container of str
        The names of the files, without folders, whose contents are read. No path in the
        archive is ever followed.
    largest : int
        The size of a file up to which its content is read.
    most : int
        How many bytes may come out of the archive.

    Yields
    ------
    Member

    Raises
    ------
    TarError
        If the archive is cut short, damaged, something else, or larger than `most`.
    """
    try:
        with gzip.open(file) as unzipped:
            stream = _Stream(unzipped, most)
            header = stream.read(BLOCK)
            if not header:
                raise TarError("empty file")
            for _ in range(MEMBERS):
                if not header.strip(b"\0"):
                    stream.skip(most)  # to the end, where gzip's checksum is
                    return
                name, size, is_file = _parse(header)
                content = None
                if is_file and PurePosixPath(name).name in wanted and size <= largest:
                    content = stream.read(size)
                    stream.read(-size % BLOCK)
                else:
                    stream.skip(size + -size % BLOCK)
                yield Member(name, size, is_file, content)
                header = stream.read(BLOCK)
            raise TarError(f"more than {MEMBERS:,} members")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TarError(str(error)) from error


class _Stream:
    """Reads what is unzipped, up to a number of bytes."""

    def __init__(self, file: gzip.GzipFile, most: int) -> None:
        self._file, self._left, self._most = file, most, most

    def read(self, size: int) -> bytes:
        """Return the next bytes; none at the end."""
        data = b"" if size == 0 else self._file.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise TarError(f"more than {self._most:,} bytes")
        if data and len(data) < size:
            raise TarError("unexpected end of data")
        return data

    def skip(self, size: int) -> None:
        """Pass over the next bytes, which may be fewer."""
        while size > 0 and (data := self._file.read(min(size, CHUNK, self._left + 1))):
            size -= len(data)
            self._left -= len(data)
            if self._left < 0:
                raise TarError(f"more than {self._most:,} bytes")


def _parse(header: bytes) -> tuple[str, int, bool]:
    """Return a member's name, its size, and whether it is an ordinary file."""
    try:
        checksum = int(header[148:156].strip(b" \0"), 8)
        size = int(header[124:136].strip(b" \0") or b"0", 8)
    except ValueError:
        checksum = size = -1
    found = sum(header[:148]) + 8 * ord(" ") + sum(header[156:])
    if len(header) < BLOCK or checksum != found or size < 0:
        raise TarError("invalid header")
    name = header[:100].split(b"\0")[0].decode("utf-8", "replace")
    return name, size, header[156] in FILES
