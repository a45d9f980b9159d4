"""The two files as text: sections, and in each of them keys with their lines.

An INI file as the 2012 code reads it: ``[section]``, then ``key=value`` lines; a ``#``
or ``;`` at the beginning of a word begins a comment; the case of a key does not count.
What the keys mean is written in `keys`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CfgError", "Section", "parse", "read_text"]


class CfgError(ValueError):
    """A file says what is not known here, or what cannot be; names file and line."""


@dataclass(frozen=True)
class Entry:
    """One key of a section: its name as written, its value and its line."""

    key: str
    text: str
    line: int


@dataclass(frozen=True)
class Section:
    """One section of a file: what it says, and where.

    Attributes
    ----------
    file : str
        The file's name, for errors.
    name : str
    line : int
        The line of ``[name]``, counted from 1.
    entries : dict of str to Entry
        By the key in small letters.
    """

    file: str
    name: str
    line: int
    entries: dict[str, Entry] = field(default_factory=dict)

    def __contains__(self, key: str) -> bool:
        return key.lower() in self.entries

    def text(self, key: str, default: str | None = None) -> str:
        """Return the value of a key.

        Raises
        ------
        CfgError
            If it is missing and there is no default.
        """
        entry = self.entries.get(key.lower())
        if entry is not None:
            return entry.text
        if default is None:
            raise self.error(f"expected {key}=..., which is missing")
        return default

    def error(self, message: str, key: str = "") -> CfgError:
        """Return the error to raise, at the line of a key or of the section."""
        entry = self.entries.get(key.lower())
        line = self.line if entry is None else entry.line
        return CfgError(f"{self.file}:{line}: [{self.name}] {message}")


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises
    ------
    CfgError
        If it is no UTF-8.
    OSError
        If it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CfgError(f"{path}: expected text in UTF-8, got {error}") from error


def parse(text: str, file: str) -> dict[str, Section]:
    r"""Return a file's sections by name, in its order.

    Parameters
    ----------
    text : str
        What the file holds.
    file : str
        Its name, for errors.

    Raises
    ------
    CfgError
        If a line is neither a section nor, in a section, a key with its value, or if
        a name comes twice.

    Examples
    --------
    >>> sections = parse("[conv1]\ntype=conv  # the first layer\n", "layers.cfg")
    >>> sections["conv1"].text("type")
    'conv'
    """
    sections: dict[str, Section] = {}
    section = None
    for number, line in enumerate(text.split("\n"), 1):
        line = re.sub(r"(^|\s)[#;].*", "", line).strip()
        if not line:
            continue
        header = re.fullmatch(r"\[([^\[\]]+)\]", line)
        key, equals, value = (part.strip() for part in line.partition("="))
        if header:
            section = Section(file, header[1].strip(), number)
            if section.name in sections or "." in section.name:
                raise section.error("expected each name once and without a dot")
            sections[section.name] = section
        elif section is None or not equals:
            raise CfgError(
                f"{file}:{number}: expected [section] or, in a section, key=value, "
                f"got {line[:60]!r}"
            )
        else:
            again = key in section
            section.entries[key.lower()] = Entry(key, value, number)
            if again:
                raise section.error(f"expected {key} once, got it again", key)
    return sections
