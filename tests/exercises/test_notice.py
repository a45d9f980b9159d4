"""A student's own tests are run against the right layer and eight broken ones."""

import pytest

from minialexnet.exercises.check import check_tests

WEAK = """
import numpy as np

def test_forward(MaxPooling2D):
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    y = MaxPooling2D(2, 2).forward(x)
    assert y.tolist() == [[[[5, 7], [13, 15]]]]
"""
STRONG = """

def test_backward(MaxPooling2D):
    x = -np.ones((1, 1, 3, 5))
    x[0, 0, 2, 2] = -0.5
    layer = MaxPooling2D(3, 2)
    assert (layer.forward(x) == -0.5).all()
    dx = layer.backward(np.ones((1, 1, 1, 2)))
    assert dx[0, 0, 2, 2] == 2 and dx.sum() == 2


def test_ties(MaxPooling2D):
    layer = MaxPooling2D(2, 2)
    layer.forward(np.ones((1, 1, 2, 2)))
    assert layer.backward(np.ones((1, 1, 1, 1))).ravel().tolist() == [1, 0, 0, 0]
"""


def test_a_weak_test_is_told_what_it_missed_and_a_strong_one_misses_none(
    program, tmp_path
):
    path = tmp_path / "test_pooling_exercise_4.py"
    path.write_text(WEAK)
    code, output, errors = program("test", path)
    text = " ".join(output.split())
    assert (code, errors) == (1, "")
    assert "noticed 2 and missed 6" in text
    assert text.count("Missed: backward, ") == 4
    assert "backward, ties: dx differs, for example with" in text
    path.write_text(WEAK + STRONG)
    assert check_tests(path)[1] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def test(MaxPooling2D): assert False", "test: AssertionError"),
        ("def test(pool): pass", "among MaxPooling2D, got pool"),
        ("x = 1", "whose names begin with test"),
        ("x = (", "SyntaxError at line 2"),
    ],
)
def test_tests_that_are_none_are_refused(tmp_path, text, told):
    path = tmp_path / "tests.py"
    path.write_text(f"# Exercise 4\n{text}\n")
    with pytest.raises(ValueError, match=told):
        check_tests(path)


@pytest.mark.slow
def test_tests_that_hang_are_stopped(tmp_path):
    path = tmp_path / "tests.py"
    path.write_text("def test(MaxPooling2D):\n    while True: pass\n")
    text, missed = check_tests(path, number=4, seconds=2)
    assert "still running after 2 s, at line 2 in test" in text and missed == 8
