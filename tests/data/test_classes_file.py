"""A part of a data set keeps the labels that it has in the whole."""

import pytest
from PIL import Image

from minialexnet import cli
from minialexnet.data import load
from minialexnet.data.layout import find_images
from minialexnet.data.lists import read_classes

LIST = "n3 a third thing\nn1\nn2 second, other\nn0 zero\n"


@pytest.fixture
def part(tmp_path):
    """Return a folder with two classes of four, and the list of all four."""
    for name in ("n0", "n2"):
        (tmp_path / "src" / name).mkdir(parents=True)
        for number in range(2):
            path = tmp_path / "src" / name / f"{number}.png"
            Image.new("RGB", (9, 8), (number, 0, 0)).save(path)
    (tmp_path / "list.txt").write_text(LIST)
    return tmp_path / "src", tmp_path / "list.txt"


def test_labels_are_places_in_the_list(part):
    found = find_images(*part)
    assert found.classes == ("n3", "n1", "n2", "n0")
    assert found.class_names == ("a third thing", "n1", "second, other", "zero")
    assert [label for _, label in found.train] == [2, 2, 3, 3]


def test_without_the_list_they_count_the_folders(part):
    assert [label for _, label in find_images(part[0]).train] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n0\nn1\n", "every class folder of .* in the list of classes, n2 is not"),
        ("n0\nn2\nn0 again\n", "list.txt:3: expected each class once, got 'n0' again"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(part, text, message):
    part[1].write_text(text)
    with pytest.raises(ValueError, match=message):
        find_images(*part)


def test_words_stand_behind_an_id_only(tmp_path):
    (tmp_path / "list").write_text("n01 ice cream\nice cream\nn02\n")
    assert read_classes(tmp_path / "list") == [
        *(("n01", "ice cream"), ("ice cream", "ice cream"), ("n02", "n02")),
    ]


def test_prepare_takes_the_list(part, tmp_path):
    source, listed = part
    words = ["prepare", str(source), str(tmp_path / "set"), "--side", "8"]
    words += ["--workers", "1", "--classes", str(listed)]
    assert cli.main(words) == 0
    dataset = load(str(tmp_path / "set"))
    assert dataset.train_labels.tolist() == [2, 2, 3, 3]
    assert len(dataset.class_names) == 4
    # Without it, other labels: not the set that was prepared.
    assert cli.main(words[:-2]) == 2
