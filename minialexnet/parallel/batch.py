"""Shares of a batch on several threads at once: data parallelism on one processor.

Krizhevsky et al. 2012 split their network between two GPUs, because it did not fit one.
Where it fits, the batch is easier to split: every thread takes some of the pictures
through all the layers, and the gradients are added up at the end.
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


class DataParallel(Network):
    """A network that computes shares of a batch on several threads at once.

    Every thread has copies of the layers, which share the network's parameters. It
    computes what the network does, but for the order in which numbers are added; for
    one number of threads that order, too, is always the same. Dropout's masks are
    those of the whole batch.

    NumPy's matrix products are told to compute on one thread each, in the whole
    process, since two sets of threads would get in each other's way; a batch that is
    not split leaves all the threads to them. Arrays on a GPU are not split. Large
    batches want `minialexnet.engine.memory.keep_freed_memory`, as the commands have it.

    Parameters
    ----------
    network : Sequential
        Keeps the parameters, gradients and states, under the same names. Its layers
        are copied here; settings changed in them later do not reach the copies.
    threads : int, optional
        As many as the processor has cores by default.

    Raises
    ------
    ValueError
        If `threads` is less than 1.

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

    def __init__(self, network: Sequential, threads: int | None = None) -> None:
        threads = cores() if threads is None else threads
        if threads < 1:
            raise ValueError(f"expected threads >= 1, got {threads}")
        super().__init__()
        self.network, self.threads = network, threads
        arrays = [*network.parameters().values(), *network.gradients().values()]
        shared = {id(array): array for array in arrays}
        self._copies = [deepcopy(network, dict(shared)) for _ in range(threads)]
        self._pool = start_threads(threads)
        limit_blas(1)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the network's output, (N, ...)."""
        refuse_input(self, x)
        N = len(x)
        shares = min(N, self.threads) if get_array_module(x).__name__ == "numpy" else 1
        borders = [N * i // shares for i in range(shares + 1)]
        self._shares = [slice(*both) for both in pairwise(borders)]
        for copy, share in zip(self._copies, self._shares, strict=False):
            self._prepare(copy, share.start)
        ys = self._on_threads(lambda copy, share: copy.forward(x[share], train))
        for own, leaf in self._leaves_with(self._copies[0]):
            own.state.update(leaf.state)
        y = ys[0] if shares == 1 else get_array_module(x).concatenate(ys)
        self.y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Any:
        """Go back through the layers; write the whole batch's gradients; return dx."""
        refuse_gradient(self, dy)
        for own, leaf in self._leaves_with(self._copies[0]):
            own.grads = leaf.grads = {}  # their memory is for the new ones
        dxs = self._on_threads(lambda copy, share: copy.backward(dy[share]))
        self._add_gradients()
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

        The first part is worked on right here, so that one thread less is to be woken
        up. A single part's BLAS may use the threads.
        """
        if len(self._shares) == 1:
            with blas_on(self.threads):
                return [work(self._copies[0], self._shares[0])]
        first, *others = zip(self._copies, self._shares, strict=False)
        futures = [  # in the caller's context, which holds NumPy's errstate
            self._pool.submit(copy_context().run, work, copy, share)
            for copy, share in others
        ]
        try:
            result = work(*first)
        finally:
            wait(futures)  # for all, so that after an error no thread is still at work
        return [result, *(future.result() for future in futures)]

    def _add_gradients(self) -> None:
        """Write the sum of the copies' gradients into the network, in their order.

        The loss is a mean over the whole batch, so each part's gradient has its
        weight already.
        """
        first, *others = self._copies[: len(self._shares)]
        sums = first.gradients()

        def add(name: str) -> None:
            for gradients in rest:
                sums[name] += gradients[name]

        rest = [other.gradients() for other in others]
        if rest:
            list(self._pool.map(add, sums))
        for own, leaf in self._leaves_with(first):
            own.grads = leaf.grads
        for other in others:
            for _, leaf in other.leaves():
                leaf.grads = {}

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
