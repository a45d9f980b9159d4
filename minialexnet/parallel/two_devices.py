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

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.arrays import Array, get_array_module
from ..engine.blas import limit_blas
from ..engine.devices import check_device, use_device
from ..engine.transfer import to_device
from ..sequential import Sequential
from .exchange import report, side_by_side
from .towers import Towers
from .two_streams import TwoStreams


class TwoDevices(Towers):
    """A network whose towers run on two devices.

    It computes what the network does on one device; its dropout masks are the same
    too. Its parameters are halves, copied from the network, and named after their
    tower; `join` and `split` turn them, or anything that goes by their names, into the
    whole network's and back, so a checkpoint does not depend on the devices.

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
        super().__init__(network, (_backend_name(first), _backend_name(second)))
        self._names = first, second
        self.streams = TwoStreams(self.devices)
        if "cpu" in self.devices:
            limit_blas(1)  # as in `DataParallel`
        self._bytes = {exchange.name: [0, 0] for exchange in self.segment_ends}
        self._pictures = 0
        self.streams.meet_caller()

    def close(self) -> None:
        """End the threads: no forward or backward from now on; all else still works."""
        self.streams.close()

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
        x = self.streams.sendable(x)
        have: list[Array] = [x, x]
        sent: list[Array] = [None, None]
        self._pictures = len(x)
        self._bytes = {exchange.name: [0, 0] for exchange in self.segment_ends}
        self.streams.meet_caller()
        for i, exchange in enumerate(self.segment_ends):
            have, sent = self.streams.on_both(
                self.forward_segment, i, have, sent, train
            )
            self._bytes[exchange.name][0] = sum(maps.nbytes for maps in sent)
        self.streams.meet_caller()
        with use_device(self.devices[0]):
            return side_by_side(0, have[0], to_device(sent[1], self.devices[0]))

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
        output = self.segment_ends[-1]
        dy = to_device(dy, self.devices[0])
        first, second = output.own_and_seen(0, dy.shape[1])
        have: list[Array] = [dy[:, first], self.streams.sendable(dy[:, second])]
        sent: list[Array] = [None, None]
        self._bytes[output.name][1] = have[1].nbytes
        self.streams.meet_caller()
        for i in reversed(range(len(self.segments))):
            have, sent = self.streams.on_both(self.backward_segment, i, have, sent)
            if i > 0:
                name = self.segment_ends[i - 1].name
                self._bytes[name][1] = sum(maps.nbytes for maps in sent)
        self.streams.meet_caller()
        if have[0] is None:
            return None
        with use_device(self.devices[0]):  # both towers saw the picture
            return have[0] + to_device(have[1], self.devices[0])

    def load(self, parameters: Mapping[str, Array], states: Mapping[str, int]) -> None:
        """Copy the whole network's parameters and states into the towers."""
        super().load(parameters, states)
        self.streams.meet_caller()

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
        return report(self.exchanges(), self._names, self._pictures)

    def forward_segment(
        self, tower: int, i: int, own: Array, other: Array, train: bool
    ) -> tuple[Array, Array]:
        """Return a tower's output of segment i, and what the other sees of it."""
        if i > 0:
            own = side_by_side(tower, own, other)
        y = self.segments[i][tower].forward(own, train)
        shown = self.segment_ends[i].shown(tower, y.shape[1])
        return y, self.streams.sendable(y[:, shown])

    def backward_segment(
        self, tower: int, i: int, own: Array, other: Array
    ) -> tuple[Array, Array]:
        """Return a tower's dx of segment i, and what the other's maps take of it."""
        if i < len(self.segments) - 1:
            own = own.copy()
            own[:, self.segment_ends[i].shown(tower, own.shape[1])] += other
        dx = self.segments[i][tower].backward(own)
        if i == 0:
            return dx, None
        mine, others = self.segment_ends[i - 1].own_and_seen(tower, dx.shape[1])
        return dx[:, mine], self.streams.sendable(dx[:, others])


def _backend_name(device: str) -> str:
    """Return the backend's name of a device: any "cpu:N" is the one "cpu"."""
    kind, _, index = device.partition(":")
    return check_device("cpu" if kind == "cpu" and index.isdigit() else device)
