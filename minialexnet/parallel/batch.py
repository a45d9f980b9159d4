"""Parts of a batch on several threads at once: data parallelism on one processor.

Krizhevsky et al. 2012 split their network between two GPUs, as it did not fit one. The
batch is easier to split: every thread takes some pictures through all the layers.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextvars import copy_context
from copy import deepcopy
from itertools import pairwise
from typing import Any

from ..engine.arrays import Array, get_array_module
from ..engine.blas import blas_on, cores, limit_blas
from ..engine.threads import start_threads
from ..layers import Dropout
from ..layers.base import Layer, Shape
from ..layers.refuse import refuse_gradient, refuse_input
from ..network import Network
from ..sequential import Sequential
from ..table import Table
from .sums import Gradients, Sums


def borders(N: int, parts: int) -> list[int]:
    """Return where each part of a batch of N begins, and N.

    Examples
    --------
    >>> borders(10, 4)
    [0, 2, 5, 7, 10]
    >>> borders(2, 4)  # no part is empty
    [0, 1, 2]
    """
    count = min(N, parts)
    return [N * i // count for i in range(count + 1)]


class DataParallel(Network):
    """A network that computes the parts of a batch on several threads at once.

    Every part has a copy of the layers, which share the network's parameters. It
    computes what the network does, but for the order in which numbers are added. That
    order hangs on the number of parts alone: each part is computed by itself, and
    their gradients are added in the order of the parts, see `Sums`. Dropout's masks
    are those of the whole batch.

    NumPy's matrix products are told to compute on one thread each, in the whole
    process, since two sets of threads would get in each other's way; a batch that is
    not split leaves as many threads to them as there are parts. Arrays on a GPU are not
    split. Large batches want `minialexnet.engine.memory.keep_freed_memory`, as the
    commands have it.

    Parameters
    ----------
    network : Sequential
        Keeps the parameters, gradients and states, under the same names. Its layers
        are copied here; settings changed in them later do not reach the copies.
    threads : int, optional
        As many as the processor has cores by default.
    parts : int, optional
        As many as threads by default.

    Raises
    ------
    ValueError
        If `threads` or `parts` is less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> from minialexnet.cifar_net import cifar_net
    >>> network = cifar_net()
    >>> x = np.ones((3, 3, 32, 32), np.float32)
    >>> parallel = DataParallel(network, threads=2)
    >>> bool(np.allclose(parallel.forward(x), network.forward(x)))
    True
    """

    def __init__(
        self, network: Sequential, threads: int | None = None, parts: int | None = None
    ) -> None:
        threads = cores() if threads is None else threads
        parts = threads if parts is None else parts
        for name, number in (("threads", threads), ("parts", parts)):
            if not 1 <= number <= 1024:  # each has a copy of the layers
                raise ValueError(f"expected {name} from 1 to 1,024, got {number}")
        super().__init__()
        self.network, self.threads, self.parts = network, threads, parts
        arrays = [*network.parameters().values(), *network.gradients().values()]
        shared = {id(array): array for array in arrays}
        self._copies = [deepcopy(network, dict(shared)) for _ in range(parts)]
        self._learned = {name: leaf for name, leaf in self.leaves() if leaf.params}
        for part, copy in enumerate(self._copies):
            for name, leaf in copy.leaves():
                if leaf.params:
                    self._after_backward(leaf, name, part)
        self._pool = start_threads(threads)
        limit_blas(1)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the network's output, (N, ...)."""
        refuse_input(self, x)
        parts = self.parts if get_array_module(x).__name__ == "numpy" else 1
        self._shares = [slice(*both) for both in pairwise(borders(len(x), parts))]
        self._is_one_part = len(self._shares) == 1
        for copy, share in zip(self._copies, self._shares, strict=False):
            self._prepare(copy, share.start)
        ys = self._on_threads(lambda copy, share: copy.forward(x[share], train))
        for own, leaf in self._leaves_with(self._copies[0]):
            own.state.update(leaf.state)
        y = ys[0] if len(ys) == 1 else get_array_module(x).concatenate(ys)
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Any:
        """Go back through the layers; write the whole batch's gradients; return dx."""
        refuse_gradient(self, dy)
        for leaf in self._learned.values():
            leaf.grads = {}  # their memory is for the new ones
        self._numbers = range(len(self._shares))
        self._sums = Sums(self._learned, self._numbers)
        dxs = self._on_threads(lambda copy, share: copy.backward(dy[share]))
        if dxs[0] is None or len(dxs) == 1:
            return dxs[0]
        return get_array_module(dy).concatenate(dxs)

    def _prepare(self, copy: Sequential, first: int) -> None:
        """Give a copy what the network has, for the part that begins at `first`."""
        for own, leaf in self._leaves_with(copy):
            leaf.params, leaf.needs_dx = own.params, own.needs_dx
            leaf.state = dict(own.state)
            if isinstance(leaf, Dropout) and isinstance(own, Dropout):
                leaf.first_sample = own.first_sample + first

    def _on_threads(self, work: Callable[[Sequential, slice], Any]) -> list[Any]:
        """Do work for every part of the batch, each with its copy; return the results.

        Of T threads thread t takes the parts t, t + T, and so on; the first works right
        here, so that one less is woken up. A batch of one part leaves them to BLAS.
        """
        pairs = list(zip(self._copies, self._shares, strict=False))
        if self._is_one_part:
            with blas_on(self.parts):
                return [work(*pairs[0])]
        threads = min(self.threads, len(pairs))

        def some(first: int) -> list[Any]:
            return [work(*pair) for pair in pairs[first::threads]]

        futures = [  # in the caller's context, which holds NumPy's errstate
            self._pool.submit(copy_context().run, some, t) for t in range(1, threads)
        ]
        results: list[Any] = [None] * len(pairs)
        try:
            results[::threads] = some(0)
        finally:
            wait(futures)  # for all, so that after an error no thread is still at work
        for t, future in enumerate(futures, 1):
            results[t::threads] = future.result()
        return results

    def _after_backward(self, leaf: Layer, name: str, part: int) -> None:
        """Have a copy's layer hand over its gradients as soon as it has them.

        The loss is a mean over the whole batch, so each part's gradient has its
        weight already.
        """
        backward = leaf.backward

        def told(dy: Array) -> Any:
            dx = backward(dy)
            gradients, leaf.grads = leaf.grads, {}
            if found := self._sums.give(name, self._numbers[part], gradients):
                self._summed(name, found)
            return dx

        leaf.backward = told  # type: ignore[method-assign]

    def _summed(self, name: str, found: list[Gradients]) -> None:
        """Write a layer's gradients of all parts, which are in `found`."""
        self._learned[name].grads = found[0]

    def _leaves_with(self, copy: Sequential) -> list[tuple[Layer, Layer]]:
        """Return every layer of the network with its counterpart in a copy."""
        pairs = zip(self.network.leaves(), copy.leaves(), strict=True)
        return [(own, leaf) for (_, own), (_, leaf) in pairs]

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Yield the layers of the network, which have the parameters."""
        return self.network.leaves()

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it."""
        return self.network.table(input_shape)

    def close(self) -> None:
        """End the threads: no forward or backward from now on."""
        self._pool.shutdown()
