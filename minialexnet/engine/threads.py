"""Threads to share work between, and the caller's own where none can be started.

Python in a browser has no threads. What is computed on them here depends on no thread,
only the time does, so there the same work is done in turn by whoever asks for it.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def can_start_threads() -> bool:
    """Return whether this system can start a thread now, by starting one."""
    thread = Thread(target=int, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def start_threads(count: int) -> Executor:
    """Return a pool of threads, or what does the work at once where there are none.

    Parameters
    ----------
    count : int

    Examples
    --------
    >>> with start_threads(2) as pool:
    ...     list(pool.map(abs, [-1, 2]))
    [1, 2]
    """
    return ThreadPoolExecutor(count) if can_start_threads() else _Caller()


class _Caller(Executor):
    """A pool without threads: what is submitted is done before submit returns."""

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
