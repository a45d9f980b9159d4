"""Lists of classes and of words for them, and the one way to read the lines of a list.

A list is text in UTF-8, with or without a byte-order mark, whose lines end in LF, CR or
both; lines without text are passed over.
"""

import os
import re
from collections.abc import Iterator

from ..files.opening import open_file

LIST_BYTES = 1 << 26  # of a list: ImageNet's largest has 14 MB
LONGEST = 1000  # characters of a name or of the words for it
LINE_BREAK = re.compile(r"\r\n|\n|\r")
WORDNET_ID = re.compile(r"(n\d+)[ \t]+(.*)")


def read_lines(data: bytes, where: str) -> Iterator[tuple[str, str]]:
    r"""Yield the lines of a list that hold text, each with its place for messages.

    Parameters
    ----------
    data : bytes
    where : str
        The list's path.

    Yields
    ------
    place : str
        The path, a colon and the line's number.
    line : str
        Without space at its ends.

    Raises
    ------
    ValueError
        If it is no list: not in UTF-8, or with names in quotation marks.

    Examples
    --------
    >>> list(read_lines(b"\xef\xbb\xbfant\r\n\r\nbee", "a.txt"))
    [('a.txt:1', 'ant'), ('a.txt:3', 'bee')]
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(LINE_BREAK.findall(data[: error.start].decode("latin-1"))) + 1
        raise ValueError(
            f"{where}:{number}: expected text in UTF-8, got the byte "
            f"{data[error.start]:#04x}"
        ) from None
    if "\0" in text:
        raise ValueError(f"{where}:1: expected text in UTF-8, got a byte of zero")
    for number, whole in enumerate(LINE_BREAK.split(text), 1):
        line, place = whole.strip(), f"{where}:{number}"
        if line[:1] == '"' or ',"' in line:
            raise ValueError(
                f"{place}: expected names without quotation marks, got {line[:50]!r}"
            )
        if line:
            yield place, line


def _named(data: bytes, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield each line's place, the class that it names, and the words for it."""
    for place, line in read_lines(data, where):
        name, _, words = line.partition("\t")
        if found := WORDNET_ID.fullmatch(line):
            name, words = found.groups()
        if max(len(name), len(words)) > LONGEST:
            raise ValueError(
                f"{place}: expected names of at most {LONGEST:,} characters, got "
                f"{max(len(name), len(words)):,}"
            )
        yield place, name.strip(), words.strip() or name.strip()


def read_order(data: bytes, where: str) -> list[tuple[str, str]]:
    """Read a list of classes, one a line, in the order of their labels.

    Parameters
    ----------
    data : bytes
        A line is the name of a class folder; after a WordNet id or a tabulator words
        may follow, as in ``synset_words.txt``.
    where : str
        The list's path, for messages.

    Returns
    -------
    list of (str, str)
        The folder's name, and the words for it, which are its name where none stand.

    Raises
    ------
    ValueError
        If it is no list, or names a class twice.
    """
    listed: dict[str, str] = {}
    for place, name, words in _named(data, where):
        if name in listed:
            raise ValueError(f"{place}: expected each class once, got {name!r} again")
        listed[name] = words
    return list(listed.items())


def read_classes(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Read a file that `read_order` takes."""
    with open_file(path, LIST_BYTES) as file:
        return read_order(file.read(), os.fspath(path))


def read_words(data: bytes, where: str) -> dict[str, str]:
    """Read a list of words for classes, as ``words.txt``.

    Parameters
    ----------
    data : bytes
        A line is a class, a tabulator or, after a WordNet id, a space, and its words.
    where : str
        The list's path, for messages.

    Returns
    -------
    dict of str to str

    Raises
    ------
    ValueError
        If it is no list, or has different words for one class.
    """
    found: dict[str, str] = {}
    for place, name, words in _named(data, where):
        if found.setdefault(name, words) != words:
            raise ValueError(f"{place}: expected other words for {name!r} nowhere else")
    return found
