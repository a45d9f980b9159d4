"""Sums over the neighbours of each place, which normalisation divides by."""

from typing import NamedTuple, Self

from ..engine.arrays import Array, get_array_module


class Neighbours(NamedTuple):
    """Whose squares are summed: places i - before to i + after, as far as they exist.

    Attributes
    ----------
    axes : tuple of int
        Of maps seen as (N, groups, C/groups, H, W): (2,) is across channels, (3, 4)
        across the pixels of one map.
    groups, before, after : int
    """

    axes: tuple[int, ...]
    groups: int
    before: int
    after: int

    def turned(self) -> Self:
        """Return the window turned round: who has a place among its neighbours."""
        return self._replace(before=self.after, after=self.before)


def window_sum(a: Array, over: Neighbours) -> Array:
    """Return the sum of a, (N, C, H, W), over each place's neighbours."""
    xp, before, after = get_array_module(a), over.before, over.after
    by_group = len(a), over.groups, -1, *a.shape[2:]  # (N, groups, C/groups, H, W)
    sums = a.reshape(by_group)
    for axis in over.axes:
        rows = xp.moveaxis(sums, axis, -1)
        C = rows.shape[-1]
        # The zeros keep rows apart when all are shifted at once as one long line.
        padded = xp.zeros((*rows.shape[:-1], before + C + after), a.dtype)
        padded[..., before : before + C] = rows
        line = padded.reshape(-1)
        total = line.copy()
        for shift in range(1, before + after + 1):
            total[:-shift] += line[shift:]
        # Place i of a row now holds i .. i + n - 1, which is around its number i.
        sums = xp.moveaxis(total.reshape(padded.shape)[..., :C], -1, axis)
    result = xp.empty_like(a)  # in memory as a is, which keeps channels together
    result.reshape(by_group)[...] = sums
    return result
