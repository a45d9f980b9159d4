"""The parameters of two towers: each tower's half, and the whole network's again."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..engine.arrays import Array
from ..engine.devices import use_device, use_device_of
from ..engine.transfer import to_device, to_numpy
from ..layers import Layer
from ..network import Network
from ..sequential import Sequential
from .cut import cut


class Towers(Network):
    """A network in two towers, whose parameters lie on two devices.

    Parameters
    ----------
    network : Sequential
        See `minialexnet.parallel.two_devices.TwoDevices`.
    devices : pair of str
        As the backend names them.
    """

    def __init__(self, network: Sequential, devices: tuple[str, str]) -> None:
        super().__init__()
        self.devices = devices
        self.segments, self.segment_ends = cut(network)
        for _, tower, part in self._parts():
            part.to(devices[tower])

    def _parts(self) -> Iterator[tuple[int, int, Sequential]]:
        """Yield what each tower computes of each segment: segment, tower, layers."""
        for tower in (0, 1):
            for i, segment in enumerate(self.segments):
                yield i, tower, segment[tower]

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Yield the layers of both towers: "tower1.conv1" to "tower2.fc8"."""
        for _, tower, part in self._parts():
            for name, layer in part.leaves():
                yield f"tower{tower + 1}.{name}", layer

    def states(self) -> dict[str, int]:
        """Return the whole network's states, which both towers have."""
        return {k: n for first, _ in self.segments for k, n in first.states().items()}

    def load(self, parameters: Mapping[str, Array], states: Mapping[str, int]) -> None:
        """Copy the whole network's parameters and states into the towers.

        Parameters
        ----------
        parameters : dict of str to ndarray
            ``{"conv1.W": array, ...}``, as `join` gives them or a `Sequential` does.
        states : dict of str to int

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs; nothing is changed.
        """
        halves = self.split(parameters)
        _check_names(states, self.states())
        for _, tower, part in self._parts():
            with use_device(self.devices[tower]):
                part.load(
                    {k: halves[f"tower{tower + 1}.{k}"] for k in part.parameters()},
                    {k: states[k] for k in part.states()},
                )

    def join(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Put the towers' halves together.

        Parameters
        ----------
        values : dict of str to ndarray
            By the names of `parameters`: the parameters, their gradients, or an
            optimiser's velocities.

        Returns
        -------
        dict of str to numpy.ndarray
            By the whole network's names, in its order.

        Raises
        ------
        ValueError
            If a name is missing or unknown.
        """
        _check_names(values, self.parameters())
        return {
            name: np.concatenate(
                [to_numpy(values[f"tower{tower}.{name}"]) for tower in (1, 2)]
            )
            for first, _ in self.segments
            for name in first.parameters()
        }

    def split(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Return each tower's half of the whole network's arrays, on its device.

        The inverse of `join`. On the processor the halves are views.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs.
        """
        own = self.parameters()
        _check_names(values, {name.partition(".")[2]: None for name in own})
        halves = {}
        for name, value in values.items():
            first, second = own[f"tower1.{name}"], own[f"tower2.{name}"]
            shape = (len(first) + len(second), *first.shape[1:])
            if value.shape != shape:
                raise ValueError(f"expected {name} of shape {shape}, got {value.shape}")
            with use_device_of(value):
                both = value[: len(first)], value[len(first) :]
            for tower, half in enumerate(both):
                halves[f"tower{tower + 1}.{name}"] = to_device(
                    half, self.devices[tower]
                )
        return {name: halves[name] for name in own}


def _check_names(given: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    odd = given.keys() ^ expected.keys()
    if odd:
        raise ValueError(
            f"expected one value for each of this network's names; missing or unknown: "
            f"{', '.join(sorted(odd))}"
        )
