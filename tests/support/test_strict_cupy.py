"""The stand-in refuses what CuPy refuses: each planted numpy-ism must be caught."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.support import strict_cupy as cupy

A, B = np.arange(6.0).reshape(2, 3), np.ones(3)


def a():
    return cupy.asarray(A)


PLANTED = {
    "a NumPy array on the right": lambda: a() + B,
    "a NumPy array on the left": lambda: B + a(),
    "a NumPy array in place": lambda: a().__iadd__(B),
    "a NumPy array as an argument": lambda: cupy.add(a(), B),
    "a NumPy array in a list": lambda: cupy.concatenate([a(), A]),
    "a NumPy array as an index": lambda: a()[np.array([0])],
    "a NumPy array assigned": lambda: a().__setitem__(0, B),
    "a NumPy array as out": lambda: cupy.add(a(), a(), out=A.copy()),
    "a NumPy function": lambda: np.sum(a()),
    "a NumPy ufunc": lambda: np.exp(a()),
    "a conversion": lambda: np.asarray(a()),
    "a list for an array": lambda: cupy.add(a(), [1, 2, 3]),
    "a list for a sum": lambda: cupy.sum([1, 2]),
    "sum where": lambda: cupy.sum(a(), where=a() > 0),
    "max initial": lambda: a().max(initial=0),
    "ufunc where": lambda: cupy.sqrt(a(), where=a() > 0),
    "maximum.reduce": lambda: cupy.maximum.reduce(a()),
    "multiply.at": lambda: cupy.multiply.at(a(), 0, 2),
    "block": lambda: cupy.block([a()]),
    "vecdot": lambda: cupy.vecdot(a(), a()),
    "geterr": lambda: cupy.geterr(),
    "setflags": lambda: a().setflags(write=False),
    "writeable": lambda: cupy.lib.stride_tricks.as_strided(
        a(), (1,), (8,), writeable=False
    ),
    "permutation": lambda: cupy.random.default_rng(0).permutation(3),
    "normal": lambda: cupy.random.default_rng(0).normal(size=3),
    "an array as an int": lambda: range(cupy.asarray(3)),
    "an index out of range": lambda: a()[:, cupy.asarray([3])],
    "a place assigned twice": lambda: a().__setitem__(cupy.asarray([0, 0]), 1),
    "two devices": lambda: a() + on_device(1),
    "another device than the current": lambda: on_device(1).sum(),
    "an assignment to another device": lambda: on_device(1).__setitem__(0, 1),
    "a third device": lambda: cupy.cuda.Device(2),
    "a view copied to another device": lambda: copied_to(1, a()[:, 1:]),
    "read without a wait": lambda: on(stream(), lambda: on(stream(), a).sum()),
    "copied without a wait": lambda: copied_to(1, on(stream(), a)),
    "fetched without a wait": lambda: on(stream(), a).get(),
    "written without a wait": lambda: on(stream(), a).__setitem__(0, 1),
    "written while it is read": lambda: written_while_it_is_read(),
    "memory taken while it is read": lambda: taken_while_it_is_read(),
    "an event of another device": lambda: stream().record(
        on_device(1, cupy.cuda.Event)
    ),
    "a stream of another device": lambda: on_device(1, stream().__enter__),
    "a stream that waits for the default one": lambda: cupy.cuda.Stream(),
}


def on_device(number, make=a):
    with cupy.cuda.Device(number):
        return make()


def copied_to(number, array):
    return on_device(number, lambda: cupy.asarray(array))


def stream():
    return cupy.cuda.Stream(non_blocking=True)


def on(stream, make):
    with stream:
        return make()


def read_on_another(wait_after=False):
    """Return a stream, an array of it that another stream reads, and the result."""
    first, second = stream(), stream()
    x = on(first, a)
    second.wait_event(first.record())
    y = on(second, lambda: x + x)
    if wait_after:
        first.wait_event(second.record())
    return first, x, y


def written_while_it_is_read():
    first, x, y = read_on_another()
    on(first, lambda: x.fill(y.size))


def taken_while_it_is_read():
    first, x, _ = read_on_another()
    del x
    on(first, a)


@pytest.mark.parametrize("numpy_ism", PLANTED.values(), ids=PLANTED)
def test_a_numpy_ism_is_caught(numpy_ism):
    refusals = (TypeError, ValueError, AttributeError, NotImplementedError)
    with pytest.raises((*refusals, IndexError, RuntimeError)):
        numpy_ism()


def test_what_cupy_can_do_is_done():
    x = a()
    assert type(x).__module__ == "strict_cupy"
    assert isinstance(x.get(), np.ndarray)
    np.testing.assert_array_equal((2 * x + np.float32(1)).get(), 2 * A + 1)
    np.testing.assert_array_equal(cupy.asnumpy(x @ x.T), A @ A.T)
    np.testing.assert_array_equal(cupy.where(x > 2, x, 0).get(), np.where(A > 2, A, 0))
    out = cupy.empty((2, 3))
    cupy.maximum(x, 3, out=out)
    np.testing.assert_array_equal(out.get(), np.maximum(A, 3))
    x[0] += 1
    x *= 2
    np.testing.assert_array_equal(x.get(), 2 * A + np.array([[2], [0]]))
    assert x.transpose(1, 0).flags.f_contiguous
    assert cupy.add.reduce(x, axis=0).shape == (3,)


def test_reductions_and_elements_stay_arrays():
    for value in (a().sum(), cupy.max(a()), a()[0, 0], a().argmax()):
        assert isinstance(value, cupy.ndarray)
        assert value.shape == ()
    assert float(a().sum()) == 15


def test_arrays_move_between_devices_only_when_told():
    first = a()
    with cupy.cuda.Device(1):
        second = cupy.asarray(first)
        assert (second + second).device.id == 1
        assert first.copy().device.id == 1
    assert (first.device.id, second.device.id) == (0, 1)
    assert second.T.device.id == second[0].device.id == 1  # views need no work
    np.testing.assert_array_equal(second.get(), A)


def test_streams_that_wait_for_each_other_may_share_arrays():
    first, x, y = read_on_another(wait_after=True)
    with first:
        x.fill(0)  # the reader is done
        np.testing.assert_array_equal((x + y).get(), 2 * A)
    first, x, y = read_on_another(wait_after=True)
    del x
    assert on(first, a).shape == y.shape  # it may take the memory of x


def test_a_wait_holds_through_a_third_stream_and_through_the_host():
    first, second, third = stream(), stream(), stream()
    x = on(first, a)
    second.wait_event(first.record())
    third.wait_event(second.record())
    np.testing.assert_array_equal(on(third, x.get), A)
    x = on(first, a)
    first.synchronize()
    np.testing.assert_array_equal(on(second, x.get), A)


def test_each_device_and_each_thread_has_a_current_stream():
    own = stream()
    with own:
        assert cupy.cuda.get_current_stream() is own
        assert cupy.cuda.get_current_stream(1) is cupy.cuda.Stream.null
        assert on_device(1, cupy.cuda.get_current_stream) is cupy.cuda.Stream.null
        with ThreadPoolExecutor(1) as thread:
            other = thread.submit(cupy.cuda.get_current_stream).result()
        assert other is cupy.cuda.Stream.null
    assert cupy.cuda.get_current_stream() is cupy.cuda.Stream.null


def test_an_array_of_the_stand_in_offers_nothing_that_cupys_lacks():
    own = {name for name in dir(cupy.ndarray) if not name.startswith("_")}
    assert own <= set(cupy._NAMES["cupy.ndarray"])
    of_streams = {"device_id", "ptr", "queue"}
    for kind, attributes in (("Stream", of_streams), ("Event", set())):
        public = {n for n in dir(getattr(cupy.cuda, kind)) if not n.startswith("_")}
        assert public - attributes <= set(cupy._NAMES[f"cupy.cuda.{kind}"])
    operators = {name for name in vars(cupy.ndarray) if name.startswith("__")}
    plain = {*dir(type("Plain", (), {})), "__getattr__"}
    assert operators - plain <= set(cupy._NAMES["cupy.ndarray"])
