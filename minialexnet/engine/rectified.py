"""A bias and the ReLU after it, computed by a GPU in one pass.

A network that knows which layer comes next computes inside `with_relu`. There a kernel
that adds a bias may return max(0, y) in place of y, and says so by `noted`. The ReLU
layer, which would compute max(0, max(0, y)), then has nothing left to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .arrays import Array

_follows = ContextVar("follows", default=False)
_done: ContextVar[Array | None] = ContextVar("done", default=None)


@contextmanager
def with_relu(follows: bool) -> Iterator[None]:
    """Return a context, of this thread, that says whether a ReLU follows."""
    token = _follows.set(follows)
    try:
        yield
    finally:
        _follows.reset(token)


def relu_follows() -> bool:
    """Say whether what is computed now goes into a ReLU, and nowhere else."""
    return _follows.get()


def noted(y: Array) -> Array:
    """Return y, and remember that it is max(0, y) already if a ReLU follows."""
    if relu_follows():
        _done.set(y)
    return y


def is_rectified(x: Array) -> bool:
    """Say whether this array, and none equal to it, is what was last `noted`."""
    if _done.get() is not x:
        return False
    _done.set(None)
    return True
