"""All lists are read by one rule: UTF-8, any line ends, blank lines, names of words."""

import pytest

from minialexnet.data.labels import read_labels
from minialexnet.data.layout import find_images
from minialexnet.data.lists import read_lines, read_order, read_words
from tests.support.pictures import encoded, noise, photographs, write

PICTURE = encoded(noise(0), "JPEG")

WRITTEN = {
    "plain": lambda text: text.encode(),
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "blank lines": lambda text: ("\n \n" + text.replace("\n", "\n\n\t\n")).encode(),
    "all": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode(),
}
every_form = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)


# ------------------------------------------------------------- each list in each form


@pytest.fixture
def source(tmp_path):
    """Two classes whose names hold spaces, and two flat validation pictures."""
    photographs(tmp_path / "train", ["n01", "ice cream"], 1)
    write(tmp_path / "val/1.jpg", PICTURE)
    write(tmp_path / "val/my cat.jpg", PICTURE)
    return tmp_path


@every_form
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("val.txt", "1.jpg ice cream\nmy cat.jpg n01\n"),
        ("val.txt", "val/1.jpg 0\nval/my cat.jpg 1\n"),
        ("val.txt", "1.jpg, ice cream\nmy cat.jpg, n01\n"),
        ("val_annotations.txt", "1.jpg\tice cream\t0\t1\nmy cat.jpg\tn01\t0\t1\n"),
        ("LOC_val_solution.csv", "ImageId,Name\n1,ice cream\nmy cat.jpg,n01 8 1 2\n"),
    ],
)
def test_labels(source, written, name, text):
    write(source / name, written(text))
    found = find_images(source)
    assert found.test == (("val/1.jpg", 0), ("val/my cat.jpg", 1))
    assert found.skipped == ()


@every_form
def test_the_order_of_classes(source, written, tmp_path):
    write(source / "val.txt", b"1.jpg 0\nmy cat.jpg 1\n")
    write(source / "wnids.txt", written("n01\nnone\nice cream\n"))
    assert find_images(source).classes == ("n01", "ice cream")
    write(tmp_path / "classes", written("ice cream\nnone\nn01 an ant\n"))
    found = find_images(source, tmp_path / "classes")
    assert found.classes == ("ice cream", "none", "n01")
    assert found.class_names == ("ice cream", "none", "an ant")


@every_form
@pytest.mark.parametrize(
    "name", ["words.txt", "synset_words.txt", "LOC_synset_mapping.txt"]
)
def test_words(source, written, name):
    write(source / "val.txt", b"1.jpg 0\nmy cat.jpg 1\n")
    write(source / name, written("n01\tant, emmet\nice cream\tan ice\nn02\tbee\n"))
    assert find_images(source).class_names == ("an ice", "ant, emmet")


@every_form
def test_the_development_kit(source, written):
    name = "ILSVRC2012_validation_ground_truth.txt"
    write(source / "devkit/data" / name, written("7\n9\n"))
    write(source / "devkit/data/map_clsloc.txt", written("n01 9 ant\nn07 7 bee\n"))
    found = find_images(source)
    assert (found.test, found.left_out) == ((("val/my cat.jpg", 1),), 1)


# ------------------------------------------------------------------- what is no list

NO_LISTS = [
    pytest.param(b'"1.jpg","n01"\n', "1: expected names without quo", id="CSV"),
    pytest.param(b'1.jpg,"n01"\n', "1: expected names without q", id="half CSV"),
    pytest.param("1.jpg n01\n".encode("utf-16"), "1: expected text in UTF-8", id="16"),
    pytest.param("1.jpg n01\n".encode("utf-16-be"), "1: expected text in UTF", id="BE"),
    pytest.param(b"1.jpg n01\r\n\r\n2\xe9.jpg n01", "3: expected text in UTF", id="8"),
]


@pytest.mark.parametrize(("content", "message"), NO_LISTS)
@pytest.mark.parametrize("name", ["val.txt", "wnids.txt", "words.txt", "classes"])
def test_what_is_no_list_is_refused_by_file_and_line(source, name, content, message):
    write(source / "val.txt", b"1.jpg 0\nmy cat.jpg 1\n")
    write(source / name, content)
    with pytest.raises(ValueError, match=f"{name}:{message}"):
        find_images(source, source / name if name == "classes" else None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.jpg n01\nmy cat.jpg\n", r"val\.txt:2: expected a picture and its class"),
        (
            "1.jpg n01\nn01\n",
            r"val\.txt:2: expected a picture and its class, got",
        ),
        ("1.jpg\t\n", r"val\.txt:1: expected a picture and its class"),
        (
            "1.jpg n01\n\n1.jpg ice cream\n",
            r"txt:3: expected one class for '1\.jpg', got 'ice cream' here and 'n01'",
        ),
        ("1.jpg n01\n2.jpg 1\n", r"txt:1: expected a number, as in .*txt:2, got 'n01'"),
        ("1.jpg 0\n2.jpg 2\n", r"txt:2: expected class folders for its numbers, got 2"),
        ("9.jpg n01\n", r"the classes of the 2 pictures beside it, got a list that"),
        ("", r"the classes of the 2 pictures beside it, got a list that names none"),
    ],
)
def test_labels_that_cannot_be_right_are_refused(source, text, message):
    write(source / "val.txt", text.encode())
    with pytest.raises(ValueError, match=message):
        find_images(source)


def test_lists_of_classes_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="x:3: expected each class once, got 'a'"):
        read_order(b"a\n\na\n", "x")
    with pytest.raises(ValueError, match="x:2: expected other words for 'a' nowhere"):
        read_words(b"a\tant\na\tbee\n", "x")
    assert read_words(b"a\tant\na\tant\n", "x") == {"a": "ant"}


def test_a_class_with_a_name_of_a_megabyte_is_refused():
    for text in b"n01 " + b"x" * 1_000_000, b"x" * 1_000_000:
        with pytest.raises(ValueError, match=r"x:1: expected .* at most 1,000 char"):
            read_order(text, "x")


def test_a_label_list_of_one_line_of_a_megabyte_ends():
    pictures = ["val/1.jpg"]
    with pytest.raises(ValueError, match="names none of them"):
        read_labels(b"a " * 500_000, "x", pictures, ["b"])


def test_line_ends_are_those_of_files_only():
    text = "a\x0bb\u2028c\x1cd"
    assert [line for _, line in read_lines(text.encode(), "x")] == [text]


# --------------------------------------------------------------------------- numbers


def labels(text, order, *names):
    names = names or ("a.jpg", "b.jpg", "c.jpg")
    found = read_labels(text.encode(), "val.txt", [f"val/{n}" for n in names], order)
    return [found.get(f"val/{name}") for name in names]


def test_numbers_are_read_one_way_for_the_whole_list():
    order = ["1", "2", "3"]
    assert labels("a.jpg 0\nb.jpg 1\nc.jpg 2", order) == ["1", "2", "3"]
    assert labels("a.jpg 1\nb.jpg 2\nc.jpg 3", order) == ["1", "2", "3"]
    # What the list says of other pictures counts too.
    assert labels("x.jpg 0\nb.jpg 1", order) == [None, "2", None]
    with pytest.raises(ValueError, match=r"val\.txt:2: expected class folders for its"):
        labels("a.jpg 0\nb.jpg 3", order)


def test_a_number_is_the_place_in_the_order_asked_for(tmp_path):
    photographs(tmp_path / "train", ["ant", "zebra"], 1)
    write(tmp_path / "val/a.jpg", PICTURE)
    write(tmp_path / "val.txt", b"a.jpg 0\n")
    write(tmp_path / "order", b"zebra\nant\n")
    assert find_images(tmp_path).test == (("val/a.jpg", 0),)  # ant
    found = find_images(tmp_path, tmp_path / "order")
    assert found.classes[found.test[0][1]] == "zebra"
    # wnids.txt counts the classes that are not there too.
    write(tmp_path / "wnids.txt", b"none\nzebra\nant\n")
    write(tmp_path / "val.txt", b"a.jpg 1\n")
    found = find_images(tmp_path)
    assert found.classes == ("zebra", "ant")
    assert found.classes[found.test[0][1]] == "zebra"


# ----------------------------------------------------------------------------- names


def test_a_picture_is_its_whole_name():
    order = ["ant", "bee"]
    names = "1.jpg", "1.png"
    assert labels("1.jpg ant\n1.png bee", order, *names) == ["ant", "bee"]
    assert labels("1.png bee", order, *names) == [None, "bee"]
    with pytest.raises(ValueError, match="names none of them"):
        labels("x.1 bee", order, "x.jpg")
    with pytest.raises(ValueError, match="expected the name of one picture, got '1'"):
        labels("1 bee", order, *names)
    assert labels("1 bee", order, "1.jpg") == ["bee"]  # as Kaggle has it
    headed = b"ImageId,Label\n1,1\n"
    assert read_labels(headed, "x.csv", ["1.jpg"], order) == {"1.jpg": "bee"}


def test_names_with_folders_and_spaces():
    order = ["ant", "ice cream"]
    names = "my cat.jpg", "a b c.png"
    text = "n01/my cat.jpg ice cream\nval/a b c.png ant 0 1 2 3\n"
    assert labels(text, order, *names) == ["ice cream", "ant"]
    longer = "a.jpg b.jpg"  # of two names that fit the longer one is meant
    assert labels("a.jpg b.jpg ant", order, "a.jpg", longer) == [None, "ant"]


def test_a_folder_tells_pictures_of_one_name_apart():
    pictures = ["val/1.jpg", "val/images/1.jpg"]
    text = b"val/1.jpg ant\nimages/1.jpg bee\n"
    found = read_labels(text, "x", pictures, ["ant", "bee"])
    assert found == {"val/1.jpg": "ant", "val/images/1.jpg": "bee"}


# ----------------------------------------------------------- nothing is lost in silence


def test_a_blank_line_swallows_nothing(tmp_path):
    photographs(tmp_path / "train", ["ant", "bee"], 1)
    for name in "1.jpg", "2.jpg":
        write(tmp_path / "val" / name, PICTURE)
    write(tmp_path / "val.txt", b"1.jpg ant\n\n2.jpg bee\n")
    assert find_images(tmp_path).test == (("val/1.jpg", 0), ("val/2.jpg", 1))


def test_pictures_that_a_list_leaves_out_are_named(source):
    write(source / "val.txt", b"1.jpg n01\n")
    found = find_images(source)
    assert [str(error) for error in found.skipped] == [
        "val/my cat.jpg: has no label in the list"
    ]
