"""A mutation: where the code is broken, how, and which tests must notice it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .match import MatchError, replace

PACKAGE = "minialexnet"
MODULE = ""  # in place of a definition's name: all of the module
# A name, what is searched for, what takes its place and, where the definition holds
# equal pieces, which of how many is meant: (2, 3) is the second of three.
Row = tuple[str, str, str] | tuple[str, str, str, tuple[int, int]]


@dataclass(frozen=True)
class Mutation:
    """One way to break the code: in `definition` of a file, `old` becomes `new`."""

    name: str
    file: str  # below minialexnet/
    definition: str | None  # as match.replace takes it; None: `old` is plain text
    old: str
    new: str
    tests: tuple[str, ...]  # files below tests/, or FILE::TEST
    occurrence: tuple[int, int] | None = None

    @property
    def target(self) -> str:
        """The public dotted name of what is broken; for a text that of its file."""
        if self.definition is None:
            return f"{PACKAGE}/{self.file}"
        module = self.file.removesuffix(".py").removesuffix("/__init__")
        names = (PACKAGE, *module.split("/"), self.definition)
        return ".".join(name for name in names if name)

    def apply(self, project: Path) -> None:
        """Break a copy of the project; a MatchError says what does not fit."""
        path = project / PACKAGE / self.file
        source = path.read_text()
        try:
            path.write_text(self.broken(source))
        except MatchError as error:
            raise MatchError(f"{self.target}: {self.name}: {error}") from None

    def broken(self, source: str) -> str:
        """Return the broken text of the file."""
        if self.definition is not None:
            return replace(source, self.definition, self.old, self.new, self.occurrence)
        count = source.count(self.old)
        if count != 1 or self.old == self.new:
            raise MatchError(f"expected {self.old!r} once, found it {count} times")
        return source.replace(self.old, self.new)


def in_module(
    module: str, tests: str, definitions: dict[str, list[Row]]
) -> list[Mutation]:
    """Return the mutations of one module, such as "layers.lrn", by definition."""
    file = module.replace(".", "/") + ".py"
    return [
        Mutation(name, file, definition, old, new, tuple(tests.split()), *occurrence)
        for definition, rows in definitions.items()
        for name, old, new, *occurrence in rows
    ]


def only(file: str, *names: str) -> str:
    """Return some tests of a file that takes long, for `in_module`, without "test_"."""
    return " ".join(f"{file}::test_{name}" for name in names)


def in_text(file: str, tests: str, rows: list[Row]) -> list[Mutation]:
    """Return the mutations of a file that is not Python, matched as plain text."""
    return [
        Mutation(name, file, None, old, new, tuple(tests.split()))
        for name, old, new in rows
    ]
