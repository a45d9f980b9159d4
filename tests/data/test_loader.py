"""The loader: the same batches however many threads, and none left behind."""

import signal
import threading
import traceback
import weakref
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.data.augment import Augmentation
from minialexnet.data.loader import Loader
from minialexnet.data.preprocessing import Preprocessing

WORKERS = (0, 1, 2, 5)
PATIENCE = 20  # seconds that a test waits for what must come at once


def pictures(count=10, side=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3, side, side), np.uint8)


def numbered(count, prepare, batch_size=1, workers=1):
    """Return a loader of pictures whose every pixel is the picture's number."""
    images = np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(3, axis=1)
    return Loader(images, np.arange(count), prepare, batch_size, workers=workers)


def pixels(images, rng):
    return images.astype(np.float32)


@given(
    count=st.integers(1, 12),
    batch_size=st.integers(1, 13),
    seed=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 100),
)
def test_the_batches_are_the_same_for_any_number_of_workers(
    count, batch_size, seed, epoch
):
    images, labels = pictures(count, 6), np.arange(count) * 10
    p = Preprocessing(4, np.full(3, 100, np.float32))
    augment = Augmentation(True, True, "2012", 0.1, np.ones(3), np.eye(3))
    order = np.random.default_rng(seed).permutation(count)
    drawn = [
        list(
            Loader(
                images,
                labels,
                lambda chosen, rng: augment(chosen, p, rng),
                batch_size,
                seed,
                workers,
            ).batches(order, epoch)
        )
        for workers in WORKERS
    ]
    starts = range(0, count, batch_size)
    for batches in drawn:
        assert len(batches) == len(starts)
        for i, (x, t) in enumerate(batches):
            chosen = order[starts[i] : starts[i] + batch_size]
            rng = np.random.default_rng([seed, epoch, i])
            assert np.array_equal(x, augment(images[chosen], p, rng))
            assert np.array_equal(t, labels[chosen]) and t.dtype == np.int64


def test_seed_epoch_and_batch_each_change_what_is_drawn():
    def draw(images, rng):
        return rng.standard_normal(len(images), np.float32)

    drawn = {
        x.tobytes()
        for seed in (0, 1)
        for epoch in (0, 1)
        for x, _ in Loader(pictures(6), np.arange(6), draw, 2, seed).batches(
            np.arange(6), epoch
        )
    }
    assert len(drawn) == 2 * 2 * 3


class Shards:
    """Pictures that can be asked for by their indices alone, as those on the disk."""

    def __init__(self, images):
        self._images, self.shape, self.dtype = images, images.shape, images.dtype

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        assert isinstance(index, np.ndarray)
        return self._images[index]


@pytest.mark.parametrize("workers", WORKERS)
def test_pictures_may_be_shards_and_the_order_name_some_twice(workers):
    images, order = pictures(), np.array([7, 0, 7, 3], np.uint16)
    loader = Loader(Shards(images), np.arange(10), pixels, 3, workers=workers)
    (x, t), (rest, last) = loader.batches(order)
    assert np.array_equal(np.concatenate([x, rest]), images[order])
    assert [*t, *last] == [7, 0, 7, 3]


@pytest.mark.parametrize("workers", WORKERS)
def test_nothing_asked_for_is_no_batch(workers):
    loader = Loader(pictures(0), np.zeros(0, np.int64), pixels, 3, workers=workers)
    assert list(loader.batches(np.zeros(0, np.int64))) == []


def test_without_workers_the_callers_thread_prepares_when_asked():
    names = []

    def prepare(images, rng):
        names.append(threading.current_thread())
        return pixels(images, rng)

    batches = numbered(3, prepare, workers=0).batches(np.arange(3))
    assert names == []
    for done, _ in enumerate(batches, start=1):
        assert names == [threading.main_thread()] * done


def test_the_next_batch_is_prepared_while_the_caller_has_this_one():
    begun = [threading.Event() for _ in range(4)]

    def prepare(images, rng):
        begun[images[0, 0, 0, 0]].set()
        return pixels(images, rng)

    for _, t in numbered(4, prepare).batches(np.arange(4)):
        after = min(t[0] + 1, 3)
        assert begun[after].wait(PATIENCE)


def test_workers_prepare_at_the_same_time():
    both = threading.Barrier(2)

    def prepare(images, rng):
        both.wait(PATIENCE)  # passes only when two threads are here
        return pixels(images, rng)

    loader = numbered(6, prepare, workers=2)
    assert [int(t[0]) for _, t in loader.batches(np.arange(6))] == list(range(6))


@pytest.mark.parametrize("workers", WORKERS)
def test_no_more_than_the_workers_batches_are_ahead(workers):
    begun, gone, made = threading.Semaphore(0), threading.Semaphore(0), []

    def prepare(images, rng):
        x = pixels(images, rng)
        made.append(weakref.ref(x, lambda x: gone.release()))
        begun.release()
        return x

    count, seen = 12, 0
    batches = numbered(count, prepare, workers=workers).batches(np.arange(count))
    for done in range(1, count + 1):
        x, t = next(batches)
        while seen < min(done + workers, count):
            assert begun.acquire(timeout=PATIENCE)
            seen += 1
        assert not begun.acquire(blocking=False)
        del x, t
        assert gone.acquire(timeout=PATIENCE)  # nobody else keeps what the caller had
    assert next(batches, None) is None


class BrokenError(Exception):
    """Raised by the tests' own prepare."""


@pytest.mark.parametrize("workers", WORKERS)
def test_an_error_comes_in_its_turn_with_its_traceback(workers):
    def prepare_that_breaks(images, rng):
        if images[0, 0, 0, 0] == 2:
            raise BrokenError("picture 2")
        return pixels(images, rng)

    before, got = threading.active_count(), []
    loader = numbered(9, prepare_that_breaks, workers=workers)
    with pytest.raises(BrokenError, match="picture 2") as caught:
        for _, t in loader.batches(np.arange(9)):
            got += t.tolist()
    assert got == [0, 1]
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "prepare_that_breaks"
    assert threading.active_count() == before


def interrupt():
    """Press Ctrl-C, which a suite that a shell began in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def fail():
    raise BrokenError


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize(
    ("stop", "error"), [(interrupt, KeyboardInterrupt), (fail, BrokenError)]
)
def test_a_caller_that_fails_leaves_no_thread(stop, error, workers):
    before = threading.active_count()
    with pytest.raises(error):
        for _ in numbered(9, pixels, workers=workers).batches(np.arange(9)):
            assert (threading.active_count() > before) == (workers > 0)
            stop()
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", WORKERS)
def test_a_caller_that_stops_early_leaves_no_thread_and_no_work(workers):
    before, begun = threading.active_count(), []

    def prepare(images, rng):
        begun.append(images)
        return pixels(images, rng)

    loader = numbered(50, prepare, workers=workers)
    for _ in loader.batches(np.arange(50)):
        break
    assert threading.active_count() == before
    assert len(begun) <= 1 + workers
    with closing(loader.batches(np.arange(50))) as batches:
        next(batches)
    assert threading.active_count() == before
    # One that is never begun starts none.
    loader.batches(np.arange(50))
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize(
    ("prepare", "error", "message"),
    [
        (lambda images, rng: images, TypeError, "float32, got uint8"),
        (lambda images, rng: None, TypeError, "float32, got NoneType"),
        (
            lambda images, rng: pixels(images[1:], rng),
            ValueError,
            "2 rows.*got an array",
        ),
        (lambda images, rng: np.float32(1), ValueError, r"of shape \(\)"),
    ],
)
def test_a_prepare_that_returns_something_else_is_refused(
    prepare, error, message, workers
):
    batches = numbered(4, prepare, 2, workers).batches(np.arange(4))
    with pytest.raises(error, match=message):
        next(batches)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"images": [1, 2]}, TypeError, "images .* uint8, got list"),
        ({"images": np.zeros((4, 3, 2, 2))}, TypeError, "images .* got float64"),
        ({"labels": np.zeros(4)}, TypeError, "labels .* int64, got float64"),
        ({"labels": np.zeros(3, np.int64)}, ValueError, r"\(4,\).* got \(3,\)"),
        ({"batch_size": 0}, ValueError, "batch_size .* 1 or more, got 0"),
        ({"batch_size": 2.0}, ValueError, "batch_size .* integer.* got 2.0"),
        ({"seed": -1}, ValueError, "seed .* 0 or more, got -1"),
        ({"workers": -1}, ValueError, "workers .* 0 or more, got -1"),
    ],
)
def test_a_wrong_loader_is_refused(changes, error, message):
    right = {
        "images": pictures(4),
        "labels": np.arange(4),
        "prepare": pixels,
        "batch_size": 2,
    }
    with pytest.raises(error, match=message):
        Loader(**(right | changes))


def test_a_wrong_beginning_is_refused():
    loader = Loader(pictures(4), np.arange(4), pixels, 2)
    with pytest.raises(ValueError, match=r"first .* got -1"):
        loader.batches(np.arange(4), first=-1)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("first", [0, 1, 2, 3, 4])
def test_an_epoch_goes_on_with_the_batches_it_would_have_had(workers, first):
    def noisy(images, rng):
        return pixels(images, rng) + rng.standard_normal(images.shape, np.float32)

    loader = Loader(pictures(7), np.arange(7), noisy, 2, workers=workers)
    whole = list(loader.batches(np.arange(7)[::-1], 3))
    rest = list(loader.batches(np.arange(7)[::-1], 3, first))
    assert len(rest) == 4 - first
    for (x, t), (x_whole, t_whole) in zip(rest, whole[first:], strict=True):
        assert np.array_equal(x, x_whole) and np.array_equal(t, t_whole)


@pytest.mark.parametrize(
    ("order", "epoch", "error", "message"),
    [
        ([0, 1], 0, TypeError, "order .* got list"),
        (np.array([0.0, 1.0]), 0, TypeError, "order .* got float64"),
        (np.zeros(4, bool), 0, TypeError, "order .* got bool"),
        (np.zeros((2, 2), int), 0, ValueError, r"\(n,\), got \(2, 2\)"),
        (np.array([0, 4]), 0, ValueError, "from 0 to 3, got 4"),
        (np.array([0, -1]), 0, ValueError, "from 0 to 3, got -1"),
        (np.array([0, 1]), -1, ValueError, "epoch .* got -1"),
    ],
)
def test_a_wrong_order_is_refused_before_the_first_batch(order, epoch, error, message):
    loader = Loader(pictures(4), np.arange(4), pixels, 2)
    with pytest.raises(error, match=message):
        loader.batches(order, epoch)
