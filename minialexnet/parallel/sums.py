"""The sum of the parts' gradients, which is added up in the order of the parts."""

from collections.abc import Iterable
from threading import Lock

from ..engine.arrays import Array

Gradients = dict[str, Array]  # of one layer: {"W": dW, "b": db}


def add_parts(total: Gradients, parts: Iterable[Gradients]) -> Gradients:
    """Return ((total + first part) + second part) + ..., in the total's memory.

    Rounding makes a sum depend on the order of its additions. This order is that of
    the parts in the batch, whichever thread or machine computed them, so it is the same
    for every number of threads and of machines.

    Parameters
    ----------
    total : dict of str to ndarray
        A layer's gradients, which are changed.
    parts : iterable of dict of str to ndarray
        Those of the parts that follow, in their order, under the same names.

    Examples
    --------
    >>> import numpy as np
    >>> total, small = {"b": np.array([1e8], "f")}, {"b": np.array([3.0], "f")}
    >>> add_parts(total, [small, small])["b"]  # 3 + 3 would have counted
    array([1.e+08], dtype=float32)
    """
    for gradients in parts:
        for key, dw in gradients.items():
            total[key] += dw
    return total


class Sums:
    """The gradients of every layer, by the parts of the batch as they are found.

    Parameters
    ----------
    layers : iterable of str
        The layers' names.
    parts : range
        The parts that are computed here. Where they begin with part 0 they are added
        up as soon as they can be, and their memory is free again. Others wait for the
        sum of those before them.
    """

    def __init__(self, layers: Iterable[str], parts: range) -> None:
        names = list(layers)
        self._begins = parts.start == 0
        self._given: dict[str, dict[int, Gradients]] = {name: {} for name in names}
        self._left = dict.fromkeys(names, len(parts))  # parts that have not come yet
        self._next = dict.fromkeys(names, 1)  # the part to be added to part 0's
        self._locks = {name: Lock() for name in names}

    def give(self, name: str, part: int, gradients: Gradients) -> list[Gradients]:
        """Take a layer's gradients of one part; return those of all, once all came.

        Returns
        -------
        list of dict
            In the order of the parts, or only their sum where they begin with part 0;
            empty before all have come.
        """
        with self._locks[name]:
            given = self._given[name]
            given[part] = gradients
            self._left[name] -= 1
            if self._begins and 0 in given:
                while self._next[name] in given:
                    add_parts(given[0], [given.pop(self._next[name])])
                    self._next[name] += 1
            return [] if self._left[name] else [given[i] for i in sorted(given)]
