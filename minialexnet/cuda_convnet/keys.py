"""The keys of the two files, as data.

`KEYS` says which keys a section of each type may hold, how each is read and what it is
where it is left out. `values.read_values` reads sections by it, `values.refuse_unknown`
turns away what is not in it, and `table` is the documentation.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

WEIGHTS = ("conv", "fc")
NORMS = ("cmrnorm", "rnorm", "cnorm")
MAPS = ("conv", "pool", *NORMS)
LAYERS = (*WEIGHTS, "pool", *NORMS, "hs")
NOT_DATA = (*LAYERS, "softmax", "cost.logreg")
TYPES = ("data", *NOT_DATA)
CALLED = {  # several types in the table
    NORMS: "norms",
    MAPS: "conv, pool, norms",
    LAYERS: "layers",
    NOT_DATA: "all but data",
}
# The 2012 code's tanh is a tanh(b x), written tanh[a,b].
NEURONS = ("relu", "tanh", "tanh[1,1]", "logistic", "ident", "none")


@dataclass(frozen=True)
class Key:
    """One key of a section.

    Attributes
    ----------
    name : str
    types : tuple of str
        The types of sections that may hold it.
    read : str
        How its value is read: "name", "word", "whole number", "number" or "switch". In
        the plural it is a comma list with a value for each input.
    about : str
        What it is, for the table.
    default : str, optional
        The value of each where the key is left out; None if it must be given, and ""
        if it is then None.
    least : float or str
        Of a number. "1 - sizeX" says that it depends on another key, read before.
    below : float
        What a number stays below; 1e30 leaves room for sums in float32.
    words : tuple of str
        Those that may be written.
    only : str
        The one value that is taken, where another would make another network.
    file : str
        Where it stands: "layers", "params" or "either".
    also : str
        Another name of the key.
    """

    name: str
    types: tuple[str, ...]
    read: str
    about: str = ""
    default: str | None = None
    least: float | str = 1
    below: float = 1e30
    words: tuple[str, ...] = ()
    only: str = ""
    file: str = "layers"
    also: str = ""


LAYERS_KEYS = (
    Key("type", TYPES, "word", words=TYPES),
    Key("inputs", NOT_DATA, "names", "of layers above this one"),
    Key("gpu", NOT_DATA, "whole number", "else its first input's", "", 0),
    Key("neuron", LAYERS, "word", "applied to the output", "none", words=NEURONS),
    Key("dataIdx", ("data",), "whole number", "pictures or labels", least=0),
    Key("channels", MAPS, "whole numbers", "maps of the input"),
    Key("filters", ("conv",), "whole numbers", "kernels of each group"),
    Key("filterSize", ("conv",), "whole numbers", "pixels of a kernel's side"),
    Key("padding", ("conv",), "whole numbers", "pixels on each side", "0", 0),
    Key("stride", ("conv",), "whole numbers", "sizes are rounded up", "1"),
    Key("groups", ("conv",), "whole numbers", "of maps and kernels", "1"),
    Key("sharedBiases", ("conv",), "switch", "a bias for each kernel", "1", only="1"),
    Key("randSparse", ("conv",), "switches", "groups drawn at random", "0", only="0"),
    Key("partialSum", ("conv",), "whole number", "speed only, ignored", "0", 0),
    Key("sumWidth", ("conv",), "whole number", "speed only, ignored", "0", 0),
    Key("outputs", ("fc",), "whole number", "units"),
    Key("initW", WEIGHTS, "numbers", "deviation at the start", "0.01", 0),
    Key("initB", WEIGHTS, "number", "value at the start", "0", -1e30),
    Key("pool", ("pool",), "word", words=("max", "avg")),
    Key("sizeX", ("pool",), "whole number", "pixels of a window's side"),
    Key("stride", ("pool",), "whole number", "from window to window"),
    Key(
        "start",
        ("pool",),
        "whole number",
        "first window's first pixel",
        "0",
        "1 - sizeX",
    ),
    Key("outputsX", ("pool",), "whole number", "windows a row, 0: all", "0", 0),
    Key("size", NORMS, "whole number", "of a window; or sizeX", also="sizeX"),
    Key("scale", NORMS, "number", "factor", None, 0, file="either"),
    Key("pow", NORMS, "number", "exponent", None, 0, file="either"),
    Key("minDiv", NORMS, "number", "summand", "1", 0, file="either"),
    Key("blocked", NORMS, "switch", "windows side by side", "0", only="0"),
    Key("keep", ("hs",), "number", "share of units kept, <= 1", None, 0),
)
PARAMS_KEYS = (
    Key("epsW", WEIGHTS, "numbers", "weights' learning rate", None, 0, file="params"),
    Key("epsB", WEIGHTS, "number", "biases' learning rate", None, 0, file="params"),
    Key("momW", WEIGHTS, "numbers", "weights' momentum", None, 0, 1, file="params"),
    Key("momB", WEIGHTS, "number", "biases' momentum", None, 0, 1, file="params"),
    Key("wc", WEIGHTS, "numbers", "weights' decay", "0", 0, file="params"),
    Key("wball", WEIGHTS, "numbers", "", "0", 0, only="0", file="params"),
    Key("enable", ("hs",), "switch", "", "1", only="1", file="params"),
    Key("coeff", ("cost.logreg",), "number", "", "1", 0, only="1", file="params"),
    Key("topk", ("cost.logreg",), "whole number", "ignored", "1", file="params"),
)
KEYS = (*LAYERS_KEYS, *PARAMS_KEYS)


def keys_of(kind: str) -> list[Key]:
    """Return the keys of a type's sections in both files, those of params first."""
    return [key for key in (*PARAMS_KEYS, *LAYERS_KEYS) if kind in key.types]


def table() -> str:
    r"""Return the keys as two tables, as they stand in the package's description.

    Examples
    --------
    >>> print(table().split("\n")[7])
    all but data       gpu             whole number >= 0          else its first input's
    """
    rows = {"layers file": LAYERS_KEYS, "params file": PARAMS_KEYS}
    return "\n\n".join(
        "\n".join(_rows(heading, keys)) for heading, keys in rows.items()
    )


def _rows(heading: str, keys: tuple[Key, ...]) -> Iterator[str]:
    """Yield the lines of one table."""
    widths = (17, 14, 25, 26)
    lines = [("of type", heading, "value", "what it is")]
    for key in keys:
        about = key.about + (", either file" if key.file == "either" else "")
        name = f"{key.name}={key.default}" if key.default else key.name
        kinds = CALLED.get(key.types, ", ".join(key.types))
        kinds = "all" if key.types == TYPES else kinds
        first, *more = textwrap.wrap(_value(key), widths[2])
        lines += [(kinds, name, first, about), *(("", "", part, "") for part in more)]
    border = "  ".join("=" * width for width in widths)
    for number, line in enumerate(lines):
        if number < 2:
            yield border
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()
    yield border


def _value(key: Key) -> str:
    """Return in words what a key may be set to."""
    if key.only:
        return f"{key.only} only"
    if key.words:
        return ", ".join(key.words)
    if not key.read.startswith(("whole", "number")):
        return key.read
    least = f"{key.least:g}" if isinstance(key.least, float | int) else key.least
    text = key.read if key.least == -1e30 else f"{key.read} >= {least}"
    return text if key.below == 1e30 else f"{text}, < {key.below:g}"
