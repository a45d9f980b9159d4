"""Predict: the first classes of photographs, the nearest pictures, and Figure 4."""

import io
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from minialexnet import FullyConnected, Sequential, cifar_net, cli, model
from minialexnet.alexnet import alexnet
from minialexnet.commands import predict as command
from minialexnet.commands import terminal
from minialexnet.commands.true_class import class_words, true_class
from minialexnet.data import Dataset
from minialexnet.data.picture import read_image
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.evaluate import predict
from minialexnet.layers import Dropout, Flatten, ReLU
from minialexnet.nearest import features, nearest
from minialexnet.pictures.predictions import Prediction

NAMES = ("cat", "dog", "n01440764", "goldfish, Carassius auratus", "owl", "fox", "elk")


def noise(count=5, side=40, seed=0):
    return np.random.default_rng(seed).integers(
        0, 256, (count, 3, side, side), np.uint8
    )


@pytest.fixture
def saved(tmp_path):
    """Return the file of an untrained network that does not say the same of all."""
    network = cifar_net(classes=len(NAMES), seed=1)
    for w in network.parameters().values():
        w *= 20
    preprocessing = Preprocessing(32, np.full(3, 120, np.float32), side=40)
    description = {"model": "cifar", "classes": len(NAMES)}
    path = tmp_path / "net.npz"
    model.save(path, model.Model(network, preprocessing, NAMES, description))
    return path


def photograph(path, seed=0, side=48):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(1, side, seed)[0].transpose(1, 2, 0)).save(path)
    return path


def blocks(output):
    """Return what was printed, the lines of each photograph apart."""
    return [block.splitlines() for block in output.rstrip("\n").split("\n\n")]


# The terminal


@pytest.mark.parametrize(("crops", "top"), [(1, 5), (10, 2), (1, 50)])
def test_the_first_classes_are_printed(crops, top, saved, tmp_path, capsys):
    paths = [photograph(tmp_path / f"{seed}.png", seed) for seed in range(2)]
    words = [saved, *paths, "--crops", crops, "--top", top]
    assert cli.main(["predict", *map(str, words)]) == 0
    loaded = model.load(saved)
    pictures = np.stack([read_image(path, 40) for path in paths])
    found = predict(loaded.network, pictures, loaded.preprocessing, crops)
    output, errors = capsys.readouterr()
    assert errors == ""
    for (head, *lines), path, p in zip(blocks(output), paths, found, strict=True):
        assert head == str(path)
        order = np.argsort(-p)[:top]
        assert len(lines) == min(top, len(NAMES))
        for line, k in zip(lines, order, strict=True):
            assert line[2:].startswith(NAMES[k])
            assert f"{100 * p[k]:5.1f} %" in line


def test_more_photographs_than_are_held_at_once(saved, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "AT_ONCE", 2)
    paths = [str(photograph(tmp_path / f"{seed}.png", seed)) for seed in range(5)]
    assert cli.main(["predict", str(saved), *paths]) == 0
    assert [lines[0] for lines in blocks(capsys.readouterr().out)] == paths


def test_a_broken_photograph_is_named_and_the_others_predicted(saved, tmp_path, capsys):
    whole = [str(photograph(tmp_path / f"{seed}.png", seed)) for seed in range(2)]
    broken = tmp_path / "broken.png"
    broken.write_bytes((tmp_path / "0.png").read_bytes()[:500])
    missing = str(tmp_path / "missing.png")
    words = [whole[0], str(broken), missing, str(tmp_path), whole[1]]
    assert cli.main(["predict", str(saved), *words]) == 1
    output, errors = capsys.readouterr()
    assert [lines[0] for lines in blocks(output)] == whole
    for line, name in zip(
        errors.splitlines(), (broken, missing, tmp_path), strict=True
    ):
        assert line.startswith("minialexnet predict: ")
        assert str(name) in line


def test_none_but_broken_photographs_leave_nothing(saved, dataset, tmp_path, capsys):
    words = [saved, tmp_path / "missing.png", "--figure", tmp_path / "out" / "four"]
    assert cli.main(["predict", *map(str, words), "--nearest", "noise"]) == 1
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("path", "truth"),
    [
        ("cat/a.png", "cat"),
        ("dog/images/a.png", "dog"),
        ("n01440764/a.png", "n01440764"),
        ("n01443537/a.png", "goldfish, Carassius auratus"),
        ("train/n01443537/images/a.png", "goldfish, Carassius auratus"),
        ("n99999999/a.png", None),
        ("cat/deep/er/a.png", None),
    ],
)
def test_the_true_class_is_that_of_the_folder(path, truth, tmp_path):
    class_words.cache_clear()
    words = "n01443537\tgoldfish, Carassius auratus\nn99999999\tno class\n"
    (tmp_path / "words.txt").write_text(words)
    assert true_class(tmp_path / path, NAMES) == truth


def test_a_file_that_is_no_list_of_words_says_no_class(tmp_path):
    class_words.cache_clear()
    (tmp_path / "words.txt").write_bytes(b"n01443537\tp\xeache")
    assert true_class(tmp_path / "n01443537" / "a.png", NAMES) is None
    assert true_class(tmp_path / "cat" / "a.png", NAMES) == "cat"


def test_the_true_class_is_marked(saved, tmp_path, capsys):
    path = photograph(tmp_path / "owl" / "a.png")
    assert cli.main(["predict", str(saved), str(path), "--top", str(len(NAMES))]) == 0
    (head, *lines) = blocks(capsys.readouterr().out)[0]
    assert head == f"{path}: owl *"
    assert [line[2:5] for line in lines if line.startswith("* ")] == ["owl"]
    last = lines[-1][2:].split("  ")[0].strip()
    path = photograph(tmp_path / last / "a.png")
    assert cli.main(["predict", str(saved), str(path), "--top", "1"]) == 0
    (head, line) = blocks(capsys.readouterr().out)[0]
    assert head == f"{path}: {last}, not among these"
    assert line.startswith("  ")


LONG = (
    "a very long name of a class, with all that it is called beside",
    "猫" * 40,
    "x",
)


@pytest.mark.parametrize("width", [40, 80, 132])
def test_bars_stand_in_one_column_and_end_at_the_edge(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    classes = list(zip(LONG, (1.0, 0.25, 0.125), strict=True))
    _, *lines = terminal.lines(Prediction("a.png", noise(1)[0], classes), 5, LONG)
    assert [terminal.columns(line.partition(" %")[0]) for line in lines] == [
        terminal.columns(lines[0].partition(" %")[0])
    ] * 3
    assert terminal.columns(lines[0]) == width
    full, quarter, eighth = (line.count("█") for line in lines)
    assert (quarter, eighth) == (full // 4, full // 8)
    assert "…" in lines[0]
    assert "…" in lines[1]


def test_short_names_leave_the_room_to_the_bars(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, line = terminal.lines(Prediction("a", noise(1)[0], [("cat", 1.0)]), 5, ("cat",))
    assert line == "  cat  100.0 %  " + "█" * 64


def test_bars_have_eighths():
    assert terminal.bar_of(0.5, 10) == "█████"
    assert terminal.bar_of(1 / 80, 10) == "▏"
    assert terminal.bar_of(0.99, 10) == "█████████▉"
    assert terminal.bar_of(0.001, 10) == ""


def test_what_the_terminal_cannot_show_is_replaced(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    monkeypatch.setenv("COLUMNS", "60")
    names = ("chat \x1b[31mroux\n", "Füchsin " * 9)
    prediction = Prediction("\udcff.png", noise(1)[0], [(n, 0.5) for n in names])
    print(*terminal.lines(prediction, 5, names), sep="\n", flush=True)
    head, first, second = narrow.buffer.getvalue().decode("ascii").splitlines()
    assert head == "?.png"
    assert first.startswith("  chat ?[31mroux  ")
    assert second.startswith("  F?chsin F?chsin ")
    assert "...   50.0 %  ##" in second


# The nearest


def hidden_network():
    """Return a network of one hidden layer with dropout, as AlexNet ends."""
    return Sequential(
        [
            Flatten(),
            FullyConnected(3 * 6 * 6, 9, seed=1),
            ReLU(),
            Dropout(0.5, inverted=False),
            FullyConnected(9, 4, seed=2),
        ]
    )


def test_features_enter_the_last_layer():
    network = alexnet("2012", classes=3, width=1 / 32, input_size=64)
    x = np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype(np.float32)
    found = features(network, x)
    last = network.layers["fc8"]
    assert found.shape == (2, last.in_features)
    assert np.array_equal(last.forward(found), network.forward(x))


def test_features_are_those_of_testing():
    network = hidden_network()
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).astype(np.float32)
    hidden = np.maximum(network.layers["fc1"].forward(x.reshape(2, -1)), 0)
    assert np.allclose(features(network, x), 0.5 * hidden)


def test_a_network_inside_a_network_is_gone_through():
    inner = hidden_network()
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).astype(np.float32)
    outer = Sequential([("whole", inner), ReLU()])
    assert np.array_equal(features(outer, x), features(inner, x))


def test_a_network_without_a_hidden_layer_is_refused():
    for layers in ([FullyConnected(4, 2)], [Flatten(), ReLU()]):
        with pytest.raises(ValueError, match="with a hidden layer"):
            features(Sequential(layers), np.zeros((1, 4), np.float32))


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_the_nearest_are_those_of_all_distances_sorted(batch_size):
    network, images, queries = hidden_network(), noise(30, 8), noise(3, 8, seed=1)
    preprocessing = Preprocessing(6, np.full(3, 120, np.float32), side=8)
    images[17], images[3] = images[25], queries[1]  # a tie, and a picture itself
    told = []
    places, distances = nearest(
        network, queries, images, preprocessing, 6, batch_size, progress=told.append
    )
    f, q = (features(network, preprocessing.center(x)) for x in (images, queries))
    all_of_them = np.linalg.norm(q[:, None] - f, axis=2)
    expected = np.argsort(all_of_them.round(4), axis=1, kind="stable")[:, :6]
    assert np.array_equal(places, expected)
    assert places.dtype == np.int64
    assert np.allclose(
        distances, np.take_along_axis(all_of_them, expected, axis=1), atol=1e-4
    )
    assert (places[1, 0], sum(told)) == (3, 30)
    assert distances[1, 0] < 1e-3


def test_fewer_pictures_than_asked_for_are_all_returned():
    preprocessing = Preprocessing(6, np.full(3, 120, np.float32), side=8)
    places, distances = nearest(
        hidden_network(), noise(2, 8), noise(4, 8, 1), preprocessing
    )
    assert np.array_equal(np.sort(places), [range(4)] * 2)
    assert (np.diff(distances) >= 0).all()


@pytest.fixture
def dataset(monkeypatch):
    """Return the data set that every name stands for."""
    labels = np.arange(20) % 3
    found = Dataset(
        "noise", noise(20), labels, noise(0), labels[:0], ("big", "small", "grey")
    )
    monkeypatch.setattr("minialexnet.data.load", lambda name, data_dir: found)
    return found


def test_the_nearest_are_printed_and_drawn(
    saved, dataset, tmp_path, capsys, monkeypatch
):
    path = tmp_path / "cat" / "a.png"
    path.parent.mkdir()
    # As large as the training pictures, so it is one of them.
    Image.fromarray(dataset.train_images[7].transpose(1, 2, 0)).save(path)
    drawn = []

    def draw(predictions, out, note):
        drawn.extend([predictions, note])
        return [out]

    monkeypatch.setattr("minialexnet.commands.predict.draw_predictions", draw)
    words = [saved, path, "--nearest", "noise", "--figure", tmp_path / "new" / "four"]
    assert cli.main(["predict", *map(str, words)]) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    (head, words, name, *lines) = blocks(output)[1]
    assert head.startswith("Nearest of 20 training pictures of noise")
    assert words.endswith("last hidden layer:")
    assert name == str(path)
    assert len(lines) == 6
    assert lines[0].endswith("  small (training picture 7)")
    ((prediction,), note) = drawn
    assert (prediction.truth, len(prediction.neighbours)) == ("cat", 6)
    image, distance, label = prediction.neighbours[0]
    assert np.array_equal(image, dataset.train_images[7])
    assert (distance < 0.1, label) == (True, "small")
    assert "6 nearest of the 20 training pictures of noise" in note
    assert "1 crop a photograph" in note


def test_figure_4_is_drawn_as_png_and_svg(saved, dataset, tmp_path, capsys):
    path = photograph(tmp_path / "dog" / "a.png")
    words = [saved, path, "--nearest", "noise", "--figure", tmp_path / "new" / "4.png"]
    assert cli.main(["predict", *map(str, words)]) == 0
    for ending in ("png", "svg"):
        assert (tmp_path / "new" / f"4.{ending}").stat().st_size > 5000
    assert "4.svg\n" in capsys.readouterr().out


# Misuse


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--device", "gpu"], "expected device 'cpu' or 'cuda:0'"),
        (["--nearest", "no such data"], "got 'no such data'"),
        (["b.png"] * 64 + ["--figure", "4"], "at most 64 photographs for --figure"),
    ],
)
def test_misuse_is_answered_in_a_line(words, message, saved, capsys):
    assert cli.main(["predict", str(saved), "a.png", *words]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert message in errors
    assert errors.count("\n") == 1


def test_a_checkpoint_that_is_none_is_named(tmp_path, capsys):
    path = photograph(tmp_path / "a.png")
    assert cli.main(["predict", str(path), "--model", str(path)]) == 2
    assert "a.png: expected" in capsys.readouterr().err


def test_training_pictures_too_small_for_the_network(
    saved, tmp_path, capsys, monkeypatch
):
    small = noise(4, 16)
    labels = np.zeros(4, np.int64)
    found = Dataset("small", small, labels, small[:0], labels[:0], ("one",))
    monkeypatch.setattr("minialexnet.data.load", lambda name, data_dir: found)
    path = photograph(tmp_path / "a.png")
    assert cli.main(["predict", str(saved), str(path), "--nearest", "small"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_ctrl_c_stops(saved, tmp_path, capsys, monkeypatch):
    def stop(path, side, least):
        raise KeyboardInterrupt

    monkeypatch.setattr("minialexnet.commands.predict.read_image", stop)
    assert cli.main(["predict", str(saved), "a.png"]) == 130
    assert "stopped" in capsys.readouterr().err


def test_of_two_classes_with_one_name_the_folders_is_marked(saved, tmp_path, capsys):
    """As of ImageNet's cranes, a bird and a machine."""
    names = ("crane", "dog", "crane", "eel", "owl", "fox", "elk")
    folders = ("n02012849", "n1", "n03126707", "n3", "n4", "n5", "n6")
    known = replace(model.load(saved), class_names=names, class_folders=folders)
    model.save(saved, known)
    assert model.load(saved).class_folders == folders
    for folder in "n02012849", "n03126707":
        path = photograph(tmp_path / folder / "a.png")
        (tmp_path / "words.txt").write_text(f"{folder}\tcrane\n")
        assert cli.main(["predict", str(saved), str(path), "--top", "7"]) == 0
        (head, *lines) = blocks(capsys.readouterr().out)[0]
        assert head == f"{path}: crane ({folder}) *"
        (marked,) = [line for line in lines if line.startswith("* ")]
        assert marked.startswith(f"* crane ({folder})")
    # Without the folders nobody knows which of the two it is.
    model.save(saved, replace(known, class_folders=()))
    class_words.cache_clear()
    assert cli.main(["predict", str(saved), str(path)]) == 0
    assert blocks(capsys.readouterr().out)[0][0] == str(path)
