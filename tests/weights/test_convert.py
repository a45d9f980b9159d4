"""``minialexnet convert``: from files of others to our own, and between these."""

import errno
import re
from itertools import pairwise

import numpy as np
import pytest

from minialexnet import cifar_net, cli, model, weights
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.files import checkpoint
from tests.support import weight_files as wf

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 3, 256, 256), np.uint8)


def convert(capsys, *arguments):
    """Return exit code, output and errors of the command."""
    code = cli.main(["convert", *map(str, arguments)])
    return code, *capsys.readouterr()


@pytest.fixture
def caffe(tmp_path):
    data = wf.caffemodel(wf.arrays(wf.network("caffe")), wf.caffe_layers())
    (tmp_path / "a.caffemodel").write_bytes(data)
    return tmp_path / "a.caffemodel"


@pytest.fixture
def torch(tmp_path):
    state = wf.state_dict(wf.network("torchvision"))
    (tmp_path / "a.pth").write_bytes(wf.legacy(state))
    return tmp_path / "a.pth"


def same(one, other):
    """Whether two models are built, behave and are named alike."""
    x = one.preprocessing.center(PICTURES)
    assert np.array_equal(x, other.preprocessing.center(PICTURES))
    assert np.array_equal(one.network.forward(x), other.network.forward(x))
    assert one.description == other.description
    assert one.class_names == other.class_names
    assert one.preprocessing.side == other.preprocessing.side


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_what_was_found_is_what_is_loaded(tmp_path, capsys, caffe, ending):
    out = tmp_path / f"b{ending}"
    code, output, errors = convert(capsys, caffe, out)
    assert (code, errors) == (0, "")
    found = weights.read(caffe)
    names = ("0", "1", "2")
    same(
        model.load(out),
        model.Model(found.network, found.preprocessing, names, found.description),
    )
    count = sum(w.size for w in found.network.parameters().values())
    assert output.splitlines() == [
        f"Found: alexnet, profile caffe, 8 layers with weights, {count:,} parameters, "
        "3 classes",
        "Takes: 227 x 227 pixels in BGR order, less the mean 123 117 104 (of RGB, "
        "0-255), divided by 1 1 1",
        "Assumed, since the file does not say it: 227 x 227 pixels; ImageNet's mean",
        f"Written: {out} ({out.stat().st_size:,} bytes)",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.caffemodel", out.name]


def test_our_own_files_into_each_other_and_back(tmp_path, capsys):
    mean = np.random.default_rng(0).random((3, 40, 40), np.float32)
    how = Preprocessing(32, mean, (2.0, 3.0, 4.0), "BGR", 256)
    network = cifar_net(classes=3, seed=5)
    first = model.Model(network, how, ("ä", "b", "c"), {"model": "cifar", "classes": 3})
    files = [tmp_path / name for name in ("a.npz", "b.safetensors", "c.npz")]
    model.save(files[0], first)
    for source, target in pairwise(files):
        code, output, _ = convert(capsys, source, target)
        assert (code, output.splitlines()[0]) == (
            0,
            "Found: cifar, 4 layers with weights, 82,403 parameters, 3 classes",
        )
        assert "less the mean image" in output
        same(model.load(target), first)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_weights_of_16_bits_come_back_as_float32(tmp_path, capsys, ending):
    network, how = cifar_net(seed=5), Preprocessing(32, np.zeros(3, np.float32))
    given = model.Model(network, how, tuple("abcdefghij"), {"model": "cifar"})
    model.save(tmp_path / "a.npz", given)
    files = [tmp_path / f"{name}{ending}" for name in ("b", "c")]
    for out, options in zip(files, ([], ["--dtype=float16"]), strict=True):
        assert convert(capsys, tmp_path / "a.npz", out, *options)[0] == 0
    bytes_of_weights = 4 * sum(w.size for w in network.parameters().values())
    saved = files[0].stat().st_size - files[1].stat().st_size
    assert abs(saved - bytes_of_weights / 2) < 2000  # in the header
    for out, dtype in zip(files, (np.float32, np.float16), strict=True):
        back = model.load(out).network.parameters()
        for name, w in network.parameters().items():
            assert back[name].dtype == np.float32
            assert np.array_equal(back[name], w.astype(dtype))


def test_weights_too_large_for_16_bits_are_refused(tmp_path, capsys):
    network, how = cifar_net(), Preprocessing(32, np.zeros(3, np.float32))
    network.parameters()["conv2.b"][3] = -70_000
    given = model.Model(network, how, tuple("abcdefghij"), {"model": "cifar"})
    model.save(tmp_path / "a.npz", given)
    out = tmp_path / "b.npz"
    code, _, errors = convert(capsys, tmp_path / "a.npz", out, "--dtype=float16")
    assert (code, out.exists()) == (2, False)
    assert "expected numbers up to 65504 in conv2.b" in errors
    assert "got 70000" in errors


def test_the_folder_of_a_run(tmp_path, capsys):
    network, how = cifar_net(), Preprocessing(32, np.zeros(3, np.float32))
    given = model.Model(network, how, tuple("abcdefghij"), {"model": "cifar"})
    arrays, state = model.pack(given)
    # A checkpoint holds more than a model.
    checkpoint.save(
        tmp_path / checkpoint.NAME, arrays | {"v/x": np.zeros(9)}, state | {"epoch": 3}
    )
    out = tmp_path / "b.safetensors"
    assert convert(capsys, tmp_path, out)[0] == 0
    same(model.load(out), given)


def test_a_state_dict_of_others_as_safetensors_is_told_from_our_own(tmp_path, capsys):
    state = wf.state_dict(wf.network("torchvision"))
    source, out = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    source.write_bytes(wf.safetensors(state))
    code, output, _ = convert(capsys, source, out)
    assert code == 0
    assert "profile torchvision" in output
    assert "RGB order, less the mean 123.675 116.28 103.53" in output
    assert "divided by 58.395 57.12 57.375" in output
    with pytest.raises(ValueError, match=r"a.safetensors: expected a file that minial"):
        model.load(source)
    assert model.load(out).description["profile"] == "torchvision"


def test_class_names_and_the_mean_image(tmp_path, capsys, caffe):
    (tmp_path / "names").write_text("tench\ngoldfish\nweiße Katze\n", "utf-8")
    image = np.random.default_rng(0).random((1, 3, 256, 256), np.float32) * 255
    (tmp_path / "mean.binaryproto").write_bytes(b"".join(wf.blob(image, True)))
    options = "--classes", tmp_path / "names", "--mean", tmp_path / "mean.binaryproto"
    code, output, errors = convert(capsys, caffe, tmp_path / "b.npz", *options)
    assert (code, errors) == (0, "")
    assert "less the mean image" in output
    made = model.load(tmp_path / "b.npz")
    assert made.class_names == ("tench", "goldfish", "weiße Katze")
    # As Caffe's data layer does it: BGR less the image, then the centre.
    x = (PICTURES[:, ::-1] - image)[:, :, 14:241, 14:241]
    np.testing.assert_allclose(made.preprocessing.center(PICTURES), x, rtol=1e-6)


# What a file does not say


def test_what_is_done_to_pictures_can_be_said(tmp_path, capsys, torch):
    options = "--mean=10,20,30", "--std=2,4,8", "--order=BGR"
    code, output, _ = convert(capsys, torch, tmp_path / "b.npz", *options)
    assert code == 0
    assert "BGR order, less the mean 10 20 30 (of RGB, 0-255), divided by 2 4 8" in (
        output
    )
    assert "Assumed" not in output
    x = model.load(tmp_path / "b.npz").preprocessing.center(PICTURES)
    means, std = np.reshape([[10, 20, 30], [2, 4, 8]], (2, 3, 1, 1))
    expected = ((PICTURES - means) / std)[:, ::-1, 16:240, 16:240]
    np.testing.assert_allclose(x, expected, rtol=1e-6)


def test_imagenets_values_are_said_when_they_are_assumed(tmp_path, capsys, torch):
    output = convert(capsys, torch, tmp_path / "b.npz")[1]
    assert (
        "Assumed, since the file does not say it: ImageNet's mean; ImageNet's standard "
        "deviation; RGB order\n"
    ) in output
    output = convert(capsys, torch, tmp_path / "b.npz", "--std=1,1,1")[1]
    assert "does not say it: ImageNet's mean; RGB order\n" in output


def test_what_was_taken_for_what_is_printed(tmp_path, capsys):
    net = wf.network("caffe", size=224)
    stems = [*(f"net.\x1b[2J{i}" for i in range(5)), *(f"dense.{i}" for i in range(3))]
    state = {}
    for stem, (W, b) in zip(stems, wf.arrays(net).values(), strict=True):
        state |= {f"{stem}.weight": W, f"{stem}.bias": b}
    (tmp_path / "a.pth").write_bytes(wf.zipped(state))
    options = "--profile=caffe", "--size=224"
    code, output, _ = convert(capsys, tmp_path / "a.pth", tmp_path / "b.npz", *options)
    assert code == 0
    assert "Takes: 224 x 224 pixels in BGR order" in output
    # What a terminal would obey does not reach it.
    assert "Taken, by order and shape: net.?[2J0 for conv1, net.?[2J1 for conv2" in (
        output
    )
    assert "what stands between them, as in the profile caffe" in output
    assert model.load(tmp_path / "b.npz").description["input_size"] == 224


def test_the_networks_size_and_profile_stay_in_our_own_files(tmp_path, capsys, torch):
    own, out = tmp_path / "b.npz", tmp_path / "c.npz"
    assert convert(capsys, torch, own)[0] == 0
    for option in ("--size=224", "--profile=torchvision"):
        code, _, errors = convert(capsys, own, out, option)
        assert code == 2
        assert f"expected no {option.partition('=')[0]}, since" in errors
    code, output, _ = convert(capsys, own, out, "--order=BGR")
    assert (code, model.load(out).preprocessing.order) == (0, "BGR")
    assert "Assumed" not in output


def test_the_checkpoint_that_a_run_goes_on_from_is_left_alone(tmp_path, capsys, torch):
    network, how = cifar_net(), Preprocessing(32, np.zeros(3, np.float32))
    given = model.Model(network, how, tuple("abcdefghij"), {"model": "cifar"})
    arrays, state = model.pack(given)
    path = tmp_path / checkpoint.NAME
    checkpoint.save(path, arrays, state | {"history": []})
    before = path.read_bytes()
    for source in (tmp_path, torch, path):
        code, _, errors = convert(capsys, source, path)
        assert code == 2
        assert "expected another OUT" in errors
        assert path.read_bytes() == before
    # A file that convert wrote may be written over.
    for _ in range(2):
        assert convert(capsys, torch, tmp_path / "b.npz")[0] == 0


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_file_of_another_program_is_sent_to_convert(tmp_path, capsys, torch, command):
    words = {"predict": ["x.jpg"], "evaluate": ["--data=shapes"]}[command]
    assert cli.main([command, str(torch), *words]) == 2
    errors = capsys.readouterr().err
    assert "minialexnet convert a.pth a.npz" in errors
    assert errors.count("\n") == 1


# What does not fit is said in one line


@pytest.mark.parametrize(
    ("source", "target", "options", "words"),
    [
        ("a.caffemodel", "b.pth", {}, "expected OUT to end in .npz or .safetensors"),
        ("none.pth", "b.npz", {}, "No such file or directory: '.*none.pth'"),
        ("none.npz", "b.npz", {}, "run or a file of weights, got .*none.npz, which is"),
        ("names", "b.npz", {}, "names: expected a file ending in .*, got no ending"),
        ("names.npz", "b.npz", {}, "names.npz: expected a whole checkpoint"),
        ("names.onnx", "b.npz", {}, "names.onnx: expected"),
        ("names.safetensors", "b.npz", {}, "names.safetensors: expected a header of"),
        (
            "a.caffemodel",
            "b.npz",
            {"classes": "names"},
            "names: expected 3 lines, got 2",
        ),
        ("a.caffemodel", "b.npz", {"classes": "none"}, "No such file or directory"),
        ("a.caffemodel", "b.npz", {"mean": "names"}, "names: expected"),
        ("a.caffemodel", "b.npz", {"mean": "small"}, "small: expected mean of shape"),
        ("a.caffemodel", "b.npz", {"mean": "grey"}, "grey: expected a mean image"),
        ("a.pth", "b.npz", {"MEAN": "0.485,0.456,0.406"}, "123.675,116.28,103.53 then"),
        ("a.pth", "b.npz", {"STD": "0.2,0.2,0.2"}, "--std for pixels 0-255, got 0.2,"),
        (
            "a.pth",
            "b.npz",
            {"STD": "1,1,0"},
            "--std to be three numbers R,G,B from 1e-06 to",
        ),
        ("a.pth", "b.npz", {"STD": "1,1,nan"}, "--std to be three numbers R,G,B from"),
        ("a.pth", "b.npz", {"MEAN": "1,2"}, "--mean to be three numbers R,G,B from 0"),
        ("a.pth", "a.pth.npz", {"SIZE": "8"}, "expected an AlexNet, got"),
        ("a.pth", "b.npz", {"PROFILE": "caffe"}, "as in profile caffe with"),
        (
            "a.pth",
            "b.npz",
            {"mean": "small"},
            "expected no --mean image, since the network is not Caffe",
        ),
    ],
)
def test_one_line_says_what_is_wrong(
    tmp_path, capsys, caffe, torch, source, target, options, words
):
    for name in ("names", "names.npz", "names.onnx", "names.safetensors"):
        (tmp_path / name).write_text("tench is not a header\ngoldfish\n")
    for name, shape in (("small", (1, 3, 8, 8)), ("grey", (1, 1, 256, 256))):
        blob = wf.blob(np.zeros(shape, np.float32), False)
        (tmp_path / name).write_bytes(b"".join(blob))
    before = sorted(tmp_path.iterdir())
    given = [
        f"--{key.lower()}={value if key.isupper() else tmp_path / value}"
        for key, value in options.items()
    ]
    code, output, errors = convert(capsys, tmp_path / source, tmp_path / target, *given)
    assert (code, output) == (2, "")
    assert errors.startswith("minialexnet convert: ")
    assert errors.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
    assert re.search(words, errors), errors


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path, capsys, monkeypatch, caffe, ending
):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / f"b{ending}"
    out.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", full)
    code, output, errors = convert(capsys, caffe, out)
    assert (code, output) == (1, "")
    assert errors.count("\n") == 1
    assert "left as it was: No space left on device" in errors
    assert out.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.caffemodel", out.name]


def test_a_planted_command_is_not_run(tmp_path, capsys):
    state = wf.state_dict(wf.network("torchvision"))
    call = b"cos\nsystem\n" + wf.unicode(f"touch {tmp_path}/planted") + b"\x85R"
    pickle = wf.state_pickle(state, extra=wf.unicode("x") + call)
    (tmp_path / "a.pth").write_bytes(wf.zipped(state, pickle))
    code, _, errors = convert(capsys, tmp_path / "a.pth", tmp_path / "b.npz")
    assert code == 2
    assert "names 'os system', which was not run" in errors
    assert [p.name for p in tmp_path.iterdir()] == ["a.pth"]


# The same in a file of our own


def test_sizes_in_our_own_files_are_not_believed(tmp_path, capsys, caffe):
    made = tmp_path / "b.safetensors"
    assert convert(capsys, caffe, made)[0] == 0
    data = made.read_bytes()
    narrow, wide = b'"width\\": 0.0078125', b'"width\\": 999.99999'
    assert data.count(narrow) == 1
    assert len(narrow) == len(wide)
    made.write_bytes(data.replace(narrow, wide))
    code, _, errors = convert(capsys, made, tmp_path / "c.npz")
    assert code == 2
    assert "b.safetensors: expected conv1.W of shape (96000, 3, 11, 11), got" in errors
