"""Files that hold no AlexNet, or would do harm, end in one clear line."""

import json
import struct

import numpy as np
import pytest

from minialexnet import weights
from minialexnet.weights import WeightsError
from minialexnet.weights.protobuf import Message
from tests.support import weight_files as wf


def refused(tmp_path, name, data, words):
    """Whether a file is refused with words that name it, in one short line."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=words) as raised:
        weights.read(path)
    text = str(raised.value)
    assert text.startswith(f"{path}: expected ")
    assert len(text) < len(str(path)) + 400


# Caffe: another network


def changed(layer, settings, remove=()):
    """Return a caffemodel of which one layer is set otherwise."""
    layers = wf.caffe_layers()
    here = dict((name, s) for name, _, s in layers)[layer]
    for key in remove:
        here.pop(key)
    here.update(settings)
    return wf.caffemodel(wf.arrays(wf.network("caffe")), layers)


@pytest.mark.parametrize(
    ("layer", "settings", "words"),
    [
        ("norm1", {"alpha": 0.0005}, r"caffe, whose lrn1, got 'norm1': expected alpha"),
        ("norm1", {"k": 2.0}, "expected k 1, got 2.0"),
        ("norm2", {"n": 3}, "expected n 5, got 3"),
        ("norm2", {"beta": 0.5}, "expected beta 0.75, got 0.5"),
        ("norm2", {"within": 1}, "expected across channels, got space"),
        ("conv1", {"stride": 2}, "expected stride 4, got 2"),
        ("conv1", {"stride": 0}, "expected stride 4, got 0"),
        ("conv2", {"pad": 1}, "expected padding 2, got 1"),
        ("conv2", {"group": 1}, "expected groups 2, got 1"),
        ("conv2", {"dilation": 2}, "'conv2' without dilation"),
        ("conv2", {"kernel_h": 3}, r"expected kernel_size 5, got \(5, 3\)"),
        ("pool1", {"kernel": 2}, "expected kernel_size 3, got 2"),
        ("pool1", {"method": 1}, "'pool1' to be max pooling"),
        ("pool5", {"all": 1}, "'pool5' to be max pooling"),
        ("relu3", {"slope": 0.1}, "'relu3' without a slope"),
        ("conv3", {"bottom": "pool1"}, "'conv3' after 'pool1' instead of 'pool2'"),
    ],
)
def test_a_layer_that_is_set_otherwise(tmp_path, layer, settings, words):
    refused(tmp_path, "a.caffemodel", changed(layer, settings), words)


def test_a_network_with_other_layers(tmp_path):
    arrays, layers = wf.arrays(wf.network("caffe")), wf.caffe_layers()
    relu = layers.pop(1)
    words = "nearest is caffe, whose relu1, got 'norm1', which is lrn"
    refused(tmp_path, "a.caffemodel", wf.caffemodel(arrays, layers), words)
    layers.insert(1, relu)
    words = "whose fc8, got 'relu9', which is relu"
    layers.insert(-1, ("relu9", "ReLU", {}))
    refused(tmp_path, "a.caffemodel", wf.caffemodel(arrays, layers), words)
    layers.pop(-2)
    words = "caffe, of 20 layers, got 19"
    refused(tmp_path, "a.caffemodel", wf.caffemodel(arrays, layers[:-1]), words)
    layers[3] = ("concat", "Concat", {})
    words = "an AlexNet's layer, got 'concat', 'Concat'"
    refused(tmp_path, "a.caffemodel", wf.caffemodel(arrays, layers), words)
    words = "an AlexNet's layer, got 'concat', 'type 3'"
    refused(tmp_path, "a.caffemodel", wf.caffemodel(arrays, layers, 1), words)


def test_the_nearest_is_the_one_that_is_alike_the_longest(tmp_path):
    layers = wf.caffe_layers(pool_first=True)
    layers[4][2]["stride"] = 2
    data = wf.caffemodel(wf.arrays(wf.network("caffenet")), layers)
    words = (
        "the nearest is caffenet, whose conv2, got 'conv2': expected stride 1, got 2"
    )
    refused(tmp_path, "a.caffemodel", data, words)


def test_weights_of_another_shape(tmp_path):
    arrays = wf.arrays(wf.network("caffe"))
    W, b = arrays["conv3"]
    data = wf.caffemodel(arrays | {"conv3": (W[:, :1], b)}, wf.caffe_layers())
    words = r"conv3.W of shape \(4, 2, 3, 3\), as in profile caffe.*got \(4, 1, 3, 3\)"
    refused(tmp_path, "a.caffemodel", data, words)
    data = wf.caffemodel(arrays | {"conv3": (W,)}, wf.caffe_layers())
    refused(tmp_path, "a.caffemodel", data, "biases in 'conv3', got 1 blobs")


def test_numbers_that_are_none(tmp_path):
    arrays = wf.arrays(wf.network("caffe"))
    arrays["fc7"][1][3] = np.nan
    data = wf.caffemodel(arrays, wf.caffe_layers())
    refused(tmp_path, "a.caffemodel", data, "finite numbers in fc7.b")
    transform = [wf.pb(100, [wf.pb(1, float("inf"))])]
    data = wf.caffemodel(arrays, wf.caffe_layers(), data=transform)
    refused(tmp_path, "a.caffemodel", data, "a scale and mean of pixels, got inf")
    transform = [wf.pb(100, [wf.pb(5, 1.0), wf.pb(5, 2.0)])]
    data = wf.caffemodel(arrays, wf.caffe_layers(), data=transform)
    refused(tmp_path, "a.caffemodel", data, "mean values of 3 colours, got 2")


def test_a_file_without_layers(tmp_path):
    refused(tmp_path, "a.caffemodel", b"", "a network of Caffe's, got no layers")


# Protocol buffers


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x08", "more bytes, got the end"),
        (b"\x08" + b"\x80" * 10 + b"\x01", "at most ten bytes"),
        (b"\x02\x00", "a field numbered 0"),
        (b"\x0b", "a field of kind 3"),
        (b"\x0a\x05abcd", "a field of 5 bytes, got 4"),
        (b"\x0a" + wf.varint(2**63) + b"abcd", "a field of 9,223,372,036,854,775,808"),
        (b"\x09abcdefg", "a field of 8 bytes, got 7"),
        (b"\x08\x01" * 100_001, "at most 100,000 fields"),
    ],
)
def test_bytes_that_are_no_message(tmp_path, data, words):
    with pytest.raises(WeightsError, match=words):
        Message(memoryview(data))


def test_the_messages_inside_share_one_budget():
    inner = wf.pb(1, [wf.pb(1, 1)] * 1000)
    outer = Message(memoryview(inner * 200))
    with pytest.raises(WeightsError, match="at most 100,000 fields"):
        outer.messages(1)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m: m.text(1), "bytes in field 1, got a number"),
        (lambda m: m.numbers(2), "numbers of 4 bytes in field 2, got 3"),
        (lambda m: m.message(2), "field"),
    ],
)
def test_a_field_that_is_written_otherwise(ask, words):
    with pytest.raises(WeightsError, match=words):
        ask(Message(memoryview(wf.pb(1, 7) + wf.pb(2, b"\x0f\xff\xff"))))


def test_of_a_field_that_stands_there_twice_the_last_counts():
    message = Message(
        memoryview(wf.pb(1, 7) + wf.pb(1, 8) + wf.pb(2, "a") + wf.pb(2, "b"))
    )
    assert (message.integer(1), message.text(2)) == (8, "b")


def test_a_packed_list_of_numbers_uses_the_budget_up():
    message = Message(memoryview(wf.pb(1, bytes(100_000))))
    with pytest.raises(WeightsError, match="fewer numbers in field 1"):
        message.integers(1)


# ONNX


def onnx_with(place, operator=None, **settings):
    nodes = wf.onnx_nodes()
    old, name, attributes = nodes[place]
    nodes[place] = (operator or old, name, attributes | settings)
    return wf.onnx(wf.arrays(wf.zoo()), nodes)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (onnx_with(0, pads=[0, 0, 3, 3]), "expected outputs 54, got 55"),
        (onnx_with(0, pads=[1, 0, 0, 0]), r"expected padding 0, got \(1, 0\)"),
        (onnx_with(0, auto_pad="SAME_UPPER"), "padding in numbers.*SAME_UPPER"),
        (onnx_with(0, dilations=[2, 2]), "without dilation"),
        (onnx_with(2, bias=2.0), "expected k 1, got 2.0"),
        (onnx_with(2, alpha=0.0005), "expected alpha / n"),
        (onnx_with(3, pads=[0, 0, 3, 3]), r"outputs \d+, got 28"),
        (onnx_with(3, "AveragePool"), "an operator of an AlexNet, got 'AveragePool'"),
        (onnx_with(1, "LeakyRelu"), "an operator of an AlexNet, got 'LeakyRelu'"),
        (onnx_with(1, "Softmax"), "'out_2', 'LRN', after 'out_1' instead of ''"),
        (onnx_with(4, inputs=["out_1"]), "after 'out_1' instead of 'out_3'"),
        (onnx_with(4, inputs=["out_3"]), "biases in 'out_4', got 0 tensors"),
        (
            onnx_with(4, inputs=["out_3", "a", "b"]),
            "a tensor 'a' in the file, got none",
        ),
    ],
)
def test_a_graph_of_another_network(tmp_path, data, words):
    refused(tmp_path, "a.onnx", data, words)


def test_a_dense_layer_with_factors(tmp_path):
    nodes = [i for i, (op, *_) in enumerate(wf.onnx_nodes()) if op == "Gemm"]
    words = r"x W \+ b in 'out_\d+', got factors "
    data = onnx_with(nodes[0], alpha=0.5)
    refused(tmp_path, "a.onnx", data, rf"{words}\[0.5, 1.0\]")
    data = onnx_with(nodes[0], transA=1)
    refused(tmp_path, "a.onnx", data, words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (wf.pb(2, 1), wf.pb(2, 7), "to be of floating point, got type 7"),
        (
            wf.pb(2, 1),
            wf.pb(2, 1) + wf.pb(14, 1),
            r"in this file, got its place in another .*external_data=False",
        ),
        (wf.pb(1, 2), wf.pb(1, 3), r"in 'conv1_b_0' as its shape \[3\] has, got 2"),
        (wf.pb(1, 2), wf.pb(1, -2), r"as its shape \[-2\] has"),
    ],
)
def test_tensors_outside_or_of_whole_numbers(tmp_path, old, new, words):
    arrays, nodes = wf.arrays(wf.zoo()), wf.onnx_nodes()
    data = wf.onnx(arrays, nodes, changed={"conv1_b_0": (old, new)})
    refused(tmp_path, "a.onnx", data, words)


@pytest.mark.parametrize("shape", [(1, 3, 224, 225), (1, 1, 224, 224), (3, 224, 224)])
def test_pictures_of_another_kind(tmp_path, shape):
    dimensions = [wf.pb(1, [wf.pb(1, n)]) for n in shape]
    value = [wf.pb(1, "x"), wf.pb(2, [wf.pb(1, [wf.pb(2, dimensions)])])]
    data = wf.pb(7, [wf.pb(11, value)])
    refused(tmp_path, "a.onnx", data, "an input N x 3 x size x size")


def test_a_graph_of_two_inputs(tmp_path):
    data = wf.pb(7, [wf.pb(11, [wf.pb(1, "a")]), wf.pb(11, [wf.pb(1, "b")])])
    refused(tmp_path, "a.onnx", data, "one input, got 2")


# PyTorch: what a pickle may not do

SYSTEM = b"cos\nsystem\n" + wf.unicode("touch {}/planted") + b"\x85R"
WRITERS = [wf.zipped, wf.legacy]
BOTH = pytest.mark.parametrize("write", WRITERS)


def planted(tmp_path, write, opcodes, words):
    state = wf.state_dict(wf.network("torchvision"))
    pickle = wf.state_pickle(state, write is wf.legacy, wf.unicode("x") + opcodes)
    refused(tmp_path, "a.pth", write(state, pickle), words)


@BOTH
@pytest.mark.parametrize(
    "call",
    [
        b"cos\nsystem\n%s\x85R",
        b"cposix\nsystem\n%s\x85R",
        b"c__builtin__\neval\n%s\x85R",
        b"ctorch\nload\n%s\x85R",
        b"X\2\0\0\0osX\6\0\0\0system\x93%s\x85R",  # STACK_GLOBAL
    ],
)
def test_a_planted_os_system_does_not_run(tmp_path, write, call):
    command = wf.unicode(f"touch {tmp_path}/planted")
    words = "names '.*', which was not run"
    planted(tmp_path, write, call.replace(b"%s", command), words)
    assert [p.name for p in tmp_path.iterdir()] == ["a.pth"]


def test_the_planted_command_would_run_in_pickle(tmp_path):
    import pickle

    pickle.loads(b"cos\nsystem\n" + wf.unicode(f"touch {tmp_path}/planted") + b"\x85R.")
    assert (tmp_path / "planted").exists()


@BOTH
@pytest.mark.parametrize(
    ("opcodes", "words"),
    [
        (b"(ios\nsystem\n", "state dict, got INST"),
        (b"(oN", "state dict, got OBJ"),
        (b")\x81", "state dict, got NEWOBJ"),
        (b"\x82\1", "state dict, got EXT1"),
        (b"P0\n", "state dict, got PERSID"),
        (b"\x96" + struct.pack("<Q", 2**40), "state dict, got BYTEARRAY8"),
        (b"\xfe", "state dict, got fe"),
        (b"r" + struct.pack("<I", 2**32 - 1), "pickle|dict"),  # a place in the memo
        (b"\x8d" + struct.pack("<Q", 2**62) + b"abc", "a whole pickle"),
        (b"h\xee", "a whole pickle, got KeyError"),
        (b"0" * 5, "got POP"),
        (b"Q", "a whole pickle"),
        (b"NR", "got another use of ''"),
        (b"ccollections\nOrderedDict\nN\x85R", "another use of 'collections Ordered"),
        (b")Nb", "of tensors only, got 'x', tuple"),
        (b"]", "of tensors only, got 'x', list"),
        (b"K\7", "of tensors only, got 'x', int"),
    ],
)
def test_opcodes_that_no_state_dict_needs(tmp_path, write, opcodes, words):
    planted(tmp_path, write, opcodes, words)


@BOTH
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shape": (10**12,), "strides": (0,)}, "a tensor inside its 3 numbers"),
        ({"shape": (3,), "strides": (2,)}, "a tensor inside its 3 numbers"),
        ({"offset": 1}, "a tensor inside its 3 numbers"),
        ({"offset": 2**63}, "a tensor inside its 3 numbers"),
        ({"offset": -1}, "another use of 'torch._utils _rebuild_tensor_v2'"),
        ({"shape": (-4,)}, "another use of 'torch._utils _rebuild_tensor_v2'"),
        ({"shape": (2, 2)}, "another use of 'torch._utils _rebuild_tensor_v2'"),
        ({"shape": (1,) * 9, "strides": (1,) * 9}, "another use of"),
        ({"count": 10**15}, "in storage '6'|, got|storage '6'"),
        ({"count": -1}, "a tensor's storage, got another"),
    ],
)
def test_a_tensor_that_reaches_outside(tmp_path, write, change, words):
    state = wf.state_dict(wf.network("torchvision"))
    name, old = "features.6.bias", write is wf.legacy
    key, array = str(list(state).index(name)), state[name][:4]
    pickle = wf.state_pickle(state, old)
    right = wf.tensor(key, state[name], old)
    assert pickle.count(right) == 1
    state[name] = array
    pickle = pickle.replace(right, wf.tensor(key, array, old, **change))
    refused(tmp_path, "a.pth", write(state, pickle), words.replace("'6'", f"'{key}'"))


@BOTH
def test_tuples_within_tuples_are_not_written_out(tmp_path, write):
    """Two of the one before, a thousand times over: its text would never end."""
    bomb = b")" + b"q\x01h\x01\x86" * 1000
    planted(tmp_path, write, bomb, "of tensors only, got 'x', tuple")
    planted(
        tmp_path, write, b"ctorch._utils\n_rebuild_tensor\n" + bomb + b"R", "use|whole"
    )
    planted(tmp_path, write, bomb + b"Q", "expected")
    planted(tmp_path, write, bomb + bomb + b"\x93", "a whole pickle")


@BOTH
def test_a_pickle_too_long(tmp_path, write):
    words = "at most 1,048,576 bytes|a whole pickle|got the end"
    planted(tmp_path, write, b"N0" * 2**20, words.replace("whole", "whole") + "|POP")
    planted(tmp_path, write, wf.unicode("a" * 2**21), words)


@BOTH
def test_the_state_dict_of_another_network(tmp_path, write):
    state = {f"layer{i}.weight": np.zeros((2, 2), np.float32) for i in range(20)}
    words = "torchvision's alexnet, features.0.weight to classifier.6.bias, 16 tensors"
    got = "got 20: 'layer0.weight', 'layer1"
    refused(tmp_path, "a.pth", write(state), f"{words}, .*{got}")
    state = wf.state_dict(wf.network("torchvision"))
    state["features.6.weight"] = state["features.6.weight"][:, :1].copy()
    words = r"conv3.W of shape \(3, 2, 3, 3\).*torchvision.*got \(3, 1, 3, 3\)"
    refused(tmp_path, "a.pth", write(state), words)
    state = wf.state_dict(wf.network("torchvision"))
    state["features.3.bias"] = np.zeros(2, np.int64)
    refused(tmp_path, "a.pth", write(state), "conv2.b of floating point, got int64")


def test_zip_archives_that_are_damaged(tmp_path):
    state = wf.state_dict(wf.network("torchvision"))
    whole = wf.zipped(state)
    weight = state["classifier.4.weight"].tobytes()
    at = whole.index(weight) + 5
    flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    refused(
        tmp_path, "a.pth", flipped, "a whole zip archive, got a member with a wrong"
    )
    refused(tmp_path, "a.pth", whole[:-30], "a whole zip archive")
    words = "one data.pkl in the archive, got 'x/a'"
    refused(tmp_path, "a.pth", wf.archive({"x/a": b"1"}), words)
    order = {"alexnet/byteorder": b"big"}
    refused(tmp_path, "a.pth", wf.zipped(state, more=order), "little-endian machine")


def test_zip_archives_that_are_compressed_or_lie_upon_each_other(tmp_path):
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/data.pkl", b"a" * 1000)
    refused(tmp_path, "a.pth", out.getvalue(), "'a/data.pkl', which is compressed")
    # The same member ten thousand times: one sum after the other over the same bytes.
    data = wf.archive({"a/data/0": bytes(100_000)})
    at = data.index(b"PK\1\2")
    entry, end = data[at : data.index(b"PK\5\6")], data[data.index(b"PK\5\6") :]
    many = struct.pack("<HHII", 9999, 9999, 9999 * len(entry), at)
    bomb = data[:at] + entry * 9999 + end[:8] + many + end[20:]
    refused(tmp_path, "a.pth", bomb, "members of one name|on top of each other")
    more = struct.pack("<HHII", 10_001, 10_001, len(entry), at)
    bomb = data[:at] + entry + end[:8] + more + end[20:]
    refused(tmp_path, "a.pth", bomb, "got 10,001 members")


def test_bytes_of_something_else(tmp_path):
    refused(tmp_path, "a.pth", b"\x89HDF", "a file of torch.save, a zip archive or")
    data = wf.legacy(wf.state_dict(wf.network("torchvision")))
    big = data.replace(wf.unicode("little_endian") + b"\x88", wf.unicode("l") + b"\x88")
    refused(tmp_path, "a.pth", big, "little-endian machine")
    refused(tmp_path, "a.pth", data[:-4], "expected storage '15' of 12 bytes, got 8")


# safetensors


def entry(**change):
    right = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    return json.dumps({"a": right | change}).encode()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"{", "JSON"),
        (b"[]", "a JSON object, got list"),
        (b"[" * 100_000, "JSON"),
        (b"\xff", "JSON"),
        (b'{"a": 1}', "'a' with a dtype out of"),
        (b'{"a": null, "a": null}', "JSON, got a name stands there twice"),
        (b'{"__metadata__": 7}', "__metadata__ to be an object, got 7"),
        (entry(dtype="BF16"), "'a' with a dtype out of"),
        (entry(dtype=["F32"]), "'a' with a dtype out of"),
        (entry(shape=[2, 3]), "'a' with a dtype out of"),
        (entry(shape=[-2, -2]), "'a' with a dtype out of"),
        (entry(shape=[2.0, 2]), "'a' with a dtype out of"),
        (entry(shape=[2**40, 2**40], data_offsets=[0, 2**82]), "expected .* bytes aft"),
        (entry(shape=[1] * 10_000, data_offsets=[0, 4]), "'a' with a dtype out of"),
        (entry(data_offsets=[1, 17]), "'a' to begin at byte 0, got 1"),
        (entry(data_offsets=[16, 0]), "'a' with a dtype out of"),
        (entry(data_offsets=[0, 16, 32]), "'a' with a dtype out of"),
        (
            entry(),
            "to classifier.6.bias, 16 tensors, .*got 1: 'a', ...; 'a' is unknown",
        ),
    ],
)
def test_headers_that_are_wrong(tmp_path, header, words):
    data = struct.pack("<Q", len(header)) + header + bytes(16)
    refused(tmp_path, "a.safetensors", data, words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "8 bytes more, got 0"),
        (struct.pack("<Q", 2**63), "a header of at most 0 bytes, got 9,223"),
        (struct.pack("<Q", 2**21) + bytes(2**21), "a header of at most 1,048,576"),
        (struct.pack("<Q", 2) + b"{}" + bytes(3), "0 bytes after the header, got 3"),
    ],
)
def test_lengths_that_are_wrong(tmp_path, data, words):
    refused(tmp_path, "a.safetensors", data, words)


def test_more_parameters_than_any_alexnet(tmp_path, monkeypatch):
    monkeypatch.setattr("minialexnet.weights.network.MAX_BYTES", 10_000)
    data = wf.safetensors(wf.state_dict(wf.network("torchvision")))
    refused(tmp_path, "a.safetensors", data, "at most 2,500 parameters, got")
