"""A network whose batch is shared by the ranks of a job."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..engine.arrays import Array, get_array_module
from ..engine.transfer import to_device, to_numpy
from ..layers.refuse import refuse_gradient, refuse_input
from ..sequential import Sequential
from .batch import DataParallel, borders
from .chain import Chain, Travelled
from .nccl_sums import NcclSums
from .ranks import Ranks
from .sums import Gradients, Sums


class BatchOnRanks(DataParallel):
    """A network that computes some parts of a batch, other ranks computing the others.

    `forward` is given this rank's pictures and returns the output of all; `backward` is
    given the gradient of all outputs, and writes the gradients of the whole batch. What
    comes between them, the loss, is the same on every rank, and so is the step after
    them: only pictures, outputs and gradients are shared, the weights are everywhere.

    The bits are those of `DataParallel` with the same parts: each part is computed by
    itself, and their gradients are added in their order. On GPUs, where a rank's parts
    are computed as one, the results agree up to rounding.

    Parameters
    ----------
    network, threads, parts
        See `DataParallel`.
    ranks : Ranks
    device : str
        This rank's own.

    Raises
    ------
    ValueError
        If there are fewer parts than ranks.
    """

    def __init__(
        self,
        network: Sequential,
        ranks: Ranks,
        threads: int,
        parts: int,
        device: str = "cpu",
    ) -> None:
        if parts < ranks.size:
            raise ValueError(
                f"expected at least as many --parts as the {ranks.size} ranks, "
                f"got {parts}"
            )
        super().__init__(network, threads, parts)
        self.ranks, self.share = ranks, self.own
        layers = [*reversed(self._learned)]
        self.chain: Chain | NcclSums = Chain(ranks, layers)
        if device != "cpu":
            self.chain = NcclSums(ranks, layers, device)
        self._not_finite: list[str] = []

    def own(self, N: int) -> slice:
        """Return which pictures of a batch of N are this rank's: those of its parts."""
        starts, rank = borders(N, self.parts), self.ranks.rank
        count = len(starts) - 1
        # Rounded up, so that rank 0 has the first part of any batch.
        first, stop = (-(-count * r // self.ranks.size) for r in (rank, rank + 1))
        return slice(starts[first], starts[stop])

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the output for the pictures of all ranks, (N, ...).

        Parameters
        ----------
        x : ndarray, shape (n, ...)
            This rank's pictures; n may be 0.
        train : bool
        """
        counts = self.ranks.gather(len(x))
        begin = sum(counts[: self.ranks.rank])
        self._rows = slice(begin, begin + len(x))
        self._cut(sum(counts), in_parts=get_array_module(x) is np)
        y = None
        if len(x):
            refuse_input(self, x)
            for copy, share in zip(self._copies, self._shares, strict=False):
                self._prepare(copy, begin + share.start)
            ys = self._on_threads(lambda copy, share: copy.forward(x[share], train))
            y = np.concatenate([to_numpy(part) for part in ys])
        state = {name: leaf.state for name, leaf in self._copies[0].leaves()}
        found = self.ranks.gather((y, state))
        self._not_finite = self._not_finite or [
            name
            for (y, _), name in zip(found, self.ranks.names, strict=True)
            if y is not None and not np.isfinite(y).all()
        ]
        outputs = [(y, states) for y, states in found if y is not None]
        for name, own in self.leaves():
            own.state.update(outputs[0][1][name])
        whole = np.concatenate([y for y, _ in outputs])
        self.y_shape = whole.shape
        device = "cpu" if get_array_module(x) is np else f"cuda:{x.device.id}"
        return to_device(whole, device)

    def backward(self, dy: Array) -> Any:
        """Write the gradients of the whole batch; return dx of this rank's pictures."""
        refuse_gradient(self, dy)
        for leaf in self._learned.values():
            leaf.grads = {}  # their memory is for the new ones
        self._sums = Sums(self._learned, self._numbers)
        self.chain.begin({name: leaf.params for name, leaf in self._learned.items()})
        dx = None
        if self._shares:
            own = dy[self._rows]
            dxs = self._on_threads(lambda copy, share: copy.backward(own[share]))
            dx = None if dxs[0] is None else get_array_module(dy).concatenate(dxs)
        else:
            for name in self.chain.layers:
                self.chain.add(name, [])
        for name, gradients in self.chain.finish().items():
            self._learned[name].grads = gradients
        return dx

    def _cut(self, N: int, in_parts: bool) -> None:
        """Find which of the batch's parts, or which pieces of them, are this rank's."""
        starts = borders(N, self.parts)
        self._is_one_part = len(starts) == 2
        mine = [
            (number, max(start, self._rows.start), min(stop, self._rows.stop))
            for number, (start, stop) in enumerate(pairwise(starts))
        ]
        mine = [part for part in mine if part[1] < part[2]]
        if mine and not in_parts:
            mine = [(mine[0][0], mine[0][1], mine[-1][2])]
        begin = self._rows.start
        self._shares = [slice(a - begin, b - begin) for _, a, b in mine]
        first = mine[0][0] if mine else self.parts
        self._numbers = range(first, first + len(mine))

    def _summed(self, name: str, found: list[Gradients]) -> None:
        self.chain.add(name, found)

    def sums_report(self) -> str:
        """Return what the sums of the steps since the last report took, in words.

        All ranks call it at the same point. The times are means over the ranks, and
        hold the waiting for a rank that was slower.
        """
        all_ranks = self.ranks.gather(self.chain.travelled)
        self.chain.travelled = Travelled()
        steps, n = max(1, all_ranks[0].steps), self.ranks.size
        megabytes = sum(own.sent for own in all_ranks) / steps / 1e6
        whole = sum(own.seconds for own in all_ranks) / steps / n
        waited = sum(own.waited for own in all_ranks) / steps / n
        hidden = 1 - waited / whole if whole else 0.0
        size = sum(w.nbytes for w in self.parameters().values()) / 1e6
        if not whole:
            return f"The gradients' sum over {n} GPUs: {megabytes:.2f} MB sent a step"
        return (
            f"The gradients' sum over {n} rank{'s' * (n > 1)}: {megabytes:.2f} MB sent "
            f"a step, 2 x {n - 1} x {size:.2f}; {1e3 * whole:.1f} ms a step, of which "
            f"{1e3 * (whole - waited):.1f} ms ({hidden:.0%}) behind backward and "
            f"{1e3 * waited:.1f} ms after it"
        )

    def blame(self) -> str:
        """Return which ranks first gave an output that is no finite number."""
        return f" (first on {', '.join(self._not_finite)})" if self._not_finite else ""
