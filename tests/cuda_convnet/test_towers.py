"""Two towers as one network of groups: the same shapes and sums, or a refusal."""

import pytest

from minialexnet import alexnet
from minialexnet.cuda_convnet.towers import join_towers
from minialexnet.layers import Convolution2D, LocalResponseNormalization
from tests.support.layer_files import CIFAR, CLASSES, NARROW, WIDTH


def test_the_papers_towers_are_the_profile(written):
    joined = join_towers(written(*NARROW, (3, 63, 63)))
    one = alexnet("2012", CLASSES, 1 / WIDTH, 63, seed=None)
    both = [network.table((3, 63, 63)).rows for network in (joined, one)]
    counted = [
        [(r.output_shape, r.parameters, r.multiply_adds) for r in rows if r.parameters]
        for rows in both
    ]
    assert counted[0] == counted[1]
    groups = [
        [layer.groups for _, layer in network.leaves() if isinstance(layer, kind)]
        for network in (joined, one)
        for kind in (Convolution2D, LocalResponseNormalization)
    ]
    assert groups[:2] == groups[2:]
    assert list(joined.layers)[:4] == ["conv1", "rnorm1", "pool1", "pool1_neuron"]


CONV = "[{}]\ntype=conv\ninputs={}\nchannels={}\nfilters=4\nfilterSize=3\npadding=1\n"
DENSE = "[{}]\ntype=fc\ninputs={}\noutputs=6\n"
ENDS = (
    "[data]\ntype=data\ndataIdx=0\n[labels]\ntype=data\ndataIdx=1\n",
    "[probs]\ntype=softmax\ninputs=last\n"
    "[cost]\ntype=cost.logreg\ninputs=labels,probs\n",
)
# Two rows of two convolutions and a dense layer, and a dense layer after them.
ROWS = {
    "conv1a": CONV.format("conv1a", "data", 3),
    "conv1b": CONV.format("conv1b", "data", 3) + "gpu=1\n",
    "conv2a": CONV.format("conv2a", "conv1a", 4),
    "conv2b": CONV.format("conv2b", "conv1b", 4),
    "fca": DENSE.format("fca", "conv2a,conv2b") + "gpu=0\n",
    "fcb": DENSE.format("fcb", "conv2a,conv2b") + "gpu=1\n",
    "last": DENSE.format("last", "fca,fcb"),
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conv1b": ("gpu=1", "gpu=0"), "fcb": ("gpu=1", "gpu=0")}, "them on 0$"),
        ({"conv1b": ("gpu=1", "gpu=2"), "fcb": ("gpu=1", "gpu=2")}, "on 0 and 2$"),
        ({"last": ("inputs", "gpu=1\ninputs")}, "on GPU 0 beside last, got none"),
        ({"conv1b": ("=3\npadding=1", "=5\npadding=2")}, "conv1a and conv1b to be al"),
        ({"conv2a": ("inputs=conv1a", "gpu=0\ninputs=conv1b"),
          "conv2b": ("inputs=conv1b", "gpu=1\ninputs=conv1a")}, "2b to see"),
        ({"conv2a": ("=4\nfilterS", "=2\ngroups=2\nfilterS"),
          "conv2b": ("=4\nfilterS", "=2\ngroups=2\nfilterS")}, "without groups"),
        ({"fca": (",conv2b", ""), "fcb": ("conv2a,", "")}, "fca and fcb to see both"),
    ],
)  # fmt: skip
def test_what_has_no_two_equal_rows_is_refused(written, changes, words):
    def network(changes):
        sections = {
            name: text.replace(*changes.get(name, ("", "")))
            for name, text in ROWS.items()
        }
        params = ""
        for name, text in sections.items():
            several = text.count(",", 0, text.index("\n", text.index("inputs"))) + 1
            rate, momentum = (",".join([n] * several) for n in ("0.1", "0.9"))
            params += f"[{name}]\nepsW={rate}\nmomW={momentum}\nepsB=0\nmomB=0\n"
            sections[name] += "initW=" + ",".join(["0.1"] * several) + "\n"
        layers = ENDS[0] + "".join(sections.values()) + ENDS[1]
        return written(layers, params, (3, 6, 6), seed=None)

    assert list(join_towers(network({})).layers) == [
        *("conv1", "conv2", "conv2_flat", "fc", "last")
    ]
    with pytest.raises(ValueError, match=words):
        join_towers(network(changes))


def test_one_row_is_refused(written):
    with pytest.raises(ValueError, match="got them on 0"):
        join_towers(written(*CIFAR, (3, 32, 32)))
