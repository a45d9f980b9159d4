"""A thread and a stream for each of two devices, and what waits for what."""

from collections.abc import Callable
from concurrent.futures import wait
from contextvars import copy_context
from typing import Any

from ..engine.arrays import Array, get_array_module
from ..engine.devices import use_device_of
from ..engine.streams import current_stream, meet, new_stream, use_stream
from ..engine.threads import start_threads
from ..engine.transfer import to_device


class TwoStreams:
    """Two devices that work at once.

    Parameters
    ----------
    devices : pair of str
        As the backend names them; on the processor there are threads and no streams.
    """

    def __init__(self, devices: tuple[str, str]) -> None:
        self.devices = devices
        self._streams = [new_stream(device) for device in devices]
        # One thread a tower: CuPy keeps a handle of cuBLAS for each thread, and one
        # that served two streams would let them share its working memory.
        self._threads = [start_threads(1) for _ in devices]

    def close(self) -> None:
        """End the threads."""
        for thread in self._threads:
            thread.shutdown()

    def on_both(
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
                self._on_stream,
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

    def _on_stream(
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

    def meet_caller(self) -> None:
        """Let the towers and whoever calls go on only after one another's work."""
        meet(*self._streams, *(current_stream(device) for device in self.devices))

    def sendable(self, array: Array) -> Array:
        """Return an array as it can cross to the other device, made where it lies."""
        if self.devices[0] == self.devices[1]:
            return array
        with use_device_of(array):
            return get_array_module(array).ascontiguousarray(array)
