"""Arrays move between devices, and streams wait for each other, on the stand-in."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from minialexnet.engine.devices import check_device, seconds_of
from minialexnet.engine.streams import current_stream, meet, new_stream, use_stream
from minialexnet.engine.transfer import to_device, to_numpy
from tests.support import strict_cupy

A = np.arange(6.0).reshape(2, 3)


@pytest.fixture(autouse=True)
def gpus(monkeypatch):
    """Let "cuda:0" and "cuda:1" be the stand-in's, where a missing wait is an error."""
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)


@pytest.mark.parametrize("device", ["cuda:0", "cuda:1"])
def test_arrays_move_from_the_processor_and_back(device):
    there = to_device(A, device)
    assert there.device.id == int(device[-1])
    assert to_device(there, device) is there
    np.testing.assert_array_equal(to_numpy(there), A)
    np.testing.assert_array_equal(to_device(there, "cpu"), A)
    assert to_device(A, "cpu") is A


def test_a_device_that_is_not_there_is_refused():
    assert check_device("cuda:1") == "cuda:1"
    with pytest.raises(RuntimeError, match="'cuda:2' was asked for, but CuPy finds 2"):
        check_device("cuda:2")


def test_a_gpus_milliseconds_are_told_in_seconds(monkeypatch):
    monkeypatch.setattr(strict_cupy.cuda, "get_elapsed_time", lambda *events: 2500.0)
    assert seconds_of(lambda: 3, "cuda:1") == (3, 2.5)


def test_a_view_moves_between_devices():
    """CuPy copies only what lies in one piece."""
    x = to_device(A, "cuda:0")
    for view, expected in ((x[:, 1:], A[:, 1:]), (x.T[1], A.T[1]), (x[1, 1], A[1, 1])):
        moved = to_device(view, "cuda:1")
        assert (moved.device.id, moved.shape) == (1, expected.shape)
        np.testing.assert_array_equal(to_numpy(moved), expected)


def test_a_move_waits_for_the_streams_of_both_devices_and_they_for_it():
    first, second = new_stream("cuda:0"), new_stream("cuda:1")
    with use_stream(second), use_stream(first):
        x = to_device(A, "cuda:0")
        moved = to_device(x[:, 1:], "cuda:1")
        x += 1  # while it is still being copied, if nothing waits
        del x
        again = to_device(A, "cuda:0")
    with use_stream(second):
        np.testing.assert_array_equal(to_numpy(moved + moved), 2 * A[:, 1:])
    with use_stream(first):
        np.testing.assert_array_equal(to_numpy(again), A)


def test_an_array_comes_back_by_the_stream_of_its_own_device():
    second = new_stream("cuda:1")
    with use_stream(second):
        x = to_device(A, "cuda:1")
        with use_stream(new_stream("cuda:0")):
            np.testing.assert_array_equal(to_numpy(x), A)


def test_streams_that_met_share_what_they_made():
    streams = [new_stream("cuda:0"), new_stream("cuda:0"), current_stream("cuda:1")]
    made = []
    for stream in streams:
        with use_stream(stream):
            made.append(to_device(A, stream.device))
    with use_stream(streams[1]), pytest.raises(ValueError, match="did not wait"):
        made[0] + made[1]
    meet(*streams)
    with use_stream(streams[1]):
        np.testing.assert_array_equal(to_numpy(made[0] + made[1]), 2 * A)
        # From a default stream, of the other device: it has met this one's stream.
        np.testing.assert_array_equal(to_numpy(to_device(made[2], "cuda:0")), A)


def test_the_default_stream_of_a_device_that_is_not_current_waits_too():
    stream = new_stream("cuda:1")
    with use_stream(stream):
        x = to_device(A, "cuda:1")
    with pytest.raises(ValueError, match="did not wait"):
        to_numpy(x)
    meet(stream, current_stream("cuda:1"))
    np.testing.assert_array_equal(to_numpy(x), A)


def test_a_stream_is_current_in_its_thread_and_on_its_device_only():
    own = new_stream("cuda:1")
    with use_stream(own):
        assert current_stream("cuda:1") == own
        assert current_stream("cuda:0").cuda is strict_cupy.cuda.Stream.null
        assert to_device(A, "cuda:1").device.id == 1
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(current_stream, "cuda:1").result() != own


def test_on_the_processor_a_stream_changes_nothing():
    stream = new_stream("cpu")
    with use_stream(stream):
        meet(stream, current_stream("cpu"))
        assert to_device(A, "cpu") is A
