"""Devices, streams and memory of the strict stand-in for CuPy (strict_cupy.py).

Here all work is done at once. What is modelled is what a GPU promises, which is less:
work of one stream is done in order, and work of two in any order, unless one waits for
an event that the other recorded. So these are refused:

- to use an array on a stream that did not wait for the one that wrote it, or to write
  to an array that another stream may still be reading;
- to make an array while memory that was given back to its stream may still be in use
  on another. CuPy gives the memory of an array that nothing refers to any more back to
  the stream that it was made on, and the next array made there may take it.

Only streams that do not wait for the default stream are modelled
(``Stream(non_blocking=True)``).
"""

import threading
import time
import weakref
from typing import ClassVar

DEVICES = 2


class _Queue:
    """The work of one stream, counted, and what it waited for."""

    every: ClassVar = weakref.WeakSet()

    def __init__(self, device):
        self.device = device
        self.count = 0
        self.waited = weakref.WeakKeyDictionary()  # of another queue, up to which count
        self.finished = 0  # up to which count a host thread has waited
        self.given_back = []  # the uses, queue and count, of memory given back
        _Queue.every.add(self)

    def next(self):
        """Count a piece of work; return its number."""
        self.count += 1
        return self.count

    def comes_after(self, queue, count):
        """Return whether the next work here is done after `count` of `queue`."""
        return self is queue or max(self.waited.get(queue, 0), queue.finished) >= count

    def so_far(self):
        """Return what is sure to be done when this queue is: pairs of queue, count."""
        return [*self.waited.items(), (self, self.count)]

    def wait(self, counts):
        """Let the next work here come after all these."""
        for queue, count in counts:
            self.waited[queue] = max(self.waited.get(queue, 0), count)

    def finish(self):
        """Note that a host thread has waited for all work so far."""
        for queue, count in self.so_far():
            queue.finished = max(queue.finished, count)


class Memory:
    """What an array and its views lie in: which work wrote it, and which used it."""

    def __init__(self, queue):
        given_back, queue.given_back = queue.given_back, []
        if not all(queue.comes_after(*use) for use in given_back):
            raise ValueError("a new array may take memory that another stream uses")
        self.queue = queue
        self.written = (queue, queue.next())
        self.read = {}

    def to_read(self, queue):
        """Refuse to be read on a queue that did not wait for what was written."""
        if not queue.comes_after(*self.written):
            raise ValueError("the stream did not wait for the one that wrote the array")
        self.read[queue] = queue.next()

    def to_write(self, queue):
        """Refuse to be written on a queue that did not wait for every use."""
        if not all(queue.comes_after(*use) for use in self._uses()):
            raise ValueError("the stream did not wait for one that uses the array")
        self.written, self.read = (queue, queue.next()), {}

    def _uses(self):
        return [self.written, *self.read.items()]

    def __del__(self):
        if hasattr(self, "queue"):
            self.queue.given_back += self._uses()


class _Current(threading.local):
    """What `with` has entered, innermost last: devices, and each device's streams.

    Each thread has its own, as in CUDA.
    """

    def __init__(self):
        self.devices = [0]
        self.streams = [[Stream.null] for _ in range(DEVICES)]


class Device:
    """One of the two devices; as a context manager, the one that work goes to."""

    def __init__(self, device=None):
        self.id = current.devices[-1] if device is None else int(device)
        if not 0 <= self.id < DEVICES:
            raise RuntimeError(f"expected a device below {DEVICES}, got {self.id}")

    def __enter__(self):
        current.devices.append(self.id)
        return self

    def __exit__(self, *error):
        current.devices.pop()

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<Device {self.id}>"

    def use(self):
        """Make it the current device."""
        current.devices[-1] = self.id

    def synchronize(self):
        """Wait for all work of the device."""
        for queue in list(_Queue.every):
            if queue.device == self.id:
                queue.finish()


class Stream:
    """A stream of the current device; as a context manager, the one work goes to."""

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        if null or ptds or not non_blocking:
            raise NotImplementedError("the stand-in models Stream(non_blocking=True)")
        self.device_id = current.devices[-1]
        self._queue = _Queue(self.device_id)

    @property
    def queue(self):
        """The work of this stream."""
        return self._queue

    @property
    def ptr(self):
        """What CUDA knows this stream by: a number, 0 for the default stream."""
        return 0 if self.device_id == -1 else id(self.queue)

    def __enter__(self):
        device = current.devices[-1]
        if self.device_id not in (-1, device):
            raise RuntimeError(f"stream of {self.device_id}, current device {device}")
        current.streams[device].append(self)
        self._entered = device
        return self

    def __exit__(self, *error):
        current.streams[self._entered].pop()

    def record(self, event=None):
        """Return an event that has happened when the work so far is done."""
        event = Event() if event is None else event
        if event.device != self.queue.device:
            raise RuntimeError("expected an event and a stream of one device")
        event.counts = self.queue.so_far()
        return event

    def wait_event(self, event):
        """Let the work to come wait for an event."""
        self.queue.wait(event.counts)

    def synchronize(self):
        """Wait for the work so far."""
        self.queue.finish()


class _NullStream(Stream):
    """The default stream of whichever device is current."""

    def __init__(self):
        self.device_id = -1
        self._queues = [_Queue(device) for device in range(DEVICES)]

    @property
    def queue(self):
        """The work of the current device's default stream."""
        return self._queues[current.devices[-1]]


Stream.null = _NullStream()
current = _Current()


class Event:
    """A point in the work of a stream, made on the current device."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self.device, self.counts = current.devices[-1], []

    def record(self, stream=None):
        """Let it be where a stream is now."""
        (stream or get_current_stream()).record(self)
        self.seconds = time.perf_counter()

    def synchronize(self):
        """Wait until it has happened."""
        for queue, count in self.counts:
            queue.finished = max(queue.finished, count)


def get_elapsed_time(start, end):
    """Return the milliseconds between two events."""
    return 1e3 * (end.seconds - start.seconds)


def get_current_stream(device_id=-1):
    """Return the stream that this thread's work on a device goes to."""
    device = current.devices[-1] if device_id == -1 else device_id
    return current.streams[device][-1]


def copy_between_devices(memory, source):
    """Refuse to copy from another device before what was written there is there.

    CUDA's own rule: a copy on the default stream waits for the default streams of both
    devices, and they for it.
    """
    here = get_current_stream().queue
    default = get_current_stream() is get_current_stream(source) is Stream.null
    there = Stream.null._queues[source]
    if default:
        here.wait(there.so_far())
    memory.to_read(here)
    if default:
        there.wait(here.so_far())
