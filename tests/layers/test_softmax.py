"""SoftmaxCrossEntropy against the formula, and where formulas overflow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import SoftmaxCrossEntropy
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles
from minialexnet.gradient_check import check_function
from tests.support import strict_cupy
from tests.support.geometries import normal, seeds


@given(
    N=st.integers(1, 4), K=st.integers(1, 6), seed=seeds, scale=st.sampled_from([1, 30])
)
def test_loss_probabilities_and_gradient(xp, N, K, seed, scale):
    x = scale * normal(seed, N, K)
    labels = np.random.default_rng(seed).integers(0, K, N)
    loss = SoftmaxCrossEntropy()
    value = loss.forward(xp.asarray(x), xp.asarray(labels))
    expected = oracles.SoftmaxCrossEntropy()
    mean = expected.forward(x, labels)
    assert float(value) == pytest.approx(mean, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(to_numpy(loss.probabilities), expected.p, rtol=1e-11)
    dx = expected.backward()
    np.testing.assert_allclose(
        to_numpy(loss.backward()), dx, rtol=1e-11, atol=1e-14, strict=True
    )


@given(N=st.integers(1, 4), K=st.integers(2, 6), seed=seeds)
def test_gradient_by_the_complex_step(N, K, seed):
    labels = np.random.default_rng(seed).integers(0, K, N)
    loss = SoftmaxCrossEntropy()

    def gradient(x):
        loss.forward(x, labels)
        return loss.backward()

    report = check_function(
        lambda x: loss.forward(x, labels), gradient, normal(seed, N, K)
    )
    assert max(report.errors.values()) < 1e-12


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logits_of_ten_thousand_are_safe(xp, dtype):
    x = xp.asarray([[1e4, 0, -1e4], [-1e4, 0, 1e4]], dtype=dtype)
    loss = SoftmaxCrossEntropy()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert float(loss.forward(x, xp.asarray([0, 2]))) == 0
        assert float(loss.forward(x, xp.asarray([2, 2]))) == 1e4
    assert loss.probabilities.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert loss.backward().tolist() == [[0.5, 0, -0.5], [0, 0, 0]]
    assert loss.probabilities.dtype == loss.backward().dtype == dtype


def test_equal_logits_cost_ln_of_the_classes():
    value = SoftmaxCrossEntropy().forward(
        np.full((3, 1000), -7.0), np.array([0, 5, 999])
    )
    assert float(value) == pytest.approx(math.log(1000))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_labels_of_any_whole_type(xp, dtype):
    loss = SoftmaxCrossEntropy()
    loss.forward(xp.zeros((2, 3)), xp.asarray([2, 0], dtype=dtype))
    third = 1 / 3
    expected = [[third, third, third - 1], [third - 1, third, third]]
    np.testing.assert_allclose(to_numpy(loss.backward()), np.array(expected) / 2)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 3], ValueError, "labels from 0 to 2, got 3"),
        ([-1, 0], ValueError, "labels from 0 to 2, got -1"),
        ([0.0, 1.0], TypeError, "whole-number labels, got float64"),
        ([0.0, math.nan], TypeError, "whole-number labels, got float64"),
        ([True, False], TypeError, "whole-number labels, got bool"),
        ([0], ValueError, r"got shapes \(2, 3\) and \(1,\)"),
        ([[0, 1]], ValueError, r"got shapes \(2, 3\) and \(1, 2\)"),
    ],
)
def test_labels_that_are_none_are_refused(xp, labels, error, message):
    with pytest.raises(error, match=f"SoftmaxCrossEntropy expected .*{message}"):
        SoftmaxCrossEntropy().forward(xp.zeros((2, 3)), xp.asarray(labels))


def test_a_gpus_logits_take_labels_of_numpys_and_nobody_waits(monkeypatch):
    def wait(*arguments):
        raise AssertionError("waited for the GPU")

    loss = SoftmaxCrossEntropy()
    logits = strict_cupy.asarray(np.arange(6.0).reshape(2, 3))
    labels = np.array([2, 0])
    with monkeypatch.context() as patch:
        patch.setattr(strict_cupy.ndarray, "get", wait)
        value = loss.forward(logits, labels)
        dx = loss.backward()
    loss.forward(to_numpy(logits), labels)
    np.testing.assert_array_equal(to_numpy(dx), loss.backward())
    assert float(value) == float(loss.forward(logits, strict_cupy.asarray(labels)))
    with pytest.raises(ValueError, match="labels from 0 to 2, got 3"):
        loss.forward(logits, labels + 1)


def test_wrong_logits_are_refused():
    loss = SoftmaxCrossEntropy()
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        loss.backward()
    with pytest.raises(ValueError, match="N >= 1"):
        loss.forward(np.zeros((0, 3)), np.zeros(0, int))
    with pytest.raises(ValueError, match=r"logits \(N, K\)"):
        loss.forward(np.zeros(3), np.zeros(3, int))
    with pytest.raises(TypeError, match="floating-point logits, got int64"):
        loss.forward(np.zeros((2, 3), int), np.zeros(2, int))
    with pytest.raises(TypeError, match="CuPy array, got list"):
        loss.forward([[0.0, 1.0]], np.zeros(1, int))


def test_logits_and_labels_are_left_alone():
    x, labels = normal(0, 3, 4), np.array([1, 0, 3])
    before = x.copy()
    loss = SoftmaxCrossEntropy()
    loss.forward(x, labels)
    loss.backward()
    np.testing.assert_array_equal(x, before)
    assert labels.tolist() == [1, 0, 3]
    np.testing.assert_array_equal(loss.backward(), loss.backward())
