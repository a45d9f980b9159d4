"""The package's own source, as a lesson shows it."""

import ast
import html
import inspect
import io
import keyword
import sys
import tokenize
from collections.abc import Callable, Iterator
from textwrap import dedent, indent
from typing import Any

# With these loaded, what the last line of a cell returns is shown by itself.
SHOWN_BY = ("ipykernel", "sphinx_gallery")

# The classes of words, by the names that Pygments has for them, and their colours:
# keywords, strings, comments and numbers, legible on white and on black.
COLOURS = {"k": "#1f77b4", "s": "#b35900", "c1": "#7a7a7a", "mi": "#2a8a3e"}
KINDS = {tokenize.STRING: "s", tokenize.COMMENT: "c1", tokenize.NUMBER: "mi"}


class Source:
    """Source text that a notebook and the site show in colour.

    Attributes
    ----------
    text : str
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        """Return the text as HTML, each kind of word in a class of its own."""
        rules = "".join(
            f".minialexnet-source .{name} {{color: {colour}}}"
            for name, colour in COLOURS.items()
        )
        return (
            f"<style>{rules}</style>"
            f'<div class="minialexnet-source highlight"><pre>{coloured(self.text)}'
            "</pre></div>"
        )


def coloured(text: str) -> str:
    """Return Python source as HTML, with the classes of `COLOURS`."""
    pieces, lines, row, column = [], text.splitlines(keepends=True), 1, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        # What lies between two tokens: spaces.
        for number in range(row, token.start[0]):
            pieces.append(lines[number - 1][column:])
            column = 0
        if token.start[0] <= len(lines):
            pieces.append(lines[token.start[0] - 1][column : token.start[1]])
        words, kind = html.escape(token.string, quote=False), KINDS.get(token.type)
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kind = "k"
        pieces.append(f'<span class="{kind}">{words}</span>' if kind else words)
        row, column = token.end
    return "".join(pieces)


def show_source(*objects: Callable[..., Any] | type) -> Source | None:
    """Show the mathematics of functions, methods and layers as the package has it.

    The name of the file stands above. Decorators are left out, and of a docstring all
    but its first line. A script prints the text; a notebook and the site show what is
    returned, in colour.

    Parameters
    ----------
    objects : functions, methods or classes
        Of a class its name and, of its own, `forward` and `backward` are shown. A
        method stands below its class's name.

    Returns
    -------
    Source or None
        None in a script, where the text has been printed.

    Examples
    --------
    >>> from minialexnet.layers.activation import relu
    >>> _ = show_source(relu)
    # minialexnet/layers/activation.py
    def relu(x: Array, out: Array | None = None) -> Array:
    ...
    """
    pieces, file = [], None
    for thing, piece in zip(objects, _pieces(objects), strict=True):
        its_file = thing.__module__.replace(".", "/") + ".py"
        pieces.append(piece if its_file == file else f"# {its_file}\n{piece}")
        file = its_file
    source = Source("\n\n".join(pieces))
    if any(name in sys.modules for name in SHOWN_BY):
        return source
    print(source)
    return None


def _pieces(objects: tuple[Callable[..., Any] | type, ...]) -> Iterator[str]:
    """Yield the text of each object, and a class's name before its first method."""
    named = None
    for thing in objects:
        if isinstance(thing, type):
            own = [vars(thing)[n] for n in ("forward", "backward") if n in vars(thing)]
            named = thing
            yield _class_line(thing) + "\n" + "\n\n".join(map(_method, own))
            continue
        owner, dot, _ = thing.__qualname__.rpartition(".")
        if not dot:
            yield _bare(thing)
            continue
        its_class = getattr(sys.modules[thing.__module__], owner)
        first = "" if its_class is named else _class_line(its_class) + "\n"
        named = its_class
        yield first + _method(thing)


def _class_line(of: type) -> str:
    lines = inspect.getsource(of).splitlines()
    return next(line for line in lines if line.startswith("class "))


def _method(function: Callable[..., Any]) -> str:
    return indent(_bare(function), "    ")


def _bare(function: Callable[..., Any]) -> str:
    """Return a function's source from its def on, with one line of its docstring."""
    source = dedent(inspect.getsource(function))
    lines = source.splitlines()
    node: Any = ast.parse(source).body[0]
    summary = ast.get_docstring(node)
    if summary is not None:
        text = node.body[0]
        start = " " * text.col_offset
        first = f'{start}"""{summary.splitlines()[0]}"""'
        lines[text.lineno - 1 : text.end_lineno] = [first]
    return "\n".join(lines[node.lineno - 1 :])
