"""What two towers show each other where a layer sees both, and how much that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from ..engine.arrays import Array, get_array_module
from ..layers import Dropout, Layer
from ..layers.refuse import refuse_gradient


@dataclass(frozen=True)
class Exchange:
    """What each tower gets to see of the other's maps.

    Attributes
    ----------
    name : str
        Of the layer that follows it.
    maps : pair of int
        What each tower has. The features of a flattened map go together.
    seen : pair of int
        How many of the other's each sees, those next to the border between the two.
    """

    name: str
    maps: tuple[int, int]
    seen: tuple[int, int]

    def shown(self, tower: int, features: int) -> slice:
        """Return which of a tower's features the other one sees."""
        seen = features // self.maps[tower] * self.seen[1 - tower]
        return slice(features - seen, features) if tower == 0 else slice(0, seen)

    def own_and_seen(self, tower: int, features: int) -> tuple[slice, slice]:
        """Return which features are the tower's own, and which it got to see.

        `features` counts both.
        """
        each = features // (self.maps[tower] + self.seen[tower])
        if tower == 0:
            border = each * self.maps[0]
            return slice(0, border), slice(border, features)
        border = each * self.seen[1]
        return slice(border, features), slice(0, border)


class OwnMaps(Layer):
    """Leaves out the maps that a tower only saw for the sake of its own."""

    def __init__(self, exchange: Exchange, tower: int) -> None:
        super().__init__()
        self._exchange, self._tower = exchange, tower

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the tower's own maps, (N, C, H, W) or (N, C)."""
        self.x_shape = x.shape
        self._own, _ = self._exchange.own_and_seen(self._tower, x.shape[1])
        y = x[:, self._own]
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx, which is 0 for the maps that were left out."""
        refuse_gradient(self, dy)
        dx = get_array_module(dy).zeros(self.x_shape, dy.dtype)
        dx[:, self._own] = dy
        return dx


class SecondDropout(Dropout):
    """The second tower's half of a dropout: its units come after the first's."""

    def __init__(self, whole: Dropout, maps: tuple[int, int]) -> None:
        super().__init__(
            whole.drop_probability,
            whole.inverted,
            seed=whole.seed,
            first_sample=whole.first_sample,
        )
        self.state = dict(whole.state)
        self._begin, self._maps = whole.first_unit, maps

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, with the masks that these units have in the whole layer."""
        each = prod(x.shape[1:]) // self._maps[1]
        self.first_unit = self._begin + each * self._maps[0]
        return super().forward(x, train)


def side_by_side(tower: int, own: Array, other: Array) -> Array:
    """Return the maps that a tower has and those it sees, in the network's order."""
    maps = (own, other) if tower == 0 else (other, own)
    return get_array_module(*maps).concatenate(maps, axis=1)


def report(
    rows: Mapping[str, tuple[int, int]], devices: tuple[str, str], pictures: int
) -> str:
    """Return the bytes of each exchange, and their sums, as a table.

    Parameters
    ----------
    rows : dict of str to (int, int)
        Forward and backward, by the exchange's name.
    devices : pair of str
    pictures : int
        Of the step that was counted.
    """
    there, back = (sum(both[way] for both in rows.values()) for way in (0, 1))
    lines = [
        f"{name:<10}{there:>16,}{back:>16,}{there + back:>16,}"
        for name, (there, back) in {**rows, "in all": (there, back)}.items()
    ]
    return "\n".join(
        [
            f"Bytes that cross between {' and '.join(devices)} "
            f"in a step of {pictures} pictures",
            f"{'at':<10}{'forward':>16}{'backward':>16}{'both':>16}",
            *lines,
        ]
    )
