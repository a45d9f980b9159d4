"""DataParallel is the network that it splits the batches of, but for rounding."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    MomentumSGD,
    Normal,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from minialexnet.engine.blas import blas_threads, cores, limit_blas
from minialexnet.parallel import batch as data_parallel
from minialexnet.parallel.batch import DataParallel
from minialexnet.parallel.sums import Sums
from tests.support.geometries import normal

WIDE = {"weight": Normal(1), "bias": Normal(1)}


def network(seed=0):
    layers = [
        Convolution2D(2, 4, 3, padding=1, seed=seed, **WIDE),
        Sequential([ReLU(), LocalResponseNormalization(alpha=0.1), MaxPooling2D()]),
        Flatten(),
        Dropout(0.5, seed=3, first_sample=2),
        FullyConnected(4 * 3 * 3, 5, seed=seed, **WIDE),
    ]
    return Sequential(layers).astype("float64")


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12, strict=True)


def train(net, batches, seed=0):
    """Take a few steps and return the losses."""
    sgd, loss, losses = MomentumSGD(net.parameters(), 0.003), SoftmaxCrossEntropy(), []
    for i, N in enumerate(batches):
        x, labels = normal(seed + i, N, 2, 7, 7), np.arange(N) % 5
        losses.append(float(loss.forward(net.forward(x, train=True), labels)))
        net.backward(loss.backward())
        sgd.step(net.gradients())
    return losses


@given(N=st.integers(1, 7), threads=st.integers(1, 4), train=st.booleans())
def test_outputs_and_gradients_are_the_networks(N, threads, train):
    serial, parallel = network(), DataParallel(network(), threads)
    x = normal(N, N, 2, 7, 7)
    y = serial.forward(x, train)
    near(parallel.forward(x, train), y)
    dy = normal(N + 1, *y.shape)
    near(parallel.backward(dy), serial.backward(dy))
    assert parallel.gradients().keys() == serial.gradients().keys()
    for name, gradient in serial.gradients().items():
        near(parallel.gradients()[name], gradient)
        assert parallel.network.gradients()[name] is parallel.gradients()[name]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_training_is_the_networks(threads):
    # Batches of several sizes, one of them of a single picture.
    batches, serial, parallel = (6, 5, 1, 2, 6), network(), network()
    near(
        np.array(train(DataParallel(parallel, threads), batches)),
        np.array(train(serial, batches)),
    )
    for name, w in serial.parameters().items():
        near(parallel.parameters()[name], w)
    assert parallel.states() == serial.states() == {"dropout1.step": 5}


def test_a_number_of_threads_gives_the_same_bits_every_time():
    first, second = network().astype("float32"), network().astype("float32")
    assert train(DataParallel(first, 3), [7] * 9) == train(
        DataParallel(second, 3), [7] * 9
    )
    for name, w in first.parameters().items():
        np.testing.assert_array_equal(second.parameters()[name], w)


@pytest.mark.parametrize("threads", [1, 2, 5, 9])
def test_parts_give_the_same_bits_on_every_number_of_threads(threads):
    # Batches that the parts cut unevenly, one with fewer pictures than parts.
    nets, batches = [network().astype("float32") for _ in range(2)], (11, 3, 7)
    first, second = (
        DataParallel(net, n, parts=5) for net, n in zip(nets, (5, threads), strict=True)
    )
    assert train(first, batches) == train(second, batches)
    for name, w in nets[0].parameters().items():
        np.testing.assert_array_equal(nets[1].parameters()[name], w, strict=True)


def test_no_more_threads_compute_at_once_than_were_asked_for():
    busy, most, lock = [], [], threading.Lock()

    class Counting(Layer):
        def forward(self, x, train=False):
            with lock:
                busy.append(1)
                most.append(len(busy))
            y = np.linalg.matrix_power(x @ x.T, 3) @ x
            with lock:
                busy.pop()
            return y

    x = normal(0, 64, 50)
    DataParallel(Sequential([Counting()]), 2, parts=16).forward(x)
    assert len(most) == 16
    assert max(most) <= 2


def test_the_sum_waits_for_the_parts_before():
    gradients = {
        i: {"b": np.array([value], "f")} for i, value in enumerate((1e8, 3, 3))
    }
    sums = Sums(["fc8"], range(3))
    assert sums.give("fc8", 2, gradients[2]) == []
    assert sums.give("fc8", 0, gradients[0]) == []
    (total,) = sums.give("fc8", 1, gradients[1])
    assert total["b"] == 1e8  # 3 + 3 = 6 would have moved it
    others = Sums(["fc8"], range(1, 3))
    assert others.give("fc8", 2, gradients[2]) == []
    assert others.give("fc8", 1, gradients[1]) == [gradients[1], gradients[2]]


def test_what_is_loaded_or_cast_is_what_the_threads_compute_with():
    parallel, other = DataParallel(network(), 2), network(seed=1)
    x = normal(0, 4, 2, 7, 7)
    parallel.forward(x, train=True)
    parallel.load(other.parameters(), {"dropout1.step": 4})
    other.load(other.parameters(), {"dropout1.step": 4})
    near(parallel.forward(x, train=True), other.forward(x, train=True))
    assert parallel.astype("float32") is parallel
    assert parallel.forward(x.astype("float32")).dtype == np.float32


def test_a_first_layer_skips_dx():
    parallel = DataParallel(network(), 2)
    parallel.network.layers["conv1"].needs_dx = False
    y = parallel.forward(normal(0, 4, 2, 7, 7))
    assert parallel.backward(y) is None
    assert parallel.gradients()["conv1.W"].any()


def test_the_table_is_the_networks():
    assert DataParallel(network(), 2).table((2, 7, 7)) == network().table((2, 7, 7))


class Meeting(Layer):
    """Passes on only where so many threads have come at once."""

    barrier = threading.Barrier(2, timeout=60)

    def __deepcopy__(self, memo):
        return Meeting()

    def forward(self, x, train=False):
        self.barrier.wait()
        return x


def test_threads_compute_at_once():
    x = np.ones((2, 3))
    y = DataParallel(Sequential([Meeting()]), 2).forward(x)
    np.testing.assert_array_equal(y, x)


class Door(Layer):
    """Lets no negative number pass."""

    kind = "door"

    def forward(self, x, train=False):
        if (x < 0).any():
            raise ValueError("expected no negative number")
        return x


def test_an_error_of_one_thread_is_raised_and_the_next_batch_computed():
    parallel = DataParallel(Sequential([Door()]), 2)
    x = np.array([[1.0], [2.0], [3.0], [-4.0], [5.0]])  # the second thread's
    with pytest.raises(ValueError, match=r"door1, given shape \(3, 1\): expected no"):
        parallel.forward(x)
    np.testing.assert_array_equal(parallel.forward(abs(x)), abs(x))


class Large(Layer):
    """Makes numbers that are too large for float64."""

    def forward(self, x, train=False):
        return np.exp(1000 * x)


def test_threads_keep_what_the_caller_has_set_and_end_with_close():
    parallel, x = DataParallel(Sequential([Large()]), 2), np.ones((2, 3))
    with np.errstate(over="ignore"):
        assert np.isinf(parallel.forward(x)).all()
    parallel.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        parallel.forward(x)


def test_threads_are_the_batchs_or_blass_and_never_both(monkeypatch):
    told = []
    real = data_parallel.blas_on

    def blas_on(threads):
        told.append(threads)
        return real(threads)

    monkeypatch.setattr(data_parallel, "blas_on", blas_on)
    limit_blas(2)
    parallel = DataParallel(network(), 2, 3)
    assert blas_threads() in (1, None)
    parallel.forward(normal(0, 4, 2, 7, 7))
    assert told == []
    parallel.forward(normal(0, 1, 2, 7, 7))
    assert told == [3]  # the parts', which say how numbers are rounded
    assert blas_threads() in (1, None)


def test_the_default_is_a_thread_for_each_core():
    assert DataParallel(network()).threads == cores()
    with pytest.raises(ValueError, match="expected threads from 1 to 1,024, got 0"):
        DataParallel(network(), 0)
    with pytest.raises(ValueError, match="expected parts from 1 to 1,024, got 0"):
        DataParallel(network(), 1, 0)
    with pytest.raises(ValueError, match=r"expected threads from .*, got 100000"):
        DataParallel(network(), 100_000)
