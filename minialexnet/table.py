"""A network's table of shapes, parameters, multiply-adds and memory."""

from __future__ import annotations

from dataclasses import dataclass

from .layers.base import Shape

__all__ = ["Table", "TableRow"]


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
