"""Weights read from the files of other programs, written here by their descriptions."""

import json
import os

import numpy as np
import pytest

from minialexnet import weights
from minialexnet.weights import WeightsError, caffe, safetensors
from tests.support import weight_files as wf

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 3, 256, 256), np.uint8)


def read(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    return weights.read(tmp_path / name)


def agree(found, net, profile, size, **more):
    """Whether a network was read as it was, and computes the same."""
    assert found.description == {
        "model": "alexnet", "profile": profile, "classes": 3, "width": wf.WIDTH,
        "input_size": size, "towers": 2, "seed": 0, **more,
    }  # fmt: skip
    assert list(found.network.layers) == list(net.layers)
    for name, w in net.parameters().items():
        assert found.network.parameters()[name].dtype == np.float32
        assert np.array_equal(found.network.parameters()[name], w), name
    x = found.preprocessing.center(PICTURES)
    assert x.shape == (2, 3, size, size)
    assert np.array_equal(found.network.forward(x), net.forward(x))


def as_caffe(x, size, mean=(104, 117, 123), scale=1):
    """Return the centre of RGB pictures as Caffe's code would: BGR, less the mean."""
    edge = (256 - size) // 2
    x = x[:, ::-1, edge : edge + size, edge : edge + size].astype(np.float64)
    return (x - np.reshape(mean, (3, 1, 1))) * scale


# Caffe


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("profile", ["caffe", "caffenet"])
def test_a_caffemodel_of_either_version(tmp_path, profile, version):
    net = wf.network(profile)
    layers = wf.caffe_layers(pool_first=profile == "caffenet")
    # Where each version keeps the crop: V1 in the data layer's own settings.
    crop = wf.pb(11, [wf.pb(5, 227)]) if version == 1 else wf.pb(100, [wf.pb(3, 227)])
    data = wf.caffemodel(wf.arrays(net), layers, version, [crop])
    found = read(tmp_path, "a.caffemodel", data)
    agree(found, net, profile, 227)
    x = found.preprocessing.center(PICTURES)
    np.testing.assert_allclose(x, as_caffe(PICTURES, 227), rtol=1e-6)


def test_lrn_divides_alpha_by_n_and_begins_at_1(tmp_path):
    data = wf.caffemodel(wf.arrays(wf.network("caffe")), wf.caffe_layers())
    lrn = read(tmp_path, "a.caffemodel", data).network.layers["lrn1"]
    x = np.array([30.0, 40.0]).reshape(1, 2, 1, 1)
    expected = x / (1 + 1e-4 / 5 * (30**2 + 40**2)) ** 0.75
    np.testing.assert_allclose(lrn.forward(x), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("version", "crop"),
    [(1, wf.pb(11, [wf.pb(5, 224)])), (2, wf.pb(100, [wf.pb(3, 224)]))],
)
def test_the_crop_of_the_file_is_the_size(tmp_path, version, crop):
    net = wf.network("caffe", size=224)
    data = wf.caffemodel(wf.arrays(net), wf.caffe_layers(), version, [crop])
    agree(read(tmp_path, "a.caffemodel", data), net, "caffe", 224)


@pytest.mark.parametrize(
    "top",
    [
        [wf.pb(3, "data"), *(wf.pb(4, n) for n in (10, 3, 224, 224))],
        [wf.pb(3, "data"), wf.pb(8, [wf.pb(1, n) for n in (10, 3, 224, 224)])],
    ],
)
def test_pictures_of_another_size_where_the_file_says_so(tmp_path, top):
    net = wf.network("caffe", size=224)
    data = wf.caffemodel(wf.arrays(net), wf.caffe_layers(), top=top)
    agree(read(tmp_path, "a.caffemodel", data), net, "caffe", 224)


def test_an_input_layer_gives_the_size(tmp_path):
    net = wf.network("caffe", size=224)
    shape = [wf.pb(1, n) for n in (10, 3, 224, 224)]
    source = wf.pb(100, [wf.pb(2, "Input"), wf.pb(143, [wf.pb(1, shape)])])
    data = source + wf.caffemodel(wf.arrays(net), wf.caffe_layers())
    agree(read(tmp_path, "a.caffemodel", data), net, "caffe", 224)


def test_mean_values_and_scale_of_the_file_are_carried(tmp_path):
    transform = [wf.pb(1, 0.5), *(wf.pb(5, m) for m in (10.0, 20.0, 30.0))]
    data = wf.caffemodel(
        wf.arrays(wf.network("caffe")), wf.caffe_layers(), 2, [wf.pb(100, transform)]
    )
    x = read(tmp_path, "a.caffemodel", data).preprocessing.center(PICTURES)
    np.testing.assert_allclose(x, as_caffe(PICTURES, 227, (10, 20, 30), 0.5), rtol=1e-6)


def test_a_blob_of_doubles_and_one_turned_round(tmp_path):
    net = wf.network("caffe")
    arrays, layers = wf.arrays(net), wf.caffe_layers()
    arrays["fc7"] = (arrays["fc7"][0].T, arrays["fc7"][1])
    dict((name, s) for name, _, s in layers)["fc7"]["transpose"] = 1
    data = wf.caffemodel(arrays, layers, double=True)
    agree(read(tmp_path, "a.caffemodel", data), net, "caffe", 227)


def test_a_kernel_given_by_height_and_width_and_a_split(tmp_path):
    net, layers = wf.network("caffe"), wf.caffe_layers()
    layers[0][2].pop("kernel")
    layers[0][2].update(kernel_h=11, kernel_w=11)
    layers.insert(1, ("split", "Split", {"tops": ["other", "conv1"]}))
    layers[2][2]["bottom"] = "conv1"
    data = wf.caffemodel(wf.arrays(net), layers)
    agree(read(tmp_path, "a.caffemodel", data), net, "caffe", 227)


def test_the_mean_image(tmp_path):
    image = np.random.default_rng(0).random((1, 3, 8, 8), np.float32)
    for name, old in (("old", True), ("new", False)):
        (tmp_path / name).write_bytes(b"".join(wf.blob(image, old)))
        assert np.array_equal(caffe.read_mean(tmp_path / name), image[0, ::-1])


# PyTorch


@pytest.mark.parametrize("write", [wf.legacy, wf.zipped])
@pytest.mark.parametrize("ending", [".pth", ".pt"])
def test_a_state_dict_of_either_form(tmp_path, write, ending):
    net = wf.network("torchvision")
    found = read(tmp_path, f"a{ending}", write(wf.state_dict(net)))
    agree(found, net, "torchvision", 224)
    x = PICTURES[:, :, 16:240, 16:240] / 255
    mean, std = np.reshape([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], (2, 3, 1, 1))
    made = found.preprocessing.center(PICTURES)
    np.testing.assert_allclose(made, (x - mean) / std, rtol=1e-5, atol=1e-6)


def test_a_zip_archive_of_the_short_form_too(tmp_path):
    net = wf.network("torchvision")
    data = wf.zipped(wf.state_dict(net), zip64=False)
    agree(read(tmp_path, "a.pth", data), net, "torchvision", 224)


def test_tensors_that_are_turned_shifted_and_share_a_storage(tmp_path):
    net = wf.network("torchvision")
    state = wf.state_dict(net)
    W, b = state["classifier.4.weight"], state["classifier.4.bias"]
    both = np.concatenate([W.T.ravel(), b])
    pickle = wf.state_pickle(state)
    for name, shape, strides, at in (
        ("classifier.4.weight", W.shape, (1, 32), 0),
        ("classifier.4.bias", b.shape, (1,), W.size),
    ):
        key = str(list(state).index(name))
        old = wf.unicode(name) + wf.tensor(key, state[name], False)
        new = wf.tensor("99", both, False, at, shape, strides)
        assert pickle.count(old) == 1
        pickle = pickle.replace(old, wf.unicode(name) + new)
    data = wf.zipped(state, pickle, more={"alexnet/data/99": both.tobytes()})
    agree(read(tmp_path, "a.pth", data), net, "torchvision", 224)


def test_doubles_become_single(tmp_path):
    net = wf.network("torchvision")
    state = {name: a.astype(np.float64) for name, a in wf.state_dict(net).items()}
    agree(read(tmp_path, "a.pth", wf.legacy(state)), net, "torchvision", 224)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_other_protocols_of_pickle(protocol):
    import pickle

    from minialexnet.weights.pickles import unpickle

    value = {"a": (1, -7, 2**40, 1.5, None, True, False), "c" * 300: "ä"}
    value["b"] = [[], {}, (), [{}]]
    one, other = [1], [2]
    value["again"] = [one, other, one, other]
    data = pickle.dumps(value, protocol)
    assert unpickle(memoryview(data + b"more")) == (value, len(data))


# ONNX


@pytest.mark.parametrize("how", [{}, {"raw": False}, {"old": True}])
def test_the_model_zoos_alexnet(tmp_path, how):
    net = wf.zoo()
    found = read(tmp_path, "a.onnx", wf.onnx(wf.arrays(net), wf.onnx_nodes(), **how))
    agree(found, net, "caffe", 224, change={"pool_ceil_mode": wf.ZOO})
    shapes = [row.output_shape for row in found.network.table((3, 224, 224)).rows]
    assert [s[1] for s in shapes if len(s) == 3] == [
        *(54, 54, 54, 26), *(26, 26, 26, 12), *(12, 12), *(12, 12), *(12, 12, 6),
    ]  # fmt: skip
    x = found.preprocessing.center(PICTURES)
    np.testing.assert_allclose(x, as_caffe(PICTURES, 224), rtol=1e-6)


def test_torchvisions_alexnet_as_onnx(tmp_path):
    net = wf.network("torchvision")
    data = wf.onnx(wf.arrays(net), wf.onnx_nodes(torchvision=True))
    found = read(tmp_path, "a.onnx", data)
    agree(found, net, "torchvision", 224)
    assert found.preprocessing.order == "RGB"


@pytest.mark.parametrize(
    "ups", [(True, True, True), (True, False, False), (False, True, True)]
)
def test_rounding_is_read_for_each_pool(tmp_path, ups):
    """Written as padding behind the picture, which rounds up as ceil_mode does."""
    five = [*ups[:2], True, True, ups[2]]
    net = wf.network("caffe", size=224, pool_ceil_mode=five)
    nodes = wf.onnx_nodes()
    pools = [settings for operator, _, settings in nodes if operator == "MaxPool"]
    for up, settings in zip(ups, pools, strict=True):
        settings["pads"] = [0, 0, 1, 1] if up else [0, 0, 0, 0]
    found = read(tmp_path, "a.onnx", wf.onnx(wf.arrays(net), nodes))
    # Where the sides divide evenly, either way of rounding is the profile's own.
    changes = found.description.get("change")
    agree(found, net, "caffe", 224, **({"change": changes} if changes else {}))
    assert (changes is None) == ups[0]


def test_rounding_up_by_ceil_mode_and_weights_turned_round(tmp_path):
    net, nodes = wf.network("caffe", size=224), wf.onnx_nodes()
    arrays = wf.arrays(net)
    for operator, name, settings in nodes:
        if operator == "MaxPool":
            settings |= {"pads": [0, 0, 0, 0], "ceil_mode": 1}
        if name == "fc8":
            settings["transB"] = 0
            arrays[name] = (arrays[name][0].T, arrays[name][1])
    agree(read(tmp_path, "a.onnx", wf.onnx(arrays, nodes)), net, "caffe", 224)


@pytest.mark.parametrize("kind", [10, 11])
def test_half_and_double_precision(tmp_path, kind):
    net = wf.zoo()
    data = wf.onnx(wf.arrays(net), wf.onnx_nodes(), kind=kind)
    found = read(tmp_path, "a.onnx", data).network.parameters()
    for name, w in net.parameters().items():
        expected = w.astype(np.float16 if kind == 10 else np.float64)
        assert np.array_equal(found[name], expected)


# safetensors


def test_a_state_dict_as_safetensors(tmp_path):
    net = wf.network("torchvision")
    data = wf.safetensors(wf.state_dict(net), {"format": "pt"})
    agree(read(tmp_path, "a.safetensors", data), net, "torchvision", 224)


def test_what_is_saved_is_loaded_and_lies_as_its_items_ask(tmp_path):
    rng, path = np.random.default_rng(0), tmp_path / "a.safetensors"
    arrays = {
        "bytes": rng.integers(0, 256, 5, np.uint8),
        "turned": rng.random((3, 4)).T,
        "half": rng.random((3, 1)).astype(np.float16),
        "big": rng.random(2).astype(">f4"),
        "one": np.array(7, np.int64),
        "none": np.zeros((0, 3), np.float32),
        "truth": np.array([True, False]),
    }
    state = {"words": ["ä", None, 1.5]}
    safetensors.save(path, arrays, state)
    loaded, found = safetensors.load(path)
    assert found == state
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        assert loaded[name].dtype == array.dtype.newbyteorder("<"), name
        assert np.array_equal(loaded[name], array), name
        assert loaded[name].shape == array.shape, name
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    for name, array in arrays.items():
        assert header[name]["data_offsets"][0] % array.itemsize == 0, name


@pytest.mark.parametrize(
    ("array", "state", "words"),
    [
        (np.zeros(2, complex), {}, "a.safetensors: expected x of numbers, got complex"),
        (
            np.zeros(2),
            {"a": "b" * 2**20},
            "a.safetensors: expected at most .* header of",
        ),
    ],
)
def test_what_the_format_cannot_hold_is_refused(tmp_path, array, state, words):
    with pytest.raises(WeightsError, match=words):
        safetensors.save(tmp_path / "a.safetensors", {"x": array}, state)
    assert not list(tmp_path.iterdir())


# What is no file of weights


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"a.h5: expected a file ending in .c"):
        read(tmp_path, "a.h5", b"")


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a.pth"):
        weights.read(tmp_path / "a.pth")


def test_a_folder_a_pipe_and_a_file_too_large_are_refused(tmp_path):
    os.mkfifo(tmp_path / "a.onnx")
    with pytest.raises(WeightsError, match=r"a.onnx: expected a file, got something"):
        weights.read(tmp_path / "a.onnx")
    with open(tmp_path / "b.onnx", "wb") as file:
        file.truncate(10**9)
    with pytest.raises(WeightsError, match=r"at most 503,316,480 bytes, got 1,0"):
        weights.read(tmp_path / "b.onnx")
    (tmp_path / "c.onnx").mkdir()
    with pytest.raises(IsADirectoryError, match=r"c.onnx"):
        weights.read(tmp_path / "c.onnx")
