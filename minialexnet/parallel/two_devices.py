"""The paper's two towers, each on a device of its own (section 3.2).

Half the kernels of every layer live on each device. A convolution of two groups needs
nothing of the other device. The devices exchange what they have where a layer sees both
towers: at conv3 and at the fully-connected layers. Where the normalisation's neighbours
reach across the towers, as by the paper's formula and in Caffe ("paper" and "caffe";
not in "2012"), they also exchange the few maps next to the border, at lrn1 and lrn2.

So the network falls into segments, each of which begins with an exchange. In a segment
each tower is a network of its own, computed by a thread of its own, on a stream of its
own where the devices are GPUs; nothing else makes one wait for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Array, get_array_module
from ..engine.blas import limit_blas
from ..engine.devices import check_device, use_device, use_device_of
from ..engine.streams import current_stream, meet, new_stream, use_stream
from ..engine.transfer import to_device, to_numpy
from ..layers import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from ..layers.refuse import refuse_gradient
from ..sequential import Sequential

__all__ = ["TwoDevices"]

# What computes each map from that map alone, so that it falls apart by itself.
MAP_BY_MAP = (ReLU, Tanh, Sigmoid, MaxPooling2D, AveragePooling2D, Flatten)
Pair = tuple[int, int]


class TwoDevices:
    """A network whose towers run on two devices.

    It computes what the network does on one device; its dropout masks are the same
    too. It stands where a `Sequential` does in training: `forward`, `backward`,
    `parameters`, `gradients`, `states`, `load`. Its parameters are halves, copied from
    the network, and named after their tower; `join` and `split` turn them, or anything
    that goes by their names, into the whole network's and back, so a checkpoint does
    not depend on the devices.

    Parameters
    ----------
    network : Sequential
        Flat. It begins with the convolution that sees the picture, all of it from both
        towers. Convolutions and normalisations have one group or two. Of an odd number
        of kernels the first tower has one more.
    devices : pair of str
        ``("cpu:0", "cpu:1")``, two threads on the processor; ``("cuda:0", "cuda:1")``;
        or ``("cuda:0", "cuda:0")``, two streams on one GPU.

    Attributes
    ----------
    devices : pair of str
        As the backend names them. The output comes from the first, which takes dy.

    Raises
    ------
    ValueError
        If a layer cannot be split in two, with its name.
    RuntimeError
        If there is no such device.

    Examples
    --------
    >>> import numpy as np
    >>> from minialexnet.alexnet import alexnet
    >>> network = alexnet("2012", classes=4, width=1 / 16, input_size=63)
    >>> x = np.zeros((1, 3, 63, 63), np.float32)
    >>> with TwoDevices(network) as two:
    ...     same = np.allclose(two.forward(x), network.forward(x))
    >>> same, list(two.exchanges())
    (True, ['conv3', 'fc6', 'fc7', 'fc8', 'output'])
    """

    def __init__(
        self, network: Sequential, devices: tuple[str, str] = ("cpu:0", "cpu:1")
    ) -> None:
        first, second = devices
        self.devices = _plain(first), _plain(second)
        self._names = first, second
        self._segments, self._exchanges = _cut(network)
        for towers in self._segments:
            for tower, device in zip(towers, self.devices, strict=True):
                tower.to(device)
        self._streams = [new_stream(device) for device in self.devices]
        # One thread a tower: CuPy keeps a handle of cuBLAS for each thread, and one
        # that served two streams would let them share its working memory.
        self._threads = [ThreadPoolExecutor(1) for _ in self.devices]
        if "cpu" in self.devices:
            limit_blas(1)  # as in `DataParallel`
        self._bytes = {exchange.name: [0, 0] for exchange in self._exchanges}
        self._pictures = 0
        self._meet_caller()

    def __enter__(self) -> TwoDevices:
        """Return itself; leaving the context calls `close`."""
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads: no forward or backward from now on; all else still works."""
        for thread in self._threads:
            thread.shutdown()

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the network's output, (N, K), on the first device.

        Parameters
        ----------
        x : ndarray, shape (N, C, H, W)
            Each device takes a copy; best from a NumPy array.
        train : bool
        """
        if get_array_module(x) is not np:
            x = to_device(x, self.devices[0])
        x = self._sendable(x)
        have: list[Array] = [x, x]
        sent: list[Array] = [None, None]
        self._pictures = len(x)
        self._bytes = {exchange.name: [0, 0] for exchange in self._exchanges}
        self._meet_caller()
        for i, exchange in enumerate(self._exchanges):
            have, sent = self._both(self._forward, i, have, sent, train)
            self._bytes[exchange.name][0] = sum(part.nbytes for part in sent)
        self._meet_caller()
        with use_device(self.devices[0]):
            return _side_by_side(0, have[0], to_device(sent[1], self.devices[0]))

    def backward(self, dy: Array) -> Any:
        """Write the gradients by every parameter on both devices.

        Parameters
        ----------
        dy : ndarray, shape (N, K)

        Returns
        -------
        ndarray, shape (N, C, H, W), or None
            dx on the first device, or None where the network's first layer has
            `needs_dx` set to False, as for training.
        """
        output = self._exchanges[-1]
        dy = to_device(dy, self.devices[0])
        first, second = output.parts(0, dy.shape[1])
        have: list[Array] = [dy[:, first], self._sendable(dy[:, second])]
        sent: list[Array] = [None, None]
        self._bytes[output.name][1] = have[1].nbytes
        self._meet_caller()
        for i in reversed(range(len(self._segments))):
            have, sent = self._both(self._backward, i, have, sent)
            if i > 0:
                name = self._exchanges[i - 1].name
                self._bytes[name][1] = sum(part.nbytes for part in sent)
        self._meet_caller()
        if have[0] is None:
            return None
        with use_device(self.devices[0]):  # both towers saw the picture
            return have[0] + to_device(have[1], self.devices[0])

    def parameters(self) -> dict[str, Array]:
        """Return both towers' parameters: ``{"tower1.conv1.W": array, ...}``."""
        return self._collect(Sequential.parameters)

    def gradients(self) -> dict[str, Array]:
        """Return, after backward, every gradient by the name of its parameter."""
        return self._collect(Sequential.gradients)

    def states(self) -> dict[str, int]:
        """Return the whole network's states, as `Sequential.states` does."""
        return {k: n for first, _ in self._segments for k, n in first.states().items()}

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
        for towers in self._segments:
            for tower, (network, device) in enumerate(
                zip(towers, self.devices, strict=True), 1
            ):
                with use_device(device):
                    network.load(
                        {k: halves[f"tower{tower}.{k}"] for k in network.parameters()},
                        {k: states[k] for k in network.states()},
                    )
        self._meet_caller()

    def join(self, values: Mapping[str, Array]) -> dict[str, NDArray[Any]]:
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
            for first, _ in self._segments
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
                parts = value[: len(first)], value[len(first) :]
            for tower, (part, device) in enumerate(
                zip(parts, self.devices, strict=True), 1
            ):
                halves[f"tower{tower}.{name}"] = to_device(part, device)
        return {name: halves[name] for name in own}

    def exchanges(self) -> dict[str, tuple[int, int]]:
        """Return how many bytes crossed between the devices, there and back.

        The pictures, which both devices are given, are not counted. On one device, or
        two logical ones, nothing is copied: these are the bytes that would cross.

        Returns
        -------
        dict of str to (int, int)
            For each layer that sees both towers, in the last forward, and in the
            backward after it; "output" is the second tower's logits on their way to
            the first device, and their gradient back.
        """
        return {name: (there, back) for name, (there, back) in self._bytes.items()}

    def report(self) -> str:
        """Return `exchanges` and their sums as a table."""
        rows = self.exchanges()
        there, back = (sum(both[way] for both in rows.values()) for way in (0, 1))
        lines = [
            f"{name:<10}{there:>16,}{back:>16,}{there + back:>16,}"
            for name, (there, back) in {**rows, "in all": (there, back)}.items()
        ]
        return "\n".join(
            [
                f"Bytes that cross between {' and '.join(self._names)} "
                f"in a step of {self._pictures} pictures",
                f"{'at':<10}{'forward':>16}{'backward':>16}{'both':>16}",
                *lines,
            ]
        )

    def _forward(
        self, tower: int, i: int, own: Array, other: Array, train: bool
    ) -> tuple[Array, Array]:
        """Return a tower's output of segment i, and what the other sees of it."""
        if i > 0:
            own = _side_by_side(tower, own, other)
        y = self._segments[i][tower].forward(own, train)
        shown = self._exchanges[i].shown(tower, y.shape[1])
        return y, self._sendable(y[:, shown])

    def _backward(
        self, tower: int, i: int, own: Array, other: Array
    ) -> tuple[Array, Array]:
        """Return a tower's dx of segment i, and what the other's maps take of it."""
        if i < len(self._segments) - 1:
            own = own.copy()
            own[:, self._exchanges[i].shown(tower, own.shape[1])] += other
        dx = self._segments[i][tower].backward(own)
        if i == 0:
            return dx, None
        mine, others = self._exchanges[i - 1].parts(tower, dx.shape[1])
        return dx[:, mine], self._sendable(dx[:, others])

    def _both(
        self, work: Callable[..., Any], i: int, have: Any, sent: Any, *arguments: Any
    ) -> tuple[list[Array], list[Array]]:
        """Do a segment's work in both towers at once; return what each has and sends.

        `have` and `sent` are the last segment's. The streams met after it and meet
        again before the next one, and the caller holds both till then: so neither
        stream takes the memory of what the other still reads.
        """
        meet(*self._streams)
        jobs = [
            thread.submit(  # in the caller's context, which holds NumPy's errstate
                copy_context().run,
                self._in,
                tower,
                work,
                i,
                have[tower],
                sent[1 - tower],
                *arguments,
            )
            for tower, thread in enumerate(self._threads)
        ]
        wait(jobs)  # for both, so that after an error no thread is still at work
        (own0, sent0), (own1, sent1) = (job.result() for job in jobs)
        return [own0, own1], [sent0, sent1]

    def _in(
        self,
        tower: int,
        work: Callable[..., Any],
        i: int,
        own: Array,
        other: Array | None,
        *arguments: Any,
    ) -> Any:
        """Do a tower's work on its own stream with what it has and what was sent."""
        with use_stream(self._streams[tower]):
            own = to_device(own, self.devices[tower])
            if other is not None:
                other = to_device(other, self.devices[tower])
            return work(tower, i, own, other, *arguments)

    def _meet_caller(self) -> None:
        """Let the towers and whoever calls go on only after one another's work."""
        meet(*self._streams, *(current_stream(device) for device in self.devices))

    def _sendable(self, array: Array) -> Array:
        """Return an array as it can cross to the other device, made where it lies."""
        if self.devices[0] == self.devices[1]:
            return array
        with use_device_of(array):
            return get_array_module(array).ascontiguousarray(array)

    def _collect(self, collect: Callable[[Sequential], Any]) -> dict[str, Any]:
        return {
            f"tower{tower + 1}.{name}": value
            for tower in (0, 1)
            for towers in self._segments
            for name, value in collect(towers[tower]).items()
        }


@dataclass(frozen=True)
class _Exchange:
    """What each tower gets to see of the other's maps.

    Attributes
    ----------
    name : str
        Of the layer behind it.
    maps : pair of int
        What each tower has. The features of a flattened map go together.
    seen : pair of int
        How many of the other's each sees, those next to the border between the two.
    """

    name: str
    maps: Pair
    seen: Pair

    def shown(self, tower: int, features: int) -> slice:
        """Return which of a tower's features the other one sees."""
        seen = features // self.maps[tower] * self.seen[1 - tower]
        return slice(features - seen, features) if tower == 0 else slice(0, seen)

    def parts(self, tower: int, features: int) -> tuple[slice, slice]:
        """Return which features are the tower's own, and which it got to see.

        `features` counts both.
        """
        each = features // (self.maps[tower] + self.seen[tower])
        if tower == 0:
            border = each * self.maps[0]
            return slice(0, border), slice(border, features)
        border = each * self.seen[1]
        return slice(border, features), slice(0, border)


class _OwnMaps(Layer):
    """Leaves out the maps that a tower only saw for the sake of its own."""

    def __init__(self, exchange: _Exchange, tower: int) -> None:
        super().__init__()
        self._exchange, self._tower = exchange, tower

    def forward(self, x: Array, train: bool = False) -> Array:
        self.x_shape = x.shape
        self._own, _ = self._exchange.parts(self._tower, x.shape[1])
        y = x[:, self._own]
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Array:
        refuse_gradient(self, dy)
        dx = get_array_module(dy).zeros(self.x_shape, dy.dtype)
        dx[:, self._own] = dy
        return dx


class _SecondDropout(Dropout):
    """The second tower's half of a dropout: its units come behind the first's."""

    def __init__(self, whole: Dropout, maps: Pair) -> None:
        super().__init__(
            whole.drop_probability,
            whole.inverted,
            seed=whole.seed,
            first_sample=whole.first_sample,
        )
        self.state = dict(whole.state)
        self._begin, self._maps = whole.first_unit, maps

    def forward(self, x: Array, train: bool = False) -> Array:
        each = prod(x.shape[1:]) // self._maps[1]
        self.first_unit = self._begin + each * self._maps[0]
        return super().forward(x, train)


def _plain(device: str) -> str:
    """Return the backend's name of a device: any "cpu:N" is the one "cpu"."""
    kind, _, index = device.partition(":")
    return check_device("cpu" if kind == "cpu" and index.isdigit() else device)


def _side_by_side(tower: int, own: Array, other: Array) -> Array:
    """Return the maps that a tower has and those it sees, in the network's order."""
    parts = (own, other) if tower == 0 else (other, own)
    return get_array_module(*parts).concatenate(parts, axis=1)


def _check_names(given: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    odd = given.keys() ^ expected.keys()
    if odd:
        raise ValueError(
            f"expected one value for each of this network's names; missing or unknown: "
            f"{', '.join(sorted(odd))}"
        )


def _cut(
    network: Sequential,
) -> tuple[list[tuple[Sequential, Sequential]], list[_Exchange]]:
    """Return the segments, two towers each, and the exchange behind each of them."""
    segments: list[tuple[list[Any], list[Any]]] = []
    exchanges: list[_Exchange] = []
    maps = (0, 0)
    for name, layer in network.layers.items():
        groups = getattr(layer, "groups", 1)
        if groups not in (1, 2):
            raise ValueError(f"{name}: expected one group or two, got {groups}")
        learned = isinstance(layer, Convolution2D | FullyConnected)
        if not segments and (not learned or groups == 2):
            raise ValueError(
                f"{name}: expected the network to begin with a convolution of one "
                "group, which sees the whole picture from both towers"
            )
        seen = _seen(layer, maps)
        if not segments or any(seen):
            if segments:
                exchanges.append(_Exchange(name, maps, seen))
            segments.append(([], []))
        halves = _halves(name, layer, maps)
        for tower, half in enumerate(halves):
            segments[-1][tower].append((name, half))
            if any(seen) and not learned:
                own = _OwnMaps(exchanges[-1], tower)
                segments[-1][tower].append((f"{name}, own maps", own))
        if learned:
            maps = (len(halves[0].params["b"]), len(halves[1].params["b"]))
    exchanges.append(_Exchange("output", maps, (maps[1], 0)))
    return [(Sequential(a), Sequential(b)) for a, b in segments], exchanges


def _seen(layer: Layer, maps: Pair) -> Pair:
    """Return how many of the other tower's maps each tower's half of a layer sees."""
    if getattr(layer, "groups", 1) == 2:
        return 0, 0
    if isinstance(layer, Convolution2D | FullyConnected):
        return maps[1], maps[0]
    if isinstance(layer, LocalResponseNormalization) and layer.across == "channels":
        # Map i sees i - n//2 to i + (n-1)//2.
        return min((layer.n - 1) // 2, maps[1]), min(layer.n // 2, maps[0])
    return 0, 0


def _halves(name: str, layer: Layer, maps: Pair) -> tuple[Layer, Layer]:
    """Return a layer's two halves, with half the parameters each."""
    if isinstance(layer, Dropout):
        half = copy(layer)
        half.state = dict(layer.state)
        return half, _SecondDropout(layer, maps)
    if isinstance(layer, LocalResponseNormalization):
        first, second = copy(layer), copy(layer)
        first.groups = second.groups = 1
        return first, second
    if isinstance(layer, MAP_BY_MAP):
        return copy(layer), copy(layer)
    if not isinstance(layer, Convolution2D | FullyConnected):
        raise ValueError(
            f"{name}: expected a layer that can be split between two towers, "
            f"got {type(layer).__name__}"
        )
    kernels = len(layer.params["b"])
    if kernels < 2:
        raise ValueError(
            f"{name}: expected a kernel for each tower, got {kernels} in all"
        )
    border = (kernels + 1) // 2
    return _part(layer, slice(0, border)), _part(layer, slice(border, None))


def _part(layer: Convolution2D | FullyConnected, kernels: slice) -> Layer:
    """Return a layer of some of the kernels, which are copied."""
    part = copy(layer)
    part.params = {k: to_numpy(v)[kernels].copy() for k, v in layer.params.items()}
    part.grads = {}
    if isinstance(part, FullyConnected):
        part.out_features = len(part.params["b"])
    else:
        part.in_channels //= part.groups
        part.out_channels, part.groups = len(part.params["b"]), 1
    return part
