"""Lists that say which class each validation picture is of."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .lists import read_lines

SUFFIXES = (".jpeg", ".jpg", ".png")
SEPARATOR = re.compile("[ ,]+")
LONGEST_NAME = 1024  # characters, with its folders
NAME_WITH_SUFFIX = re.compile(r"(.+?\.(?:jpe?g|png))[ ,]+(.+)", re.IGNORECASE)


class _Line(NamedTuple):
    """A line of a list: a picture's name and its class's name or number."""

    place: str
    name: str
    label: str


def read_labels(
    data: bytes, where: str, pictures: Sequence[str], order: Sequence[str]
) -> dict[str, str]:
    """Read a list of a picture and its class in each line.

    Between them stand a tabulator, a comma or spaces; what follows the class, as the
    boxes of ``val_annotations.txt``, is passed over. A class is its folder's name or
    its number from 0, one or the other in the whole list.

    Parameters
    ----------
    data : bytes
    where : str
        The list's path, for messages.
    pictures : sequence of str
        The pictures' paths. Lines for other pictures are passed over.
    order : sequence of str
        All classes, in the order that numbers count.

    Returns
    -------
    dict of str to str
        The class of each picture that the list names, by the picture's path.

    Raises
    ------
    ValueError
        If a line is no such line, two lines contradict each other, numbers and names
        are mixed, a number is that of no class, or no line is for any picture.
    """
    names = _Names(pictures)
    known = set(order)
    lines = [_parse(*line, names, known) for line in read_lines(data, where)]
    if lines and where.endswith(".csv") and lines[0].name == "ImageId":
        del lines[0]  # the header
    labels = _classes(lines, order)
    truth: dict[str, str] = {}
    first: dict[str, _Line] = {}
    for line, label in zip(lines, labels, strict=True):
        before = first.setdefault(line.name, line)
        if before.label != line.label:
            raise ValueError(
                f"{line.place}: expected one class for {line.name!r}, got "
                f"{line.label!r} here and {before.label!r} at {before.place}"
            )
        truth |= dict.fromkeys(names.paths(line), label)
    if not truth:
        raise ValueError(
            f"{where}: expected the classes of the {len(pictures):,} pictures beside "
            "it, got a list that names none of them"
        )
    return truth


def read_numbers(data: bytes, where: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers of a list of them, one a line, each with its line's place."""
    for place, line in read_lines(data, where):
        if not _is_number(line):
            raise ValueError(f"{place}: expected the number of a class, got {line!r}")
        yield place, int(line)


class _Names:
    """Finds the pictures that a name in a list means."""

    def __init__(self, pictures: Sequence[str]) -> None:
        self.whole: dict[str, list[str]] = defaultdict(list)
        self.stems: dict[str, list[str]] = defaultdict(list)
        for path in pictures:
            name = path.rpartition("/")[2]
            self.whole[name].append(path)
            self.stems[name.rpartition(".")[0]].append(path)

    def paths(self, line: _Line) -> list[str]:
        """Return the pictures that a line is for; none where they are not there.

        A name is a whole file name, with folders or not. Without the ending of a
        picture, as Kaggle writes it, it may be that of one picture.
        """
        name = line.name.rpartition("/")[2]
        if name in self.whole:
            found = self.whole[name]
            exact = [path for path in found if f"/{path}".endswith(f"/{line.name}")]
            return exact or found
        found = [] if name.lower().endswith(SUFFIXES) else self.stems.get(name, [])
        if len(found) > 1:
            raise ValueError(
                f"{line.place}: expected the name of one picture, got {name!r} for "
                f"{' and '.join(found)}"
            )
        return found


def _parse(place: str, text: str, names: _Names, known: set[str]) -> _Line:
    """Divide a line into a picture's name and its class; names may hold spaces."""
    if "\t" in text:
        name, label = (part.strip() for part in text.split("\t")[:2])
    else:
        name, label = _divide(text, names)
        if label not in known:
            label = SEPARATOR.split(label)[0]
    if not name or not label:
        raise ValueError(
            f"{place}: expected a picture and its class, got {text[:50]!r}"
        )
    return _Line(place, name, label)


def _divide(text: str, names: _Names) -> tuple[str, str]:
    """Divide where a picture's name ends: one that is there, or one with its ending."""
    if text.rpartition("/")[2] in names.whole or text.lower().endswith(SUFFIXES):
        return text, ""
    separators = list(SEPARATOR.finditer(text, 0, LONGEST_NAME))
    for found in reversed(separators):
        if text[: found.start()].rpartition("/")[2] in names.whole:
            return text[: found.start()], text[found.end() :]
    if divided := NAME_WITH_SUFFIX.fullmatch(text):
        return divided[1], divided[2]
    if separators:
        return text[: separators[0].start()], text[separators[0].end() :]
    return text, ""


def _is_number(label: str) -> bool:
    return label.isascii() and label.isdecimal() and len(label) < 10


def _classes(lines: Sequence[_Line], order: Sequence[str]) -> list[str]:
    """Return the class that each line means, by name or by number in all of them."""
    known = set(order)
    strange = [line for line in lines if line.label not in known]
    numbers = [line for line in strange if _is_number(line.label)]
    if not numbers:
        return [line.label for line in lines]
    for line in lines:
        if not _is_number(line.label):
            raise ValueError(
                f"{line.place}: expected a number, as in {numbers[0].place}, got "
                f"{line.label!r}"
            )
        if int(line.label) >= len(order):
            raise ValueError(
                f"{line.place}: expected class folders for its numbers, got "
                f"{line.label} with {len(order)} folders"
            )
    return [order[int(line.label)] for line in lines]
