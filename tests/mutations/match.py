"""Find a piece of code by its syntax tree, and put another piece in its place.

A piece is found whatever its formatting is, and only inside the named definition. The
text of exactly that piece is replaced; the rest of the file remains as it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
HEADED = (ast.If, ast.While, ast.For, ast.With)
Change = tuple[int, int, str]  # the bytes from one place to another, and the new text


class MatchError(ValueError):
    """The code does not hold the piece, or holds it in several places."""


def replace(
    source: str,
    definition: str,
    old: str,
    new: str,
    occurrence: tuple[int, int] | None = None,
) -> str:
    """Return `source` with the piece `old` of a definition replaced by `new`.

    Parameters
    ----------
    source
        The text of a module.
    definition
        "Class.method", "function" or "Class" in that module, "" for all of the module.
    old
        What is searched for, one of four forms: an expression, one statement or several
        that follow each other, the first line of an if, while, for or with
        ("if x > 0:"), or an argument that is passed by its name ("stride=2").
    new
        What takes its place, of the same form. Nothing removes an argument.
    occurrence
        Where the definition holds equal pieces: which of how many, (2, 3) for the
        second of three.

    Raises
    ------
    MatchError
        If the definition or the piece is not there, if there are several, or if what
        comes out is no Python.

    """
    place = f"in {definition}" if definition else "in the module"
    text, body, nodes = _read(source, definition)
    if not nodes:
        raise MatchError(f"expected a definition {definition}, found none")
    whole = text.bytes
    changes = sorted(_changes(text, nodes, old, new))
    nth, count = occurrence or (1, 1)
    if len(changes) != count:
        lines = [whole[:begin].count(b"\n") + 1 for begin, _, _ in changes]
        where = "in the lines " + ", ".join(map(str, lines)) if lines else "nowhere"
        times = "once" if count == 1 else f"{count} times"
        advice = ": quote more of it, or say which occurrence" if lines else ""
        raise MatchError(f"expected {old!r} {times} {place}, found it {where}{advice}")
    begin, end, written = changes[nth - 1]
    # Of the module only the statement round the change is read anew.
    ends = [text.lines[statement.end_lineno] for statement in body]
    first = max([0, *(place for place in ends if place <= begin)])
    last = min(place for place in ends if place >= end)
    before, behind = whole[:begin] + written.encode(), whole[end:]
    try:
        ast.parse(before[first:] + whole[end:last])
    except SyntaxError as error:
        raise MatchError(f"{new!r} for {old!r} {place} is no Python: {error}") from None
    return (before + behind).decode()


@lru_cache(maxsize=1)  # the next mutation is often of the same definition
def _read(source: str, definition: str) -> tuple[_Text, list[ast.stmt], list[ast.AST]]:
    """Return the text, the module's statements, and all nodes of the definition."""
    tree = ast.parse(source)
    scopes = _definitions(tree, definition)
    nodes = [node for scope in scopes for node in _walk(scope)]
    return _Text(source.encode()), tree.body, nodes


class _Text:
    """The text of a module, in bytes, as the syntax trees count their columns."""

    def __init__(self, source: bytes) -> None:
        self.bytes = source
        self.lines = [0]  # where each line begins
        for line in self.bytes.split(b"\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def begin(self, node: ast.AST) -> int:
        return self.lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.AST) -> int:
        return self.lines[node.end_lineno - 1] + node.end_col_offset


def _definitions(tree: ast.Module, dotted: str) -> list[ast.AST]:
    """Return the definitions of that name: several for a property and its setter."""
    found: list[ast.AST] = [tree]
    for name in dotted.split(".") if dotted else []:
        found = [d for scope in found for d in _defined_in(scope) if d.name == name]
    return found


def _defined_in(scope: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, DEFINITIONS):
            yield node
        else:
            yield from _defined_in(node)


def _changes(text: _Text, nodes: list[ast.AST], old: str, new: str) -> set[Change]:
    if old.endswith(":"):
        return set(_headers(text, nodes, old, new))
    wanted = _expression(old)
    if wanted is not None and _expression(new) is not None:
        # In parentheses it stays one operand of what stands round it.
        found = [node for node in nodes if _alike(node, wanted)]
        return {(text.begin(node), text.end(node), f"({new})") for node in found}
    try:
        run = ast.parse(old).body
    except SyntaxError:
        message = f"{old!r} is no expression, statement, first line or argument"
        raise MatchError(message) from None
    changes = set(_statements(text, nodes, run, new))
    if re.match(r"\w+\s*=[^=]", old) and len(run) == 1:
        changes |= _arguments(text, nodes, old, new)
    return changes


def _headers(text: _Text, nodes: list[ast.AST], old: str, new: str) -> Iterator[Change]:
    """Yield where the first line of a compound statement is like `old`."""
    try:
        wanted = ast.parse(f"{old} pass").body[0]
    except SyntaxError:
        raise MatchError(f"{old!r} is no first line of a statement") from None
    for node in nodes:
        if isinstance(node, HEADED) and _same_header(node, wanted):
            begin = text.begin(node)
            last = max(map(text.end, _first_line(node)))
            before = "el" if text.bytes.startswith(b"elif", begin) else ""
            yield begin, text.bytes.index(b":", last) + 1, before + new


def _same_header(a: ast.AST, b: ast.AST) -> bool:
    if type(a) is not type(b) or len(_first_line(a)) != len(_first_line(b)):
        return False
    return all(map(_alike, _first_line(a), _first_line(b)))


def _first_line(node: ast.AST) -> list[ast.expr]:
    """Return the expressions of a compound statement's first line."""
    if isinstance(node, ast.With):
        both = [(item.context_expr, item.optional_vars) for item in node.items]
        return [part for pair in both for part in pair if part is not None]
    if isinstance(node, ast.For):
        return [node.target, node.iter]
    return [node.test]


def _statements(
    text: _Text, nodes: list[ast.AST], run: list[ast.stmt], new: str
) -> Iterator[Change]:
    """Yield where statements that follow each other are like those of `run`."""
    bodies = [value for node in nodes for _, value in ast.iter_fields(node)]
    for body in bodies:
        if not (isinstance(body, list) and body and isinstance(body[0], ast.stmt)):
            continue
        for i in range(len(body) - len(run) + 1):
            found = body[i : i + len(run)]
            if all(map(_alike, found, run)):
                written = new.replace("\n", "\n" + " " * found[0].col_offset)
                yield text.begin(found[0]), text.end(found[-1]), written


def _arguments(text: _Text, nodes: list[ast.AST], old: str, new: str) -> set[Change]:
    """Return where an argument is passed by its name and value, like `old`."""
    wanted = ast.parse(f"f({old})", mode="eval").body.keywords[0]
    found = [node for node in nodes if _alike(node, wanted)]
    return {(text.begin(node), text.end(node), new) for node in found}


def _expression(piece: str) -> ast.expr | None:
    try:
        return ast.parse(f"({piece}\n)", mode="eval").body if piece.strip() else None
    except SyntaxError:
        return None


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    left = [node]
    while left:
        yield (one := left.pop())
        # Python 3.11 has wrong places for what is inside an f-string.
        if not isinstance(one, ast.JoinedStr):
            left.extend(ast.iter_child_nodes(one))


def _alike(a: ast.AST, b: ast.AST) -> bool:
    return type(a) is type(b) and _dump(a) == _dump(b)


@lru_cache(maxsize=1000)
def _dump(node: ast.AST) -> str:
    """Return the tree as text, the same whether a name is read or written."""
    return re.sub(r"(, )?ctx=\w+\(\)", "", ast.dump(node))
