"""Ranks that are threads of this process, for tests without MPI."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue


class Meeting:
    """Where the ranks leave what each has, and take what all have left."""

    def __init__(self, size):
        self.size, self.left = size, [None] * size
        self.barrier = threading.Barrier(size, timeout=60)
        self.messages = defaultdict(SimpleQueue)  # by sender, receiver and number

    def gather(self, rank, value):
        self.barrier.wait()
        self.left[rank] = value
        self.barrier.wait()
        return list(self.left)


class Message:
    """One that is under way, as MPI's request: come once Test has said so."""

    def __init__(self, meeting, queue=None, into=None):
        self.meeting, self.queue, self.into = meeting, queue, into

    def Test(self):  # noqa: N802, MPI's name
        if self.queue is None:
            return True
        try:
            self.into[...] = self.queue.get_nowait()
        except Empty:
            if self.meeting.barrier.broken:  # who should have sent it has failed
                raise threading.BrokenBarrierError from None
            return False
        return True


class ThreadRanks:
    """What a network asks of the ranks, and MPI's sending and receiving."""

    def __init__(self, meeting, rank):
        self.meeting, self.rank, self.local_rank = meeting, rank, rank
        self.size = self.local_size = meeting.size
        self.names = [f"rank {r} of {self.size}" for r in range(self.size)]
        self.waiting, self.moves, self.apart = False, 0, self

    def gather(self, value):
        return self.meeting.gather(self.rank, value)

    def Isend(self, array, to, number):  # noqa: N802, MPI's name
        self.meeting.messages[self.rank, to, number].put(array.copy())
        return Message(self.meeting)

    def Irecv(self, array, sender, number):  # noqa: N802, MPI's name
        queue = self.meeting.messages[sender, self.rank, number]
        return Message(self.meeting, queue, array)


def on_ranks(size, work, meeting=None):
    """Return what work(ranks) returns on each of so many ranks."""
    meeting = meeting or Meeting(size)

    def one(rank):
        try:
            return work(ThreadRanks(meeting, rank))
        except BaseException as error:
            failed.append(error)
            meeting.barrier.abort()
            raise

    failed = []
    with ThreadPoolExecutor(size) as threads:
        try:
            return list(threads.map(one, range(size)))
        except threading.BrokenBarrierError:
            raise failed[0] from None  # what broke it
