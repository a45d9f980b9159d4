"""The sections of the two files as a graph: which layer sees which.

Nothing in a layers file says "two towers": conv3a and conv3b both name pool2a and
pool2b as their inputs, conv4a names conv3a only.
"""

from dataclasses import dataclass
from typing import Any

from .cfg import CfgError, Section, parse
from .keys import KEYS
from .values import parse_value, read_values, refuse_unknown

TYPE = next(key for key in KEYS if key.name == "type")


@dataclass(frozen=True)
class Node:
    """A section that stands for a layer, or for the softmax.

    Attributes
    ----------
    section : Section
        Of the layers file.
    kind : str
        Its type: "conv".
    values : dict
        What both files say of it, by key, see `keys`.
    """

    section: Section
    kind: str
    values: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the section."""
        return self.section.name

    @property
    def inputs(self) -> list[str]:
        """The names of the sections that it takes."""
        return list(self.values["inputs"])


@dataclass(frozen=True)
class Graph:
    """The layers of a file, each below its inputs.

    Attributes
    ----------
    picture : str
        The name of the data layer that holds the pictures.
    nodes : tuple of Node
        In the order of the file, the softmax among them.
    sections : dict of str to Section
        Every section of the layers file.
    """

    picture: str
    nodes: tuple[Node, ...]
    sections: dict[str, Section]


def read_graph(
    layers: str, params: str, names: tuple[str, str] = ("layers file", "params file")
) -> Graph:
    """Return the graph that the texts of the two files describe.

    Parameters
    ----------
    layers, params : str
        The files' texts.
    names : (str, str)
        The files' names, for errors.

    Raises
    ------
    CfgError
        If a text says what is not known here, or what cannot be.
    """
    return _Reader(layers, params, names).read()


class _Reader:
    """What the two texts say, and which sections something has come of."""

    def __init__(self, layers: str, params: str, names: tuple[str, str]) -> None:
        self.layers_file, self.params_file = names
        self.sections = parse(layers, names[0])
        self.params = parse(params, names[1])
        self.kinds: dict[str, str] = {
            name: parse_value(TYPE, section) for name, section in self.sections.items()
        }
        self.used: set[str] = set()

    def read(self) -> Graph:
        """Return the graph."""
        picture = self._picture(self._labels())
        nodes: list[Node] = []
        above = {picture}
        for name, kind in self.kinds.items():
            if kind in ("data", "cost.logreg"):
                continue
            node = Node(self.sections[name], kind, self._values(name))
            self._check_inputs(node, above)
            self.used |= set(node.inputs)
            nodes.append(node)
            if kind != "softmax":
                above.add(name)
        self._refuse_the_rest()
        return Graph(picture, tuple(nodes), self.sections)

    def _values(self, name: str) -> dict[str, Any]:
        section, params = self.sections[name], self.params.get(name)
        return read_values(self.kinds[name], section, params, self.params_file)

    def _of_type(self, kind: str) -> list[str]:
        return [name for name, own in self.kinds.items() if own == kind]

    def _labels(self) -> str:
        """Read the one cost, and return which of the data layers it takes."""
        costs = self._of_type("cost.logreg")
        if len(costs) != 1:
            raise CfgError(
                f"{self.layers_file}: expected one layer of type cost.logreg, "
                f"got {len(costs)}"
            )
        labels, softmax = self._values(costs[0])["inputs"]
        if (self.kinds.get(labels), self.kinds.get(softmax)) != ("data", "softmax"):
            raise self.sections[costs[0]].error(
                "expected inputs to be a data layer, of the labels, and a softmax "
                f"layer, got {labels!r} and {softmax!r}",
                "inputs",
            )
        self.used |= {costs[0], labels, softmax}
        return str(labels)

    def _picture(self, labels: str) -> str:
        """Return the data layer besides the labels."""
        data = self._of_type("data")
        for name in data:
            self._values(name)
        pictures = [name for name in data if name != labels]
        if len(pictures) != 1:
            raise CfgError(
                f"{self.layers_file}: expected one data layer besides the labels, "
                f"got {len(pictures)}"
            )
        return pictures[0]

    def _check_inputs(self, node: Node, above: set[str]) -> None:
        """See that a section's inputs exist and are computed before it."""
        for name in node.inputs:
            if name not in self.sections:
                raise node.section.error(
                    f"expected inputs that exist, got {name!r}", "inputs"
                )
            if name not in above:
                raise node.section.error(
                    "expected inputs to be layers above this one, and not those of the "
                    f"cost, got {name!r} of line {self.sections[name].line}",
                    "inputs",
                )

    def _refuse_the_rest(self) -> None:
        """Refuse what nothing has come of."""
        for name, section in self.sections.items():
            if name not in self.used:
                raise section.error("expected another layer to take this one, got none")
        for name, params in self.params.items():
            if name not in self.sections:
                raise params.error(
                    f"expected a layer of that name in {self.layers_file}, got none"
                )
        for name, section in self.sections.items():
            refuse_unknown(self.kinds[name], section, "layers")
        for name, params in self.params.items():
            refuse_unknown(self.kinds[name], params, "params")
