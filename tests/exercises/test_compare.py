"""Where two results differ, and what it looks like by the numbers alone."""

import numpy as np
import pytest

from minialexnet.exercises.compare import agree, compare

x = np.arange(1.0, 25).reshape(2, 3, 4)
edges = np.pad(np.zeros((2, 3)), 1, constant_values=1.0)


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (x, -x, "wrong sign"),
        (x, 0 * x, "Every number is 0: is the result"),
        (x, 2.5 * x, "2.5 times what it should be"),
        (x, x + 3, "off by 3."),
        (x, x[:, ::-1], "stand at other places"),
        (x, x * np.inf, "infinite number"),
        (x, x.transpose(2, 0, 1), "in another order"),
        (x, x[0], "The number of axes should be 3, and is 2"),
        (x, x[:, :2], "too many or too few along axis 1"),
        (x, x[:, :, :1], "Axis 2 has another length"),
        (x, x[:, :, :0], "Nothing is left along axis 2"),
        (x[0, :2], np.ones((4, 4)), "Axis 0 has another length"),
        (edges + 1, edges * 2 + 1, "Only numbers at the edges"),
        (x, x**2, ""),
        (x % 2, (1 - x % 2) * x, ""),  # 0 times what is not 0
        (x % 2, 2 * (x % 2) + (x == 2), ""),  # twice what is not 0
    ],
)
def test_a_difference_is_told_by_what_it_looks_like(expected, got, words):
    found = compare({"y": expected}, {"y": got})
    assert words in found.guess and bool(words) == bool(found.guess)


def test_the_first_number_that_differs_is_named():
    got = x.copy()
    got[1, 0, 2] = got[1, 2, 3] = 99
    found = compare({"y": x, "dx": x}, {"y": x, "dx": got})
    assert (found.array, found.index, found.differ, found.size) == (
        "dx", (1, 0, 2), 2, 24,
    )  # fmt: skip
    assert str(found) == ("dx[1, 0, 2]: expected 15, got 99 (2 of 24 numbers differ)")
    assert str(compare({"loss": 2.0}, {"loss": 1.5})) == "loss: expected 2, got 1.5"


def test_rounding_is_no_difference_and_nothing_is_one():
    assert agree({"y": x}, {"y": x.astype(np.float32) * np.float32(1.000001)})
    assert agree({"y": x}, {"y": x.tolist()})
    for nothing in (None, ..., "text", [[1], [2, 3]], {}):
        assert not agree({"y": x}, {"y": nothing})
    assert "got nothing (None)" in str(compare({"y": 1.0}, {}))
