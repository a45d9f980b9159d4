"""The keys' values: what is read of them, and what is refused."""

import pytest

from minialexnet.cuda_convnet import CfgError
from tests.support.layer_files import WEB, WEB_PARAMS, assert_refused

# What is changed in CIFAR's files (0: the layers, 1: the params), and what is said.
REFUSED = [
    (0, "type=softmax", "type=concat", r"\[probs\] .*type .*fc, .*got 'concat'"),
    *(
        (0, "type=softmax", f"type={kind}", f"got '{kind}'")
        for kind in ("eltsum", "blur", "nailbed", "treefc", "href", "local", "")
    ),
    (0, "type=cost.logreg", "type=cost.sum2", "got 'cost.sum2'"),
    (0, "type=fc\n", "", r"\[fc10\] expected type=..., which is missing"),
    (0, "neuron=relu", "neuron=softrelu", "neuron to be one of relu, .*'softrelu'"),
    (0, "neuron=relu", "neuron=tanh[2,1]", r"'tanh\[2,1\]'"),
    (0, "pool=avg", "pool=rand", "pool to be one of max, avg, got 'rand'"),
    (0, "inputs=fc10", "inputs=fc10,pool3", "inputs to be one value, got 2"),
    (0, "inputs=labels,probs", "inputs=probs", "2 values, one for each input, got 1"),
    (
        0,
        "inputs=pool2",
        "inputs=pool2,pool2",
        "epsW to be 2 values, one for each input, got 1",
    ),
    (0, "channels=3\n", "channels=three\n", "channels to be a whole .*'three'"),
    (0, "filters=64", "filters=0", "filters to be a whole number >= 1, got '0'"),
    (0, "filters=64", "filters=", "filters to be a whole number >= 1, got ''"),
    (0, "outputs=10", "output=10", "expected outputs=..., which is missing"),
    (0, "stride=1", "stride=1.5", "stride to be a whole number >= 1, got '1.5'"),
    (0, "padding=2", "padding=-1", "padding to be a whole number >= 0, got '-1'"),
    (0, "padding=2", "padding=2,2", "padding to be one value, got 2"),
    (
        0,
        "initW=0.0001",
        "initW=nan",
        "initW to be a number >= 0 and < 1e.30, got 'nan'",
    ),
    (0, "initW=0.0001", "initW=-1", "initW to be a number >= 0 and < 1e.30, got '-1'"),
    (0, "initW=0.0001", "initB=inf", "initB to be a number .*, got 'inf'"),
    (0, "initW=0.0001", "initB=-1e39", "initB to be a number .*, got '-1e39'"),
    (0, "sharedBiases=1", "sharedBiases=0", "sharedBiases=1, got '0'"),
    (0, "sharedBiases=1", "randSparse=1", "randSparse=0, got '1'"),
    (0, "partialSum=4", "weightSource=conv1", "known for type=conv, got 'weightSou"),
    (0, "start=0", "start=-3", "start to be a whole number >= -2, got '-3'"),
    (0, "partialSum=4", "gpu=-1", "gpu to be a whole number >= 0, got '-1'"),
    (0, "dataIdx=0", "dataIdx=", "dataIdx to be a whole number >= 0, got ''"),
    (1, "[conv2]", "[conv4]", r"\[conv2\] expected a section \[conv2\] in .*params"),
    (1, "epsW=0.001", "epsW=fast", "epsW to be a number >= 0 and < 1e.30, got 'fast'"),
    (1, "epsW=0.001", "epsW=exp[base=1;tgtFactor=10]", "epsW to be a number"),
    (1, "epsW=0.001", "epsW=0.001,0.001", "epsW to be one value, got 2"),
    (1, "epsW=0.001", "epsV=0.001", "expected epsW=..., which is missing"),
    (1, "epsW=0.001", "epsW=0.001\nschedW=linear[1,1]", "for type=conv, got 'schedW'"),
    (1, "momW=0.9", "momW=1", "momW to be a number >= 0 and < 1, got '1'"),
    (1, "momB=0.9", "momB=-0.1", "momB to be a number >= 0 and < 1, got '-0.1'"),
    (1, "wc=0", "wc=-1", "wc to be a number >= 0 and < 1e.30, got '-1'"),
    (1, "wc=0", "wball=1", "expected wball to be 0"),
    (1, "coeff=1", "coeff=2", r"\[logprob\] expected coeff to be 1"),
    (1, "coeff=1", "topk=0", "topk to be a whole number >= 1, got '0'"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), REFUSED)
def test_it_is_refused_with_file_and_line(written, file, old, new, words):
    assert_refused(written, file, old, new, words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("scale=0.3\n", "", r"\[rnorm1\] expected scale=..., which is missing"),
        ("size=3\n", "size=3\nblocked=1\n", "blocked=0, got '1'"),
        ("size=3\n", "size=3\nsizeX=3\n", "known for type=cmrnorm, got 'sizeX'"),
        ("size=2\n", "size=2\nscale=1\n", "scale in one file, got it in both"),
    ],
)
def test_more_is_refused(written, old, new, words):
    assert old in WEB
    with pytest.raises(CfgError, match=rf"cfg:\d+: .*{words}"):
        written(WEB.replace(old, new, 1), WEB_PARAMS, (2, 6, 6))


def test_dropout_that_is_switched_off_is_refused(written):
    params = WEB_PARAMS.replace("enable=true", "enable=false")
    with pytest.raises(CfgError, match=r"params.cfg:\d+: \[hs1\] expected enable=1"):
        written(WEB, params, (2, 6, 6))
