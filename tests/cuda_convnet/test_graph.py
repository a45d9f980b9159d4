"""The sections as a graph: which layer sees which, and what cannot be."""

import re

import pytest

from minialexnet.cuda_convnet import CfgError
from minialexnet.cuda_convnet.graph import read_graph
from tests.support.layer_files import ALEXNET, CIFAR, WEB, WEB_PARAMS, assert_refused

# What is changed in CIFAR's files (0: the layers, 1: the params), and what is said.
REFUSED = [
    (0, "inputs=pool3", "inputs=pool4", "inputs that exist, got 'pool4'"),
    (0, "inputs=pool1", "inputs=conv3", "above this one.* got 'conv3' of line"),
    (0, "inputs=pool1", "inputs=conv2", "above this one.* got 'conv2' of line"),
    (0, "inputs=pool3", "inputs=labels", "not those of the cost, got 'labels'"),
    (0, "inputs=pool3", "inputs=probs", "not those of the cost, got 'probs'"),
    (0, "inputs=pool3", "inputs=", "inputs that exist, got ''"),
    (0, "inputs=labels,probs", "inputs=probs,labels", "a data layer, of the labels"),
    (0, "inputs=fc10", "inputs=pool3", r"\[fc10\] expected another layer to"),
    (
        1,
        "[logprob]",
        "[logprobs]",
        r"\[logprobs\] expected a layer of that name in .*layers",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), REFUSED)
def test_it_is_refused_with_file_and_line(written, file, old, new, words):
    assert_refused(written, file, old, new, words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("inputs=cnorm1", "inputs=fc1", "above this one"),
    ],
)
def test_more_is_refused(written, old, new, words):
    assert old in WEB
    with pytest.raises(CfgError, match=rf"cfg:\d+: .*{words}"):
        written(WEB.replace(old, new, 1), WEB_PARAMS, (2, 6, 6))


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (0, r"\[logprob\][^[]*", "", "layers.cfg: expected one layer of type cost.log"),
        (
            0,
            r"\[data\][^[]*",
            "",
            "layers.cfg: expected one data layer besides the lab",
        ),
        (0, r"\Z", "[more]\ntype=data\ndataIdx=2\n", "besides the labels, got 2"),
        (0, r"(?s).*", "", "expected one layer of type cost.logreg, got 0"),
        (1, r"(?s).*", "", r"layers.cfg:\d+: \[conv1\] expected a section \[conv1\]"),
    ],
)
def test_what_is_missing_is_said(written, file, old, new, words):
    texts = list(CIFAR)
    texts[file] = re.sub(old, new, texts[file], count=1)
    with pytest.raises(CfgError, match=words):
        written(*texts, (3, 32, 32))


def test_the_graph_says_which_layer_sees_which():
    graph = read_graph(*ALEXNET)
    sees = {node.name: node.inputs for node in graph.nodes}
    assert graph.picture == "data"
    assert sees["conv1a"] == sees["conv1b"] == ["data"]
    assert sees["conv3a"] == sees["conv3b"] == ["pool2a", "pool2b"]
    assert sees["conv4a"] == ["conv3a"]
    assert sees["probs"] == ["fc1000"]
    assert not {"data", "labels", "logprob"} & sees.keys()
