"""A network's table of shapes, parameters and memory, and that of the profiles."""

from dataclasses import dataclass, fields

from .layers.base import Shape
from .profiles import PROFILES, Profile


@dataclass(frozen=True)
class TableRow:
    """What one layer does to one example.

    Attributes
    ----------
    name : str
    output_shape : tuple of int
        Without the batch.
    parameters : int
        Numbers learned.
    multiply_adds : int
        Of forward; backward takes about twice as many.
    activation_bytes : int
        The output in float32.
    """

    name: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    activation_bytes: int


@dataclass(frozen=True)
class Table:
    """The rows of a network's table; ``str()`` lays them out with their sums."""

    input_shape: Shape
    rows: tuple[TableRow, ...]

    @property
    def parameters(self) -> int:
        """Numbers learned, in all."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one example's forward, in all."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """Bytes of one example's outputs in float32, in all."""
        return sum(row.activation_bytes for row in self.rows)

    def __str__(self) -> str:
        """Return the table as text."""
        head = ("layer", "output shape", "parameters", "multiply-adds", "activations")
        total = TableRow(
            "total", (), self.parameters, self.multiply_adds, self.activation_bytes
        )
        body = [("input", _times(self.input_shape), "", "", "")]
        for row in (*self.rows, total):
            numbers = (
                f"{row.parameters:,}",
                f"{row.multiply_adds:,}",
                f"{row.activation_bytes / 1024:,.1f} KiB",
            )
            body.append((row.name, _times(row.output_shape), *numbers))
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        lines = []
        for cells in (head, *body):
            left = [c.ljust(w) for c, w in zip(cells[:2], widths[:2], strict=True)]
            right = [c.rjust(w) for c, w in zip(cells[2:], widths[2:], strict=True)]
            lines.append("  ".join(left + right).rstrip())
        return "\n".join(lines)


def _times(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def compare_profiles() -> str:
    """Return the profiles side by side as text, a line for what is not the same."""
    names = list(PROFILES)
    lines = [["", *names]]
    for field in fields(Profile):
        values = [getattr(PROFILES[name], field.name) for name in names]
        if field.name == "after":
            for i in range(5):
                cells = [", ".join(value[i]) for value in values]
                lines.append([f"after conv{i + 1}", *cells])
        elif field.name != "source" and len({*values}) > 1:
            lines.append([field.name, *(_cell(value) for value in values)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return " ".join(f"{v:g}" for v in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
