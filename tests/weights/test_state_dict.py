"""State dicts as people save them: wrapped, renamed, in half precision."""

import json

import numpy as np
import pytest

from minialexnet import model, weights
from minialexnet.weights import WeightsError
from tests.support import weight_files as wf

NET = wf.network("torchvision")
STATE = wf.state_dict(NET)
SMALL = {f"layers.{i}.weight": np.zeros((2, 2), np.float32) for i in range(3)}


def read(tmp_path, name, data, **asked):
    (tmp_path / name).write_bytes(data)
    return weights.read(tmp_path / name, **asked)


def same(found, net=NET):
    """Whether the weights are those of a network, each in its place."""
    expected, got = net.parameters(), found.network.parameters()
    assert list(got) == list(expected)
    for name, w in expected.items():
        assert np.array_equal(got[name], w), name


# What training saves


@pytest.mark.parametrize("write", [wf.zipped, wf.legacy])
@pytest.mark.parametrize(
    "path", [["state_dict"], ["model"], ["model_state_dict"], ["net", "state_dict"]]
)
def test_a_state_dict_among_what_training_saves(tmp_path, write, path):
    old = write is wf.legacy
    value = wf.state_pickle(STATE, old)[2:-1]  # without its beginning and end
    moment = wf.tensor("3", STATE["features.3.bias"], old)
    for name in reversed(path):
        value = wf.dict_of(
            {"epoch": b"K\7", "arch": wf.unicode("alexnet"), name: value}
            | {"best_acc1": moment, "optimizer": wf.dict_of({"state": moment})}
        )
    same(read(tmp_path, "model_best.pth.tar", write(STATE, b"\x80\2" + value + b".")))


def test_storages_that_no_weight_needs_are_not_read(tmp_path):
    """The optimiser's may be larger than the weights, or not be there at all."""
    moment = wf.tensor("missing", np.zeros(10**6, np.float32), False)
    value = wf.dict_of({"state_dict": wf.state_pickle(STATE)[2:-1], "m": moment})
    same(read(tmp_path, "a.ckpt", wf.zipped(STATE, b"\x80\2" + value + b".")))


def test_a_storage_that_is_not_there_is_named(tmp_path):
    state = STATE | {"features.3.bias": np.zeros(4, np.float32)}
    pickle = wf.state_pickle(state)
    assert len(STATE["features.3.bias"]) != 4
    with pytest.raises(WeightsError, match="4 numbers in storage '3', got 0 bytes"):
        read(tmp_path, "a.pth", wf.zipped(STATE, pickle))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda name: f"module.{name}",
        lambda name: f"model.{name}",
        lambda name: f"model.module.{name}",
        lambda name: f"_orig_mod.{name}",
        lambda name: name.replace("features.", "features.module."),
    ],
)
def test_prefixes_of_wrappers(tmp_path, wrap):
    found = read(tmp_path, "a.pth", wf.zipped({wrap(n): a for n, a in STATE.items()}))
    same(found)
    assert found.taken == {}
    assert found.description["profile"] == "torchvision"


@pytest.mark.parametrize(
    "name", ["a.pth", "a.pt", "a.pth.tar", "a.bin", "a.ckpt", "A.PTH", "a.v1.Pth.Tar"]
)
def test_endings_that_people_give(tmp_path, name):
    same(read(tmp_path, name, wf.zipped(STATE)))


def test_an_ending_in_capitals_of_caffe(tmp_path):
    net = wf.network("caffe")
    data = wf.caffemodel(wf.arrays(net), wf.caffe_layers())
    same(read(tmp_path, "BVLC.CAFFEMODEL", data), net)


# Numbers of two bytes


def rounded(array):
    """Return an array as bfloat16 holds it, and the upper halves of its numbers."""
    halves = (array.view(np.uint32) >> 16).astype(np.uint16)
    return (halves.astype(np.uint32) << 16).view(np.float32), halves


@pytest.mark.parametrize("form", [wf.zipped, wf.legacy, wf.safetensors])
def test_bfloat16(tmp_path, form):
    halves = {name: rounded(array)[1] for name, array in STATE.items()}
    name = "a.safetensors" if form is wf.safetensors else "a.pth"
    found = read(tmp_path, name, form(halves)).network.parameters()
    for (name, array), w in zip(found.items(), STATE.values(), strict=True):
        assert np.array_equal(array, rounded(w)[0]), name


@pytest.mark.parametrize("form", [wf.zipped, wf.safetensors])
def test_half_precision(tmp_path, form):
    halves = {name: a.astype(np.float16) for name, a in STATE.items()}
    name = "a.safetensors" if form is wf.safetensors else "a.pth"
    found = read(tmp_path, name, form(halves)).network.parameters()
    for array, w in zip(found.values(), halves.values(), strict=True):
        assert np.array_equal(array, w)


# Other names for the same layers

POPULAR = [
    *(f"net.{i}" for i in (0, 4, 8, 10, 12)),
    *(f"classifier.{i}" for i in (1, 4, 6)),
]


def renamed(net, stems):
    pairs = zip(wf.arrays(net).values(), stems, strict=True)
    return {
        f"{stem}.{end}": array
        for both, stem in pairs
        for end, array in zip(("weight", "bias"), both, strict=True)
    }


def test_other_names_are_matched_by_order_and_shape(tmp_path):
    found = read(tmp_path, "a.pth", wf.zipped(renamed(NET, POPULAR)))
    same(found)
    assert found.taken == dict(zip(wf.arrays(NET), POPULAR, strict=True))
    assert list(found.assumed) == ["mean", "std", "order"]


def test_names_in_the_order_of_the_alphabet(tmp_path):
    state = dict(sorted(renamed(NET, POPULAR).items()))
    assert list(state)[2] == "classifier.4.bias"
    same(read(tmp_path, "a.safetensors", wf.safetensors(state)))


def test_which_of_the_papers_networks_it_is_has_to_be_said(tmp_path):
    net = wf.network("caffenet")
    data = wf.zipped(renamed(net, POPULAR))
    words = "by --profile paper or 2012 or caffe or caffenet: its layers' shapes are"
    with pytest.raises(WeightsError, match=words):
        read(tmp_path, "a.pth", data)
    found = read(tmp_path, "a.pth", data, profile="caffenet", size=227)
    same(found, net)
    assert found.preprocessing.order == "BGR"
    assert found.assumed["layers"] == (
        "what stands between them, as in the profile caffenet"
    )


def test_a_rewrite_without_two_towers(tmp_path):
    net = wf.network("paper", size=227, two_towers=False)
    data = wf.zipped(renamed(net, POPULAR))
    found = read(tmp_path, "a.pth", data, profile="paper", size=227)
    same(found, net)
    x = found.preprocessing.center(np.full((1, 3, 256, 256), 99, np.uint8))
    assert np.array_equal(found.network.forward(x), net.forward(x))
    built = model.build(json.loads(json.dumps(found.description)))
    built.load(found.network.parameters(), built.states())
    assert np.array_equal(built.forward(x), net.forward(x))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            SMALL,
            r"or one of five convolutions and three dense layers, got 3: 'layers.0",
        ),
        ({}, "got 0"),
        (renamed(NET, POPULAR) | {"net.1.weight": np.zeros(3, "f4")}, "got 17: 'net.0"),
        (
            renamed(NET, POPULAR) | {"net.8.weight": np.zeros((3, 7, 3, 3), "f4")},
            r"expected conv3.W of shape \(3, 2, 3, 3\), as in profile torchvision",
        ),
    ],
)
def test_what_is_no_alexnet(tmp_path, state, words):
    with pytest.raises(WeightsError, match=words):
        read(tmp_path, "a.pth", wf.zipped(state))


# What is no file of weights


@pytest.mark.parametrize("name", ["a.onnx", "a.pth", "a.safetensors", "a.caffemodel"])
def test_a_git_lfs_pointer_is_called_one(tmp_path, name):
    data = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 244\n"
    with pytest.raises(WeightsError, match=f"{name}: .*got a Git LFS pointer to them"):
        read(tmp_path, name, data)


@pytest.mark.parametrize("step", [2**61 - 1, 2**40])
def test_keys_made_to_collide_are_refused_at_once(tmp_path, step):
    """Python's hash of a number is the number modulo 2**61 - 1; it took minutes."""
    count = 70_000
    keys = (k * step for k in range(1, count + 1))
    items = b"".join(
        b"\x8a\x0b" + key.to_bytes(11, "little", signed=True) + b"N" for key in keys
    )
    pickle = b"\x80\2}(" + items + b"u."
    assert len(pickle) < 2**20
    with pytest.raises(WeightsError, match=r"a whole pickle, got .*no text and no"):
        read(tmp_path, "a.pth", wf.zipped(STATE, pickle))


@pytest.mark.parametrize(
    "change",
    [
        lambda i: f"{'deep.' * 10_000}{i}",
        lambda i: f"net.{'9' * 5000}.{i}",
        lambda i: f"net.\N{SUPERSCRIPT TWO}.{i}",
    ],
)
def test_names_of_any_length_and_signs(tmp_path, change):
    state = renamed(NET, [change(i) for i in range(8)])
    same(read(tmp_path, "a.safetensors", wf.safetensors(dict(sorted(state.items())))))


# ONNX


def test_constants_are_found(tmp_path):
    net, nodes = wf.zoo(), wf.onnx_nodes()
    data = wf.onnx(wf.arrays(net), nodes, constants=True)
    same(read(tmp_path, "a.onnx", data), net)


def test_bfloat16_and_numbers_in_fields_of_their_own(tmp_path):
    net, nodes = wf.zoo(), wf.onnx_nodes()
    for kind, raw in ((16, True), (16, False), (10, False)):
        found = read(
            tmp_path, "a.onnx", wf.onnx(wf.arrays(net), nodes, kind=kind, raw=raw)
        )
        for name, w in net.parameters().items():
            expected = rounded(w)[0] if kind == 16 else w.astype(np.float16)
            assert np.array_equal(found.network.parameters()[name], expected), name


def test_an_operator_that_is_not_read_is_named_first(tmp_path):
    """PyTorch's LocalResponseNorm, as its exporter writes it, misses a tensor too."""
    nodes = wf.onnx_nodes()
    steps = [("Mul", None, {"inputs": ["out_1", "out_1"]}), ("Pow", None, {})]
    nodes[2:3] = [*steps, ("Div", None, {})]
    data = wf.onnx(wf.arrays(wf.zoo()), nodes)
    words = "an operator of an AlexNet, got 'Mul', 'out_2'; .*convert the state dict"
    with pytest.raises(WeightsError, match=words):
        read(tmp_path, "a.onnx", data)


def test_a_size_or_profile_that_the_file_contradicts(tmp_path):
    data = wf.onnx(wf.arrays(wf.zoo()), wf.onnx_nodes())
    with pytest.raises(WeightsError, match="expected --size 224, as the file has it"):
        read(tmp_path, "a.onnx", data, size=227)
    with pytest.raises(
        WeightsError, match="expected an AlexNet of profile torchvision"
    ):
        read(tmp_path, "a.onnx", data, profile="torchvision")
