"""What lies in a folder, whether it is one of the disk or one inside a zip file."""

import os
import stat
import zipfile
from pathlib import Path
from typing import NamedTuple, Protocol

from ..files.opening import open_file
from .picture import BYTES, unfit


class Entry(NamedTuple):
    """One name in a folder."""

    path: str  # from the listing's root, with "/"
    is_folder: bool
    wrong: str  # why it cannot be a picture's file, or ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Listing(Protocol):
    """Files by their paths from a root, and what lies in each folder."""

    where: str  # for messages

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what lies in a folder, sorted; nothing where there is no folder.

        What begins with a dot is left out.

        Raises
        ------
        PermissionError
            If the folder may not be listed.
        """

    def read(self, path: str, most: int) -> bytes:
        """Return the bytes of a file.

        Raises
        ------
        ValueError
            If it is larger than `most`, or damaged.
        """


class Folder:
    """A folder of the disk."""

    def __init__(self, root: Path) -> None:
        self.where = str(root)
        self._root = root

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what lies in a folder, sorted; nothing where there is no folder."""
        try:
            names = sorted(os.listdir(self._root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [self._entry(folder, name) for name in names if name[0] != "."]

    def _entry(self, folder: str, name: str) -> Entry:
        path = f"{folder}/{name}" if folder else name
        try:
            status = (self._root / path).stat()
        except OSError as error:  # a link that leads nowhere or to itself
            return Entry(path, False, f"cannot be read: {error.strerror}")
        return Entry(path, stat.S_ISDIR(status.st_mode), unfit(status))

    def read(self, path: str, most: int) -> bytes:
        """Return the bytes of a file."""
        with open_file(self._root / path, most) as file:
            return file.read()


class Packed:
    """A folder inside a zip file; its members are read by name, no path is followed.

    Parameters
    ----------
    archive : ZipFile
    inside : str
        The folder in it that is the root.
    where : str
        The archive's path, for messages.
    """

    def __init__(self, archive: zipfile.ZipFile, inside: str, where: str) -> None:
        self.where = where
        self._archive, self._inside = archive, inside
        self._folders: dict[str, dict[str, Entry]] = {}
        for info in archive.infolist():
            first, _, path = info.filename.partition("/")
            parts = path.rstrip("/").split("/")
            if first != inside or any(part[:1] in ("", ".") for part in parts):
                continue
            self._enter(path.rstrip("/"), info)

    def _enter(self, path: str, info: zipfile.ZipInfo) -> None:
        """Enter a member into its folder, and the folder into its own."""
        wrong = ""
        if info.file_size > BYTES:
            wrong = f"expected at most {BYTES:,} bytes, got {info.file_size:,}"
        entry = Entry(path, info.is_dir(), wrong)
        while entry.path:
            folder = self._folders.setdefault(parent(entry.path), {})
            if entry.path in folder:
                break
            folder[entry.path] = entry
            entry = Entry(parent(entry.path), True, "")

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what lies in a folder, sorted; nothing where there is no folder."""
        return sorted(self._folders.get(folder, {}).values())

    def read(self, path: str, most: int) -> bytes:
        """Return the bytes of a member, whose checksum is verified."""
        try:
            info = self._archive.getinfo(f"{self._inside}/{path}")
            if info.file_size > most:
                raise ValueError(f"{info.file_size:,} bytes of {path}")
            return self._archive.read(info)
        # What zipfile raises over damaged bytes is of many types.
        except Exception as error:
            raise ValueError(
                f"{self.where}: expected a whole zip file, got {error}"
            ) from error


def parent(path: str) -> str:
    """Return the folder that a path lies in, "" for the root."""
    return path.rpartition("/")[0]
