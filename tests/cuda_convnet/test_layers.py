"""The layer of each section, and sizes that do not fit."""

import pytest

from minialexnet.cuda_convnet import CfgError
from tests.support.layer_files import WEB, WEB_PARAMS, assert_refused

# What is changed in CIFAR's files (0: the layers, 1: the params), and what is said.
REFUSED = [
    (0, "channels=32", "channels=31", r"channels to fit the input, \(32, .*got 31"),
    (0, "filters=64", "filters=1000000000000", "268,435,456 parameters .*, got"),
    (0, "outputs=10", "outputs=9999999", "268,435,456 parameters in all, got"),
    (0, "filterSize=5", "filterSize=55", "filterSize <= 36, the pixels .*, got 55"),
    (0, "partialSum=4", "groups=2", "groups to divide 3 input and 64 output"),
    (0, "start=0", "start=31", "sizeX <= 1, the pixels there are, got 3"),
    (
        0,
        "outputsX=0",
        "outputsX=17",
        "outputsX .* window begin below pixel 32, got one at 32",
    ),
    (
        0,
        "stride=2",
        "stride=32",
        "stride .* window begin below pixel 32, got one at 32",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), REFUSED)
def test_it_is_refused_with_file_and_line(written, file, old, new, words):
    assert_refused(written, file, old, new, words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("size=3\n", "size=3\nminDiv=0\n", "expected k > 0"),
        ("keep=0.7", "keep=0", "keep > 0 and <= 1, got 0"),
        ("keep=0.7", "keep=1.5", "keep > 0 and <= 1, got 1.5"),
        ("padding=0,0,1", "padding=0,1,1", "outputs of one shape to sum, got"),
    ],
)
def test_more_is_refused(written, old, new, words):
    assert old in WEB
    with pytest.raises(CfgError, match=rf"cfg:\d+: .*{words}"):
        written(WEB.replace(old, new, 1), WEB_PARAMS, (2, 6, 6))
