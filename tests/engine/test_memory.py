"""Memory that is used again is never that of an array which somebody still has."""

import os
import subprocess
import sys
import threading
import weakref
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import (
    Convolution2D,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    MomentumSGD,
    SoftmaxCrossEntropy,
    WinogradConvolution2D,
    alexnet,
)
from minialexnet.engine import memory
from minialexnet.engine.memory import empty, empty_like
from minialexnet.parallel.batch import DataParallel


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """Keep arrays of 64 bytes and more, as after keep_freed_memory, for one test."""
    kept = memory._Kept()
    kept.asked = True
    monkeypatch.setattr(memory, "_kept", kept)
    monkeypatch.setattr(memory, "LARGE", 64)
    return kept


def address(array):
    return array.__array_interface__["data"][0]


def test_the_memory_of_an_array_that_is_gone_is_used_again():
    first = empty(np, (4, 8), "float32")
    where = address(first)
    del first
    assert address(empty(np, (8, 2), "complex64")) == where


@pytest.mark.parametrize(
    "view",
    [
        lambda array: array[1:3, ::2],
        lambda array: array.reshape(-1).T,
        lambda array: np.lib.stride_tricks.as_strided(array, (2, 2), (8, 4)),
        lambda array: memoryview(array),
        lambda array: np.asarray(array.base.base),
        lambda array: array.view(np.uint8)[5:],
    ],
)
def test_a_view_holds_its_memory(view):
    array = empty(np, (4, 8), "float32")
    array[...] = 1
    held, where = view(array), address(array)
    before = np.array(held)
    del array
    other = empty(np, (4, 8), "float32")
    other[...] = 2
    assert address(other) != where
    np.testing.assert_array_equal(np.array(held), before)


def test_what_fits_takes_the_smallest_memory_that_is_not_twice_as_large(kept):
    arrays = [empty(np, (size,), "uint8") for size in (400, 100, 150)]
    where = [address(array) for array in arrays]
    arrays.clear()
    assert address(empty(np, (90,), "uint8")) == where[1]
    held = [empty(np, (100,), "uint8"), empty(np, (100,), "uint8")]
    assert [address(array) for array in held] == where[1:]
    assert address(empty(np, (100,), "uint8")) not in where  # 400 are too many
    assert sum(map(len, kept.free.values())) == 2  # the 400, and the last 100


def test_growing_sizes_do_not_pile_up(kept):
    for size in range(100, 1000, 10):
        held = empty(np, (size,), "uint8"), empty(np, (size // 2,), "uint8")
        del held
    spare = sum(size * len(pieces) for size, pieces in kept.free.items())
    assert (kept.lent, kept.most_lent) == (0, 990 + 495)
    assert 990 + 495 <= spare <= 1.5 * (990 + 495)


def test_small_arrays_and_those_of_a_process_that_did_not_ask_are_numpys(kept):
    assert empty(np, (15,), "float32").base is None
    kept.asked = False
    assert empty(np, (64,), "float32").base is None
    assert not kept.free


def test_threads_never_share_memory():
    wrong, barrier = [], threading.Barrier(4)

    def work(number):
        barrier.wait()
        for _ in range(2000):
            array = empty(np, (16,), "float64")
            array[...] = number
            if not (array == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    dtype=st.sampled_from([None, "float32", "complex128"]),
    data=st.data(),
)
def test_an_array_like_another_is_laid_out_as_it_is(shape, dtype, data):
    order = data.draw(st.permutations(range(len(shape))))
    x = np.zeros(shape).transpose(order)
    y, expected = empty_like(x, dtype), np.empty_like(x, dtype)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    long = [axis for axis, size in enumerate(y.shape) if size > 1]
    assert [y.strides[a] for a in long] == [expected.strides[a] for a in long]


@pytest.mark.parametrize("convolution", ["im2col", "winograd"])
@pytest.mark.parametrize("threads", [1, 3])
def test_training_in_kept_memory_is_the_same_to_the_bit(
    kept, convolution, threads, monkeypatch
):
    monkeypatch.setattr("minialexnet.engine.parts.CPU_BYTES", 1 << 14)  # many parts
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 7, 3, 67, 67), np.float32)

    def trained(asked):
        kept.asked = asked
        network = alexnet(
            classes=5, width=1 / 24, input_size=67, convolution=convolution
        )
        parallel = DataParallel(network, threads)
        loss, sgd = SoftmaxCrossEntropy(), MomentumSGD(parallel.parameters(), 0.01)
        for step in range(4):
            pictures = x[step % 2, : 7 - step]  # memory of other batches is left over
            loss.forward(
                parallel.forward(pictures, train=True), np.arange(7 - step) % 5
            )
            parallel.backward(loss.backward())
            sgd.step(parallel.gradients())
        return parallel.forward(x[0]), parallel.parameters()

    (y, parameters), (expected, others) = trained(True), trained(False)
    assert sum(map(len, kept.free.values())) > 4  # it was used at all
    np.testing.assert_array_equal(y, expected)
    for name, parameter in parameters.items():
        np.testing.assert_array_equal(parameter, others[name])


@pytest.mark.parametrize(
    ("layer", "formula"),
    [
        (Convolution2D(4, 4, 3), "convolution.convolve"),
        (WinogradConvolution2D(4, 4, 3), "winograd.convolve_tiles"),
        (LocalResponseNormalization(), "lrn.response_normalization"),
        (MaxPooling2D(), "max_pooling.max_pooling"),
        (FullyConnected(4, 4), "fully_connected.fully_connected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_layer_lets_go_of_the_last_batch_before_it_computes(
    monkeypatch, layer, formula
):
    module, name = formula.split(".")
    file = import_module(f"minialexnet.layers.{module}")
    compute, held = getattr(file, name), []

    def watched(*arguments):
        held.append(last() is not None)
        return compute(*arguments)

    shape = (2, 4) if name == "fully_connected" else (2, 4, 5, 5)
    x = np.ones(shape, np.float32)
    last = weakref.ref(x)
    layer.forward(x)
    del x
    monkeypatch.setattr(file, name, watched)
    layer.forward(np.ones(shape, np.float32))
    assert held == [False]


def test_an_array_like_one_on_a_gpu_is_there_too(xp):
    x = xp.zeros((2, 3, 4)).transpose(2, 0, 1)
    y = empty_like(x, xp.float32)
    assert type(y) is type(x)
    assert (y.shape, y.dtype) == (x.shape, xp.float32)


def test_freed_memory_is_kept_where_the_c_library_is_gnus():
    code = (
        "import resource\n"
        "from minialexnet.engine.memory import empty, keep_freed_memory\n"
        "import numpy as np\n"
        "kept = keep_freed_memory()\n"
        "def faults():\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "def use():\n"
        "    np.ones(3_000_000)\n"
        "    empty(np, (30_000_000,), 'float32')[...] = 1\n"
        "use(); use(); before = faults()\n"
        "for _ in range(9): use()\n"
        "print(kept, faults() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    kept, faults = done.stdout.split()
    if sys.platform == "linux" and os.confstr("CS_GNU_LIBC_VERSION"):
        assert kept == "True"
    assert kept == "False" or int(faults) < 9
