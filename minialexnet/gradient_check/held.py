"""All that a layer holds: exchanged before each forward, put back at the end."""

from types import ModuleType
from typing import Any

import numpy as np

from ..engine.arrays import Array
from .arrays import Arrays, is_array


class Held:
    """All that a layer, and the layers in it, hold.

    Attributes
    ----------
    skips_dx : bool
        Whether one of the layers has ``needs_dx = False``.
    """

    def __init__(self, layer: Any) -> None:
        self._contents: list[tuple[dict[Any, Any] | list[Any], list[Any]]] = []
        self._states: list[tuple[Any, dict[Any, Any], dict[Any, Any]]] = []
        self._generators: list[tuple[Any, Any]] = []
        self._arrays: dict[int, Array] = {}
        self.skips_dx = False
        # Kept with their ids: the id of an object that is gone may be given again.
        seen: dict[int, Any] = {}
        waiting = [layer]
        while waiting:
            thing = waiting.pop()
            if id(thing) not in seen and not isinstance(thing, ModuleType):
                seen[id(thing)] = thing
                waiting.extend(self._remember(thing))

    def _remember(self, thing: Any) -> list[Any]:
        """Write down what a thing holds now; return what else is to be looked at."""
        if is_array(thing):
            self._arrays[id(thing)] = thing
        elif isinstance(thing, np.random.Generator):
            self._generators.append((thing.bit_generator, thing.bit_generator.state))
        elif isinstance(thing, dict):
            self._contents.append((thing, list(thing.items())))
            return list(thing.values())
        elif isinstance(thing, list | tuple):
            if isinstance(thing, list):
                self._contents.append((thing, list(thing)))
            return list(thing)
        elif hasattr(thing, "forward") and hasattr(thing, "__dict__"):
            state = getattr(thing, "state", None)
            if isinstance(state, dict):
                self._states.append((thing, state, dict(state)))
            self.skips_dx |= not getattr(thing, "needs_dx", True)
            return [vars(thing)]
        return []

    def require(self, parameters: Arrays) -> None:
        """Refuse parameters that cannot be exchanged one by one."""
        for name, array in parameters.items():
            if id(array) not in self._arrays:
                raise TypeError(
                    f"expected the parameter {name!r} to be an array that a layer "
                    "holds in its attributes, or in a dict or list there"
                )
        different = {id(array) for array in parameters.values()}
        if len(different) < len(parameters) or "x" in parameters:
            raise ValueError(
                "expected each parameter to be an array of its own, none called 'x', "
                f"got {sorted(parameters)}"
            )

    def write(self, replacements: dict[int, Array]) -> None:
        """Put all back as it came, but with other parameters, and copies of the rest.

        The copies take what a layer does to its arrays in place; the originals stay.

        Parameters
        ----------
        replacements : dict of int to ndarray
            The new arrays, by the ids of those that they replace.
        """
        copies = {key: array.copy() for key, array in self._arrays.items()}
        self._put({**copies, **replacements})

    def rewind(self) -> None:
        """Put back only what forward draws from: states and random generators."""
        for layer, state, values in self._states:
            state.clear()
            state.update(values)
            layer.state = state
        for generator, state in self._generators:
            generator.state = state

    def restore(self) -> None:
        """Put all back, the very objects that there were."""
        self._put(self._arrays)

    def _put(self, arrays: dict[int, Array]) -> None:
        for container, items in self._contents:
            if isinstance(container, list):
                container[:] = [arrays.get(id(value), value) for value in items]
            else:
                container.clear()
                container.update({k: arrays.get(id(v), v) for k, v in items})
        self.rewind()
