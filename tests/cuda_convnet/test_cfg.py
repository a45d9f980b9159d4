"""The text of the two files: sections, keys, comments, and what is neither."""

import re

import pytest

from minialexnet.cuda_convnet import CfgError
from minialexnet.cuda_convnet.cfg import parse
from tests.support.layer_files import CIFAR, WEB, WEB_PARAMS, assert_refused

# What is changed in CIFAR's files (0: the layers, 1: the params), and what is said.
REFUSED = [
    (0, "partialSum=4", "stride=1", "expected stride once, got it again"),
    (0, "partialSum=4", "STRIDE=1", "expected STRIDE once, got it again"),
    (0, "partialSum=4", "stride", r"\[section\] or, in a section, key=value, got 'st"),
    (0, "[data]\n", "", r"\[section\] or, in a section, key=value, got 'type=data'"),
    (0, "[pool2]", "[conv2]", r"\[conv2\] expected each name once and without a dot"),
    (0, "[pool2]", "[pool.2]", r"\[pool.2\] expected each name once and without a"),
    (1, "[conv1]", "[conv1", r"params.cfg:3: expected \[section\] or"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), REFUSED)
def test_it_is_refused_with_file_and_line(written, file, old, new, words):
    assert_refused(written, file, old, new, words)


def test_the_line_is_the_right_one(written):
    layers = "\n\n# three lines before\n" + CIFAR[0].replace("pool=avg", "pool=rand")
    with pytest.raises(CfgError) as caught:
        written(layers, CIFAR[1], (3, 32, 32))
    name, line, words = re.match(r".*/(.*):(\d+): (.*)", str(caught.value)).groups()
    assert (name, layers.split("\n")[int(line) - 1]) == ("layers.cfg", "pool=rand")
    assert words == "[pool2] expected pool to be one of max, avg, got 'rand'"


def test_comments_case_and_spaces_do_not_count():
    text = "# first\n [a] ; second\nKey = a#b, c  # third\n\r\n;\nother=\n"
    section = parse(text, "x.cfg")["a"]
    assert (section.text("kEY"), section.text("other")) == ("a#b, c", "")
    assert "key" in section and "b" not in section
    assert str(section.error("no", "KEY")) == "x.cfg:3: [a] no"
    assert str(section.error("no", "b")) == "x.cfg:2: [a] no"


def test_a_key_twice_is_refused_wherever(written):
    layers = WEB.replace("inputs=hs1,fc1", "inputs=hs1,fc1\nneuron=tanh")
    with pytest.raises(CfgError, match="neuron once, got it again"):
        written(layers, WEB_PARAMS, (2, 6, 6))
