"""Layer files for the tests: the two that come with the package, and one of sums."""

import re

import numpy as np
import pytest

from minialexnet import alexnet
from minialexnet.cuda_convnet import CfgError, network_files

ALEXNET = [path.read_text() for path in network_files("alexnet")]
CIFAR = [path.read_text() for path in network_files("cifar")]
WIDTH = 16  # the tests' AlexNet is so many times narrower
CLASSES = 5


def narrow(text):
    """Return a layer file with a sixteenth of the kernels and units."""

    def scaled(found):
        numbers = found[2].split(",")
        new = {"3": "3", "1000": str(CLASSES)}
        return (
            f"{found[1]}={','.join(new.get(n, str(int(n) // WIDTH)) for n in numbers)}"
        )

    return re.sub(r"^(channels|filters|outputs)=([\d,]+)$", scaled, text, flags=re.M)


NARROW = [narrow(ALEXNET[0]), ALEXNET[1]]


def write(folder, layers, params):
    """Write the two texts into a folder; return their paths."""
    paths = folder / "layers.cfg", folder / "params.cfg"
    for path, text in zip(paths, (layers, params), strict=True):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths


def assert_close(found, expected, tolerance=1e-12):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(
            found[name], array, tolerance, tolerance * abs(array).max(), err_msg=name
        )


def split(arrays):
    """Return AlexNet's arrays, by its names, as the file's two towers hold them."""
    found = {}
    names = {"fc6": "fc2048", "fc7": "fc2048b"}
    for name in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"):
        W, b = arrays[f"{name}.W"], arrays[f"{name}.b"]
        rows, columns = len(b) // 2, W.shape[1] // 2
        for tower, own in (("a", slice(0, rows)), ("b", slice(rows, None))):
            to = names.get(name, name) + tower
            found[f"{to}.b"] = b[own]
            if name in ("conv3", "fc6", "fc7"):
                blocks = [W[own, :columns], W[own, columns:]]
                if (name, tower) == ("fc7", "b"):  # its inputs are hs1b,hs1a
                    blocks.reverse()
                found[f"{to}.W1"], found[f"{to}.W2"] = blocks
            else:
                found[f"{to}.W"] = W[own]
    W = arrays["fc8.W"]
    columns = W.shape[1] // 2
    found["fc1000.W1"], found["fc1000.W2"] = W[:, :columns], W[:, columns:]
    found["fc1000.b"] = arrays["fc8.b"]
    return found


def one_and_two_towers(written, **options):
    """Return AlexNet by its profile and by the file, of the same weights and masks."""
    one = alexnet("2012", CLASSES, width=1 / WIDTH, input_size=63, seed=2)
    for _, layer in one.leaves():  # large enough for every path to count
        if "W" in layer.params:
            layer.params["W"] *= 2
    one.astype("float64")
    two = written(*NARROW, (3, 63, 63), **options).astype("float64")
    two.load(split(one.parameters()), two.states())
    for dropout, towers in (("dropout6", "hs1"), ("dropout7", "hs2")):
        for tower, first in (("a", 0), ("b", 2048 // WIDTH)):
            two.layers[towers + tower].seed = one.layers[dropout].seed
            two.layers[towers + tower].first_unit = first
    return one, two


def pictures(seed=0, count=3):
    rng = np.random.default_rng(seed)
    return 20 * rng.standard_normal((count, 3, 63, 63)), rng.integers(0, CLASSES, count)


# A network of several inputs: sums of unlike convolutions, one layer that two others
# see, one that sees the same layer twice, a pooled border, and all the normalisations.
WEB = """
[labels]
type=data
dataIdx=1
[data]
type=data
dataIdx=0
[conv1]
type=conv
inputs=data
channels=2
filters=4
filterSize=3
padding=1
[rnorm1]
type=cmrnorm
inputs=conv1
channels=4
size=3
scale=0.3
pow=0.75
[cnorm1]
type=cnorm
inputs=rnorm1
channels=4
sizeX=3
[rnorm2]
type=rnorm
inputs=conv1
channels=4
size=2
neuron=logistic
[pool1]
type=pool
pool=avg
inputs=cnorm1
channels=4
start=-1
sizeX=3
stride=2
neuron=tanh
[conv2]
type=conv
inputs=data,cnorm1,rnorm2
channels=2,4,4
filters=6,3,3
filterSize=2,3,4
groups=1,2,2
stride=2,2,2
padding=0,0,1
initW=0.2,0.3,0.4
initB=-0.5
neuron=tanh[1,1]
[fc1]
type=fc
inputs=conv2,pool1,conv2
outputs=5
initW=0.1,0.2,0.3
[hs1]
type=hs
inputs=fc1
keep=0.7
[fc2]
type=fc
inputs=hs1,fc1
outputs=3
initW=0.5,0.5
neuron=ident
[probs]
type=softmax
inputs=fc2
[logprob]
type=cost.logreg
inputs=labels,probs
"""
WEB_PARAMS = """
[conv1]
epsW=0.1
epsB=0.2
momW=0.5
momB=0.6
[cnorm1]
scale=0.5
pow=0.6
minDiv=2
[rnorm2]
scale=0.4
pow=0.5
[conv2]
epsW=0.01,0.02,0.03
epsB=0.04
momW=0.1,0.2,0.3
momB=0.4
wc=1,2,3
[fc1]
epsW=0,0,0
epsB=0
momW=0.9,0.9,0.9
momB=0.9
wc=4,4,4
[fc2]
epsW=0.5,0.5 # a comment
EPSB=0.6
momw=0.9,0.9
momB=0.9
; another
[hs1]
enable=true
"""


def pooled(written, **keys):
    """Return the network of one pooling of 2 maps, 7 x 7."""
    settings = {"pool": "max", "sizeX": 3, "stride": 2, "channels": 2} | keys
    lines = "".join(f"{key}={value}\n" for key, value in settings.items())
    head, tail = WEB.split("[conv1]")[0], WEB[WEB.index("[probs]") :]
    pool = f"[pool]\ntype=pool\ninputs=data\n{lines}"
    return written(head + pool + tail.replace("fc2", "pool"), "", (2, 7, 7))


def assert_refused(written, file, old, new, words):
    """See that a change of CIFAR's files is refused, at the line where it stands."""
    texts = list(CIFAR)
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    with pytest.raises(CfgError, match=words) as caught:
        written(*texts, (3, 32, 32))
    found = re.match(r".*/(\w+\.cfg):(\d+): (.*)", str(caught.value))
    name, line, message = found.groups()
    said = texts[0 if name == "layers.cfg" else 1].split("\n")[int(line) - 1]
    section = f": {said} expected"
    assert section in str(caught.value) or said.partition("=")[0] in message
