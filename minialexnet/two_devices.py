"""The paper's two towers, each on a device of its own (section 3.2).

Half the kernels of every layer live on each device. A convolution of two groups needs
nothing of the other device. The devices exchange what they have where a layer sees both
towers: at conv3 and at the fully-connected layers; and where the normalisation's
neighbours reach across the towers, as in the paper's formula, the few maps next to the
border. Between two exchanges both devices work at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from math import prod
from typing import Any

from .backend import Array, check_device, get_array_module, to_device, use_device
from .layers import (
    Convolution2D,
    Dropout,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
)
from .network import Sequential

__all__ = ["TwoDevices"]


@dataclass(frozen=True)
class _Split:
    """A layer's two halves, and how many of the other tower's maps each sees."""

    name: str
    halves: tuple[Layer, Layer]
    sees: int | None = 0  # maps next to the border; None for all
    crop: bool = False  # drop the outputs of the maps that were seen


class TwoDevices:
    """A network whose towers run on two devices.

    It computes what the network does on one device; its dropout masks are the same
    too. The parameters are copied: train this object, then call `write_back`.

    Parameters
    ----------
    network : Sequential
        Flat, from the picture on: the first convolution sees all of it from both
        towers. Convolutions have one group or two, normalisations likewise.
    devices : pair of str
        ``("cpu:0", "cpu:1")``, two threads on the processor, or
        ``("cuda:0", "cuda:1")``.

    Attributes
    ----------
    bytes_moved : dict of str to int
        Bytes that crossed from one device to the other for each layer that sees both,
        in the last forward and the backward after it; "output" is the logits' way.

    Raises
    ------
    ValueError
        If a layer cannot be split in two, with its name.

    Examples
    --------
    >>> import numpy as np
    >>> from minialexnet.alexnet import alexnet
    >>> network = alexnet("2012", classes=4, width=1 / 16, input_size=63)
    >>> x = np.zeros((1, 3, 63, 63), np.float32)
    >>> two = TwoDevices(network)
    >>> bool(np.allclose(two.forward(x), network.forward(x)))
    True
    >>> [name for name, moved in two.bytes_moved.items() if moved]
    ['conv3', 'fc6', 'fc7', 'fc8', 'output']
    """

    def __init__(
        self, network: Sequential, devices: tuple[str, str] = ("cpu:0", "cpu:1")
    ) -> None:
        self.network = network
        self.devices = tuple(_plain(device) for device in devices)
        self._splits = [_split(name, layer) for name, layer in network.layers.items()]
        first = next(s for s in self._splits if isinstance(s.halves[0], Convolution2D))
        self._splits[self._splits.index(first)] = _Split(first.name, first.halves)
        for split in self._splits:
            for half, device in zip(split.halves, self.devices, strict=True):
                half.to(device)
        self.bytes_moved: dict[str, int] = {}
        self._threads = ThreadPoolExecutor(2)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the network's output, (N, K), on the first device.

        Parameters
        ----------
        x : ndarray, shape (N, C, H, W)
        train : bool
        """
        self.bytes_moved = {split.name: 0 for split in self._splits} | {"output": 0}
        self._borders: dict[str, list[tuple[slice, slice]]] = {}
        values = [to_device(x, device) for device in self.devices]
        for split in self._splits:
            if split.sees != 0:
                values = self._look(split, values)
            if isinstance(split.halves[1], Dropout):
                split.halves[1].first_unit = prod(values[0].shape[1:])
            values = self._both(_forward, split, values, train)
            if split.crop:
                own = [self._borders[split.name][tower][0] for tower in (0, 1)]
                values = [v[:, o] for v, o in zip(values, own, strict=True)]
        self._widths = [value.shape[1] for value in values]
        values[1] = self._move("output", values[1], 0)
        with use_device(self.devices[0]):
            return get_array_module(values[0]).concatenate(values, axis=1)

    def backward(self, dy: Array) -> None:
        """Write the gradients by every parameter on both devices.

        Parameters
        ----------
        dy : ndarray, shape (N, K)
            On the first device.
        """
        border = self._widths[0]
        values = [dy[:, :border], self._move("output", dy[:, border:], 1)]
        for split in reversed(self._splits):
            if split.crop:
                values = [self._uncrop(split, values, tower) for tower in (0, 1)]
            values = self._both(_backward, split, values)
            if split.sees != 0 and values[0] is not None:
                values = self._give_back(split, values)

    def parameters(self) -> dict[str, Array]:
        """Return both towers' parameters: ``{"tower1.conv1.W": array, ...}``."""
        return self._collect("params")

    def gradients(self) -> dict[str, Array]:
        """Return, after backward, every gradient by the name of its parameter."""
        return self._collect("grads")

    def write_back(self) -> Sequential:
        """Copy what was learned, and the dropout steps, into the network; return it."""
        parameters, states = {}, {}
        for split in self._splits:
            first, second = split.halves
            for key, value in first.params.items():
                whole = [to_device(half, "cpu") for half in (value, second.params[key])]
                xp = get_array_module(*whole)
                parameters[f"{split.name}.{key}"] = xp.concatenate(whole)
            for key, number in first.state.items():
                states[f"{split.name}.{key}"] = number
        self.network.load(parameters, states)
        return self.network

    def _collect(self, what: str) -> dict[str, Array]:
        return {
            f"tower{tower + 1}.{split.name}.{key}": value
            for tower in (0, 1)
            for split in self._splits
            for key, value in getattr(split.halves[tower], what).items()
        }

    def _both(
        self, work: Any, split: _Split, values: list[Any], *arguments: Any
    ) -> list[Any]:
        """Run a layer's halves at once, each on its device."""
        waiting = [
            self._threads.submit(_on, device, work, half, value, *arguments)
            for device, half, value in zip(
                self.devices, split.halves, values, strict=True
            )
        ]
        return [future.result() for future in waiting]

    def _move(self, name: str, value: Array, tower: int) -> Array:
        """Return `value` on a tower's device, and count its bytes."""
        self.bytes_moved[name] += value.nbytes
        return to_device(value, self.devices[tower])

    def _look(self, split: _Split, values: list[Array]) -> list[Array]:
        """Give each tower what it sees of the other, in the order of the maps."""
        widths = [value.shape[1] for value in values]
        seen = [min(width, split.sees or width) for width in reversed(widths)]
        if split.sees is None:
            seen = widths[::-1]
        # Tower 1 has its own maps first, tower 2 the other's: (own, other's).
        self._borders[split.name] = [
            (slice(0, widths[0]), slice(widths[0], widths[0] + seen[0])),
            (slice(seen[1], seen[1] + widths[1]), slice(0, seen[1])),
        ]
        right = self._move(split.name, values[1][:, : seen[0]], 0)
        left = self._move(split.name, values[0][:, widths[0] - seen[1] :], 1)
        wholes = []
        for device, parts in zip(
            self.devices, ((values[0], right), (left, values[1])), strict=True
        ):
            with use_device(device):
                wholes.append(get_array_module(*parts).concatenate(parts, axis=1))
        return wholes

    def _give_back(self, split: _Split, values: list[Array]) -> list[Array]:
        """Add to each tower's gradient what the other found for its maps."""
        (own0, other0), (own1, other1) = self._borders[split.name]
        right = self._move(split.name, values[0][:, other0], 1)
        left = self._move(split.name, values[1][:, other1], 0)
        with use_device(self.devices[0]):
            first = values[0][:, own0].copy()
            first[:, first.shape[1] - left.shape[1] :] += left
        with use_device(self.devices[1]):
            second = values[1][:, own1].copy()
            second[:, : right.shape[1]] += right
        return [first, second]

    def _uncrop(self, split: _Split, values: list[Array], tower: int) -> Array:
        """Return a tower's dy with zeros for the maps that it only saw."""
        own, other = self._borders[split.name][tower]
        dy = values[tower]
        width = own.stop - own.start + other.stop - other.start
        with use_device(self.devices[tower]):
            xp = get_array_module(dy)
            whole = xp.zeros((len(dy), width, *dy.shape[2:]), dy.dtype)
            whole[:, own] = dy
        return whole


def _plain(device: str) -> str:
    """Return the backend's name of a device: any "cpu:N" is the one "cpu"."""
    kind, _, index = device.partition(":")
    return check_device("cpu" if kind == "cpu" and index.isdigit() else device)


def _on(device: str, work: Any, *arguments: Any) -> Any:
    with use_device(device):
        return work(*arguments)


def _forward(half: Layer, x: Array, train: bool) -> Array:
    return half.forward(x, train)


def _backward(half: Layer, dy: Array) -> Any:
    return half.backward(dy)


def _split(name: str, layer: Layer) -> _Split:
    """Return a layer's halves, with half the parameters each."""
    halves = (copy(layer), copy(layer))
    for half in halves:
        half.params, half.grads = dict(layer.params), {}
        half.state = dict(layer.state)
    if isinstance(layer, Convolution2D | FullyConnected):
        border = (len(layer.params["b"]) + 1) // 2
        parts = (slice(0, border), slice(border, None))
        for half, part in zip(halves, parts, strict=True):
            half.params = {k: value[part].copy() for k, value in layer.params.items()}
    groups = getattr(layer, "groups", 1)
    if groups not in (1, 2):
        raise ValueError(f"{name}: expected one group or two, got {groups}")
    for half in halves:
        if groups == 2:
            half.groups = 1  # type: ignore[attr-defined]
        if isinstance(half, Convolution2D):
            half.in_channels //= groups
            half.out_channels = len(half.params["b"])
        if isinstance(half, FullyConnected):
            half.out_features = len(half.params["b"])
    if isinstance(layer, Convolution2D | FullyConnected):
        return _Split(name, halves, None if groups == 1 else 0)
    if isinstance(layer, LocalResponseNormalization) and groups == 1:
        # Across space a map has no neighbours among the other maps.
        sees = layer.n // 2 if layer.across == "channels" else 0
        return _Split(name, halves, sees, crop=sees > 0)
    return _Split(name, halves)
