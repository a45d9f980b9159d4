"""The gradients' sum over the GPUs of several ranks, while backward still computes."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arrays import get_array_module
from ..engine.devices import use_device
from ..engine.nccl import Group
from ..engine.streams import current_stream, follow, new_stream, use_stream
from .chain import Travelled
from .ranks import Ranks
from .sums import Gradients


class NcclSums:
    """Does on GPUs what `Chain` does on processors, with NCCL's order of adding.

    So the sums agree with those of another number of ranks up to rounding, about 1e-5
    of their size, and not to the bit. They are computed on a stream of their own.

    Parameters
    ----------
    ranks : Ranks
    layers : sequence of str
        Those with gradients, in the order in which backward comes to them.
    device : str
        ``"cuda:N"``, this rank's own.

    Attributes
    ----------
    travelled : Travelled
        The bytes are those of a ring; what the GPU takes is not measured.
    """

    def __init__(self, ranks: Ranks, layers: Sequence[str], device: str) -> None:
        self.ranks, self.layers, self.device = ranks, layers, device
        self.travelled = Travelled()
        self._group: Group | None = None

    def begin(self, like: dict[str, Gradients]) -> None:
        """Begin a step; the gradients have the shapes of the arrays in `like`."""
        if self._group is None:
            self._group = Group(self.ranks.size, self.ranks.rank, self.device)
            self._stream = new_stream(self.device)
        self._like, self._found = like, dict[str, list[Gradients]]()
        self._totals: dict[str, Gradients] = {}

    def add(self, name: str, found: list[Gradients]) -> None:
        """Give a layer's gradients; a rank without pictures gives an empty list."""
        self._found[name] = found
        follow(self._stream, current_stream(self.device))
        # All ranks must send their layers in the same order.
        while len(self._totals) < len(self.layers):
            following = self.layers[len(self._totals)]
            if following not in self._found:
                break
            self._send(following, self._found.pop(following))

    def _send(self, name: str, found: list[Gradients]) -> None:
        assert self._group is not None
        size, totals = self.ranks.size, {}
        with use_device(self.device), use_stream(self._stream):
            for key, w in self._like[name].items():
                xp = get_array_module(w)
                dw = found[0][key] if found else xp.zeros_like(w)
                totals[key] = dw = xp.ascontiguousarray(dw)
                self._group.add_up(dw, self._stream)
                self.travelled.sent += 2 * (size - 1) * dw.nbytes // size
        self._totals[name] = totals

    def finish(self) -> dict[str, Gradients]:
        """Return the sums over all ranks; the current stream waits for them."""
        follow(current_stream(self.device), self._stream)
        self.travelled.steps += 1
        return self._totals
