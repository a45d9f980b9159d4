"""Streams: in which order a device does what it is given.

A CUDA device does what it is given on one stream in order, and what it is given on
several streams at once. A thread gives its work to its current stream, which is the
device's default stream where nothing else was said. Two rules follow:

- What one stream made, another may use after the two met (`meet`).
- CuPy gives the memory of an array that is no longer referred to back to the stream
  that it was made on, whose next array may take it at once. So an array that another
  stream uses is held until the two streams have met again.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from .devices import check_device, use_device

__all__ = ["use_stream"]


@dataclass(frozen=True)
class Stream:
    """An order of work on a device.

    Attributes
    ----------
    device : str
    cuda : cupy.cuda.Stream or None
        None on the processor, where work is done before the call returns.
    """

    device: str
    cuda: Any


def new_stream(device: str) -> Stream:
    """Return a stream that works beside the other streams of `device`.

    It does not wait for the default stream either, unless told to.

    Parameters
    ----------
    device : str
        See `check_device`.
    """
    if check_device(device) == "cpu":
        return Stream(device, None)
    import cupy

    with use_device(device):
        return Stream(device, cupy.cuda.Stream(non_blocking=True))


def current_stream(device: str) -> Stream:
    """Return the stream that this thread's work on `device` goes to.

    Parameters
    ----------
    device : str
        See `check_device`.
    """
    if check_device(device) == "cpu":
        return Stream(device, None)
    import cupy

    return Stream(device, cupy.cuda.get_current_stream(int(device[5:])))


@contextmanager
def use_stream(stream: Stream) -> Iterator[None]:
    """Return a context in which this thread's work goes to `stream` and its device."""
    with use_device(stream.device), stream.cuda or nullcontext():
        yield


def follow(stream: Stream, earlier: Stream) -> None:
    """Let a stream go on only after another has done what it was given so far.

    Neither the other stream nor the calling thread waits.
    """
    if stream.cuda is not None and earlier.cuda is not None:
        with use_device(earlier.device):
            event = earlier.cuda.record()
        with use_device(stream.device):
            stream.cuda.wait_event(event)


def meet(*streams: Stream) -> None:
    """Let every stream go on only after all have done what they were given so far.

    The calling thread does not wait.
    """
    events = []
    for stream in streams:
        if stream.cuda is not None:
            with use_device(stream.device):  # the default stream is of the current one
                events.append(stream.cuda.record())
    for stream in streams:
        if stream.cuda is not None:
            with use_device(stream.device):
                for event in events:
                    stream.cuda.wait_event(event)
