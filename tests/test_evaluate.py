"""Errors: what counts as among the first five, ten crops, and several networks."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minialexnet import FullyConnected, Sequential, cifar_net, cli, model
from minialexnet.data import Dataset
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.evaluate import evaluate, predict, top_errors
from minialexnet.files import checkpoint
from minialexnet.layers import Flatten
from minialexnet.runs.config import Config


def noise(count=7, side=8, seed=0):
    return np.random.default_rng(seed).integers(
        0, 256, (count, 3, side, side), np.uint8
    )


def linear(size=6, classes=4):
    """Return a network that tells crops and mirror images apart, and its input."""
    network = Sequential([Flatten(), FullyConnected(3 * size * size, classes, seed=1)])
    return network, Preprocessing(size, np.full(3, 120, np.float32), side=8)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 7))
@settings(max_examples=50, deadline=None)
def test_top_errors_are_those_of_sorting(seed, classes, k):
    rng = np.random.default_rng(seed)
    # Few different values, so that many are tied.
    p, labels = rng.integers(0, 3, (5, classes)) / 2, rng.integers(0, classes, 5)
    order = np.argsort(-p, axis=1, kind="stable")
    right = [label in row[:k] for row, label in zip(order, labels, strict=True)]
    assert top_errors(p, labels, (k,)) == [np.mean(np.logical_not(right))]


def test_a_network_that_says_the_same_of_all_is_right_by_chance_only():
    labels = np.arange(10)
    assert top_errors(np.full((10, 10), 0.1), labels) == [0.9, 0.5]


@pytest.mark.parametrize(
    ("p", "labels", "message"),
    [
        (np.zeros((2, 3)), np.zeros(3, int), r"got \(2, 3\) and \(3,\)"),
        (np.zeros((0, 3)), np.zeros(0, int), "at least one example"),
        (np.full((1, 3), np.nan), np.zeros(1, int), "no number"),
        (np.zeros((2, 3)), np.array([0, -1]), "from 0 to 2, got -1 to 0"),
        (np.zeros((2, 3)), np.array([0, 3]), "from 0 to 2, got 0 to 3"),
    ],
)
def test_top_errors_refuses(p, labels, message):
    with pytest.raises(ValueError, match=message):
        top_errors(p, labels)


@pytest.mark.parametrize("crops", [1, 10])
@pytest.mark.parametrize("batch_size", [1, 20, 128])
def test_the_crops_probabilities_are_averaged(crops, batch_size):
    network, preprocessing = linear()
    images = noise()
    found = predict(network, images, preprocessing, crops, batch_size)
    assert found.shape == (7, 4)
    views = preprocessing.center(images)[:, None]
    if crops == 10:
        views = preprocessing.ten(images)
    each = [softmax(network.forward(views[:, i])) for i in range(views.shape[1])]
    assert np.allclose(found, np.mean(each, axis=0), atol=1e-6)


def test_ten_crops_are_not_one():
    network, preprocessing = linear()
    one, ten = (predict(network, noise(), preprocessing, crops) for crops in (1, 10))
    assert np.abs(one - ten).max() > 1e-3


def test_a_batch_counts_crops_and_progress_counts_pictures():
    class Seen(Flatten):
        def forward(self, x, train=False):
            seen.append((len(x), train))
            return super().forward(x, train)

    network, preprocessing = linear()
    network, seen, told = Sequential([Seen(), network.layers["fc1"]]), [], []
    predict(network, noise(5), preprocessing, 10, 20, progress=told.append)
    assert seen == [(20, False), (20, False), (10, False)]
    assert told == [2, 2, 1]


def test_what_cannot_be_measured_is_refused():
    network, preprocessing = linear()
    for images, batch_size in ((noise(0), 128), (noise(), 0)):
        with pytest.raises(ValueError, match="at least one picture and a batch_size"):
            predict(network, images, preprocessing, 1, batch_size)
    with pytest.raises(ValueError, match="at least one picture"):
        evaluate(network, noise(0), np.zeros(0, int), preprocessing)
    with pytest.raises(ValueError, match="1 or 10, got 5"):
        predict(network, noise(), preprocessing, 5)


def test_evaluate_measures_errors_and_loss():
    network, preprocessing = linear(classes=12)
    images, labels = noise(9), np.arange(9)
    told = []
    found = evaluate(
        network, images, labels, preprocessing, batch_size=4, progress=told.append
    )
    p = softmax(network.forward(preprocessing.center(images)))
    assert found["error"] == np.mean(p.argmax(axis=1) != labels)
    assert found["top5_error"] == top_errors(p, labels)[1]
    assert found["loss"] == pytest.approx(-np.log(p[labels, labels]).mean(), rel=1e-5)
    assert told == [4, 4, 1]


def test_an_output_that_is_no_number_gives_none():
    network, preprocessing = linear()
    network.parameters()["fc1.W"][...] = np.nan
    found = evaluate(network, noise(), np.zeros(7, int), preprocessing)
    assert all(np.isnan(value) for value in found.values())


# The command


@pytest.fixture
def two_runs(tmp_path, monkeypatch):
    """Return the files of two untrained networks, and the data set that they see."""
    labels = np.arange(7) % 6
    pictures = Dataset(
        "noise", noise(12, 32), np.arange(12) % 6, noise(7, 32, 1), labels, (*"abcdef",)
    )
    monkeypatch.setattr("minialexnet.data.load", lambda name, data_dir=None: pictures)
    paths = []
    for seed in (5, 6):  # of which each, and their mean, has errors of its own
        paths.append(tmp_path / f"{seed}.npz")
        begun = model.begin(pictures, {"model": "cifar", "seed": seed})
        # An untrained network of the figure's small weights says the same of all.
        for w in begun.network.parameters().values():
            w *= 30
        model.save(paths[-1], begun)
    return paths, pictures


def test_several_networks_are_averaged(two_runs, tmp_path, capsys):
    from minialexnet.files.records import read_lines

    paths, pictures = two_runs
    out = tmp_path / "found.jsonl"
    words = ["evaluate", *map(str, paths), "--data", "noise", "--out", str(out)]
    assert cli.main(words) == 0
    first, second, mean = read_lines(out)
    p = []
    for path, record in zip(paths, (first, second), strict=True):
        loaded = model.load(path)
        p.append(predict(loaded.network, pictures.test_images, loaded.preprocessing))
        errors = top_errors(p[-1], pictures.test_labels)
        assert [record["error"], record["top5_error"]] == errors
        assert record["peak_memory_gib"] > 0
    errors = top_errors((p[0] + p[1]) / 2, pictures.test_labels)
    assert [mean["error"], mean["top5_error"]] == errors
    assert len({(r["error"], r["top5_error"]) for r in (first, second, mean)}) == 3
    assert mean["members"] == [str(path) for path in paths]
    assert "mean of 2" in capsys.readouterr().out


def test_the_other_split_and_ten_crops_can_be_asked_for(two_runs, capsys, monkeypatch):
    paths, pictures = two_runs
    words = ["evaluate", str(paths[0]), "--data", "noise"]
    said = []
    for split in ("test", "train"):
        assert cli.main([*words, "--split", split, "--crops", "10"]) == 0
        said.append(capsys.readouterr().out.splitlines())
    assert said[1][2].startswith("12 pictures (train), 10 crops each")
    assert said[0][1] != said[1][1]  # the errors
    none = replace(pictures, test_images=noise(0, 32), test_labels=np.arange(0))
    monkeypatch.setattr("minialexnet.data.load", lambda name, data_dir=None: none)
    assert cli.main(words) == 2
    assert "expected test pictures in noise, got none" in capsys.readouterr().err


def test_without_data_a_file_that_is_no_run_is_refused(two_runs, capsys):
    assert cli.main(["evaluate", str(two_runs[0][0])]) == 2
    assert "expected --data, since" in capsys.readouterr().err


def test_a_network_of_other_classes_is_refused(two_runs, tmp_path, capsys, monkeypatch):
    paths, _ = two_runs
    other = model.Model(
        cifar_net(classes=2),
        Preprocessing(32, np.zeros(3, np.float32), side=32),
        ("no", "yes"),
        {"model": "cifar", "classes": 2},
    )
    model.save(tmp_path / "other.npz", other)
    words = ["evaluate", str(paths[0]), str(tmp_path / "other.npz"), "--data", "noise"]
    monkeypatch.setattr("minialexnet.commands.evaluate.predict", None)
    assert cli.main(words) == 2  # before anything is measured
    said = capsys.readouterr().err
    assert "other.npz to know the 6 classes" in said
    assert "got 2, no, yes ..." in said
    words = ["evaluate", str(paths[0]), "--data", "noise"]
    assert cli.main([*words, "--out", str(tmp_path / "no" / "found.jsonl")]) == 2
    assert "expected a folder for --out, got no " in capsys.readouterr().err


def test_a_run_is_measured_on_the_test_pictures(two_runs, tmp_path, capsys):
    """Whichever it was tested on after each epoch."""
    config = Config(data="noise", held_out=1, tested_on="held-out")
    arrays, state = checkpoint.load(two_runs[0][0])
    checkpoint.save(
        tmp_path / checkpoint.NAME, arrays, state | {"config": asdict(config)}
    )
    assert cli.main(["evaluate", str(tmp_path)]) == 0
    assert "\n7 pictures (test)" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named(capsys):
    assert cli.main(["evaluate", "nothing.npz", "--data", "shapes"]) == 2
    assert "nothing.npz" in capsys.readouterr().err
