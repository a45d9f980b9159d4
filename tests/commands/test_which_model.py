"""Predict with the package's own network, and with one that the command names."""

import re

import numpy as np
import pytest
from PIL import Image

from minialexnet import cli, model
from minialexnet.commands.which_model import SHIPPED
from minialexnet.data import tiny_imagenet
from minialexnet.data.picture import read_image
from minialexnet.evaluate import predict, top_errors
from minialexnet.files import checkpoint
from minialexnet.files.records import read_lines


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    colours = np.random.default_rng(0).integers(0, 256, (5, 6, 3), np.uint8)
    Image.fromarray(colours).resize((90, 70)).save(path)
    return path


@pytest.fixture(scope="module")
def shipped():
    return model.load(SHIPPED)


def asked(capsys, *words):
    """Return exit code, output and errors of predict."""
    code = cli.main(["predict", *map(str, words)])
    return code, *capsys.readouterr()


def test_a_photograph_is_all_that_it_takes(photo, shipped, capsys):
    code, output, errors = asked(capsys, photo)
    assert (code, errors) == (0, "")
    about, shown, end = output.split("\n\n")
    record = read_lines(SHIPPED.with_suffix(".jsonl"))[0]
    wrong = f"wrong for {100 * record['error']:.0f} of 100 pictures"
    assert wrong in about.splitlines()[0] and "Tiny ImageNet" in about
    assert f"for {100 * record['top5_error']:.0f} not among its first five" in about
    how = shipped.preprocessing
    (p,) = predict(shipped.network, read_image(photo, how.side)[None], how)
    head, *lines = shown.splitlines()
    assert (head, end) == (str(photo), "")
    for line, k in zip(lines, np.argsort(-p)[:5], strict=True):
        assert line[2:].startswith(shipped.class_names[k][:10])
        assert f"{100 * p[k]:5.1f} %" in line


def test_a_network_that_is_named_is_asked(photo, tmp_path, shipped, capsys):
    run = tmp_path / "run"
    run.mkdir()
    odd = tmp_path / "weights of mine"
    for path in (run / checkpoint.NAME, odd):
        model.save(path, shipped)
    expected = asked(capsys, photo)[1].partition("\n\n")[2]
    for words in ([run, photo], [odd, photo], [photo, "--model", run]):
        assert asked(capsys, *words) == (0, expected, "")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nowhere"], 2, "expected a photograph, a run or a file of weights, got nowh"),
        (["nowhere", "photo.jpg"], 2, "got nowhere, which is not there"),
        (["nowhere.jpg"], 1, "expected a photograph, got nowhere.jpg, which is not th"),
        (["empty"], 2, "a file of weights, got empty, a folder without checkpoint.npz"),
        (["empty", "photo.jpg"], 2, "got empty, a folder without checkpoint.npz"),
        (["none.npz", "photo.jpg"], 2, "got none.npz, which is not there"),
        (["photo.jpg", "--model", "nowhere"], 2, "got nowhere, which is not there"),
        ([str(SHIPPED)], 2, "expected photographs after the network .*npz, got none"),
        (["words.jpg"], 1, "words.jpg: expected the bytes of a JPEG or PNG, got"),
        (["cut.jpg"], 1, "cut.jpg: expected a whole JPEG"),
        (
            ["small.png"],
            1,
            "small.png: expected at least 16 pixels a side, got 90 x 15",
        ),
    ],
)
def test_one_line_says_what_is_wrong(
    words, code, message, photo, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "words.jpg").write_text("not a picture")
    (tmp_path / "cut.jpg").write_bytes(photo.read_bytes()[:900])
    Image.new("RGB", (90, 15)).save("small.png")
    found, _, errors = asked(capsys, *words)
    assert (found, errors.count("\n")) == (code, 1)
    assert re.search(message, errors), errors


def test_what_ships_is_what_its_record_and_its_card_say(shipped):
    arrays, _ = checkpoint.load(SHIPPED)
    weights = shipped.network.parameters()
    assert {arrays[f"w/{name}"].dtype for name in weights} == {np.dtype(np.float16)}
    assert {w.dtype for w in weights.values()} == {np.dtype(np.float32)}
    assert len(set(shipped.class_folders)) == 200
    assert all(re.fullmatch(r"n\d{8}", wnid) for wnid in shipped.class_folders)
    (record,) = read_lines(SHIPPED.with_suffix(".jsonl"))
    assert record["model"] == "minialexnet/shipped/network.npz"
    assert (record["data"], record["split"]) == ("tiny-imagenet", "test")
    assert re.fullmatch("[0-9a-f]{40}", record["commit"])  # and not -dirty
    card = SHIPPED.with_name("card.rst").read_text()
    numbers = (
        f"{sum(w.size for w in weights.values()):,} weights",
        *(f"for {100 * record[key]:.1f} %" for key in ("error", "top5_error")),
    )
    for number in numbers:
        assert number in " ".join(card.split()), number


@pytest.mark.real_data
def test_it_is_as_often_wrong_as_it_says(shipped):
    dataset = tiny_imagenet.load(download=False)
    # Where only some of the classes are there, these may be easier or harder.
    ours = [shipped.class_folders.index(wnid) for wnid in dataset.class_folders]
    found = predict(shipped.network, dataset.test_images, shipped.preprocessing)
    errors = top_errors(found, np.array(ours)[dataset.test_labels])
    (record,) = read_lines(SHIPPED.with_suffix(".jsonl"))
    expected = record["error"], record["top5_error"]
    assert np.allclose(errors, expected, atol=5e-4 if len(ours) == 200 else 0.12)
