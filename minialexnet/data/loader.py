"""Batches, prepared on threads while the network computes on those before."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.threads import can_start_threads
from .crops import Crops
from .dataset import Images, check_dtype

Batch = tuple[Any, NDArray[np.int64]]


class Loader:
    """Turns pictures into batches of a network's input, ahead of when they are needed.

    NumPy lets go of the interpreter's lock while it copies and computes on arrays, so
    threads prepare batches while the caller's own thread computes, and there are no
    processes to which pictures must be sent.

    Parameters
    ----------
    images : Images of uint8, shape (N, 3, H, W)
        An ndarray, or shards on the disk: it is asked only for ``images[indices]``, by
        several threads at once.
    labels : ndarray of int64, shape (N,)
    prepare : callable (images, rng) -> x
        Makes a batch of pictures, uint8 of shape (n, 3, H, W), into the network's
        input, an ndarray of float32 whose first axis is n, or into `Crops` that are to
        be normalised later. Everything random it draws from `rng`, a
        `numpy.random.Generator` of this batch alone. Called by several threads at once.
    batch_size : int
        Pictures in a batch; the last of an epoch has what is left.
    seed : int
    workers : int
        Threads. They have at most as many batches ready or begun, beside the one that
        the caller has. With 0, or where no thread can start, batches are prepared by
        the caller's own thread, each when it is asked for.
    share : callable (N) -> slice, optional
        Which of a batch's N pictures are prepared here, others being prepared by other
        programs; by default all. Then `prepare` is called with these pictures, and with
        the slice and N as `own` and `N`; it may get none.

    Raises
    ------
    TypeError
        If an array is of another type than above.
    ValueError
        If the lengths of `images` and `labels` differ, or a number is not as above.

    Examples
    --------
    >>> pictures, labels = np.zeros((5, 3, 8, 8), np.uint8), np.arange(5)
    >>> def prepare(images, rng):
    ...     return images + rng.standard_normal(images.shape, np.float32)
    >>> loader = Loader(pictures, labels, prepare, batch_size=2)
    >>> for x, t in loader.batches(np.array([4, 3, 2, 1, 0])):
    ...     print(x.shape, t)
    (2, 3, 8, 8) [4 3]
    (2, 3, 8, 8) [2 1]
    (1, 3, 8, 8) [0]
    """

    def __init__(
        self,
        images: Images,
        labels: NDArray[np.int64],
        prepare: Callable[..., Any],
        batch_size: int,
        seed: int = 0,
        workers: int = 1,
        share: Callable[[int], slice] | None = None,
    ) -> None:
        check_dtype("images", images, np.uint8)
        check_dtype("labels", labels, np.int64)
        if labels.shape != (len(images),):
            raise ValueError(
                f"expected labels of shape ({len(images)},), one a picture, "
                f"got {labels.shape}"
            )
        for name, value, least in (
            ("batch_size", batch_size, 1),
            ("seed", seed, 0),
            ("workers", workers, 0),
        ):
            if not isinstance(value, int | np.integer) or value < least:
                raise ValueError(
                    f"expected {name} to be an integer, {least} or more, got {value!r}"
                )
        self.images, self.labels, self.prepare = images, labels, prepare
        self.batch_size, self.seed, self.workers = batch_size, seed, workers
        self.share = share

    def batches(
        self, order: NDArray[np.integer[Any]], epoch: int = 0, first: int = 0
    ) -> Generator[Batch, None, None]:
        """Return the batches of an epoch, one after the other.

        They are the same for any number of workers: batch i draws from
        ``numpy.random.default_rng([seed, epoch, i])``.

        The threads end with the loop over the batches, also where it ends early, by
        break or by an exception. Whoever keeps the generator itself closes it, for
        instance with `contextlib.closing`.

        Parameters
        ----------
        order : ndarray of int, shape (n,)
            Which pictures, and in which order.
        epoch : int
        first : int
            The batch to begin with; those before it are left out, as by a run that was
            stopped after them.

        Yields
        ------
        x : ndarray of float32, shape (at most batch_size, ...), or Crops
            What `prepare` made.
        labels : ndarray of int64, shape (at most batch_size,)
            Those of all pictures, also where some are prepared elsewhere.

        Raises
        ------
        TypeError
            If `order` is no array of integers, or `prepare` returns no float32.
        ValueError
            If `order` names a picture that is not there, `epoch` or `first` is below 0,
            or `prepare` returns another number of rows.
        Exception
            What `prepare` or the reading of pictures raises, with its own traceback,
            when the loop comes to that batch.
        """
        if not isinstance(order, np.ndarray) or order.dtype.kind not in "iu":
            raise TypeError(
                "expected order to be an array of integers, got "
                f"{getattr(order, 'dtype', type(order).__name__)}"
            )
        if order.ndim != 1:
            raise ValueError(f"expected order of shape (n,), got {order.shape}")
        wrong = order[(order < 0) | (order >= len(self.images))]
        if wrong.size:
            raise ValueError(
                f"expected order to name pictures from 0 to {len(self.images) - 1}, "
                f"got {wrong[0]}"
            )
        for name, value in (("epoch", epoch), ("first", first)):
            if value < 0:
                raise ValueError(f"expected {name} to be 0 or more, got {value}")
        numbers = range(first, -(-len(order) // self.batch_size))
        ahead = self.workers and can_start_threads()
        batches = self._ahead if ahead else self._now
        return batches(order, epoch, numbers)

    def _now(
        self, order: NDArray[np.integer[Any]], epoch: int, numbers: range
    ) -> Generator[Batch, None, None]:
        for i in numbers:
            yield self._batch(order, epoch, i)

    def _ahead(
        self, order: NDArray[np.integer[Any]], epoch: int, numbers: range
    ) -> Generator[Batch, None, None]:
        ahead: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(self.workers, "minialexnet-loader") as threads:
            for i in numbers:
                ahead.append(threads.submit(self._batch, order, epoch, i))
                if len(ahead) > self.workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _batch(self, order: NDArray[np.integer[Any]], epoch: int, i: int) -> Batch:
        """Return batch i of an epoch."""
        chosen = order[i * self.batch_size : (i + 1) * self.batch_size]
        rng = np.random.default_rng([self.seed, epoch, i])
        place: dict[str, Any] = {}
        mine = chosen
        if self.share is not None:
            place = {"own": self.share(len(chosen)), "N": len(chosen)}
            mine = chosen[place["own"]]
        x = self.prepare(self.images[mine], rng, **place)
        rows, dtype = (x.pixels, "uint8") if isinstance(x, Crops) else (x, "float32")
        if getattr(rows, "dtype", None) != dtype:
            raise TypeError(
                f"expected prepare to return an array of {dtype}, got "
                f"{getattr(rows, 'dtype', type(rows).__name__)}"
            )
        if rows.shape[:1] != mine.shape:
            raise ValueError(
                f"expected prepare to return {len(mine)} rows, one a picture, got an "
                f"array of shape {rows.shape}"
            )
        return x, self.labels[chosen]
