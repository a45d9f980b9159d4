"""ImageNet's development kit: damaged and hostile lists of numbers."""

import struct
import zlib

import pytest

from minialexnet.data.ilsvrc import read_synsets, read_variables
from minialexnet.data.listing import Folder

HEADER = bytes(128)


def element(kind, content):
    padding = b"" if kind == 15 else bytes(-len(content) % 8)
    return struct.pack("<II", kind, len(content)) + content + padding


def packed(content):
    return element(15, zlib.compress(content, 9))


def array(kind, *content, name=b"synsets"):
    """Return an array of a kind: its flags, shape and name, then what it holds."""
    flags = element(6, bytes([kind, 0, 0, 0, 0, 0, 0, 0]))
    start = flags + element(5, struct.pack("<ii", 1, 1)) + element(1, name)
    return element(14, start + b"".join(content))


def nested(depth):
    inner = array(9, element(9, bytes(8)), name=b"")
    for _ in range(depth):
        fields = element(5, struct.pack("<i", 8)), element(1, b"ID".ljust(8, b"\0"))
        inner = array(2, *fields, inner, name=b"synsets")
    return inner


def test_arrays_in_fields_are_read():
    assert read_variables(HEADER + nested(1))["synsets"][0]["ID"] == [0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(packed(bytes(1 << 25)), "at most 16,777,216 bytes", id="bomb"),
        pytest.param(
            packed(element(1, bytes(1 << 23))) * 3, "at most 16,777,216 by", id="bombs"
        ),
        pytest.param(packed(bytes(8) * 400_001), "400,000 elements", id="elements"),
        pytest.param(nested(50), "arrays 3 deep at most", id="arrays in arrays"),
        pytest.param(
            array(2, element(5, struct.pack("<i", 1)), element(1, bytes(100_000))),
            "expected 1 to 1,000 fields",
            id="fields",
        ),
        pytest.param(
            array(2, element(5, struct.pack("<i", 0)), element(1, b"")),
            "expected 1 to 1,000 fields",
            id="no fields",
        ),
    ],
)
def test_a_file_that_would_not_end_is_refused(tmp_path, content, why):
    (tmp_path / "meta.mat").write_bytes(HEADER + content)
    with pytest.raises(ValueError, match=rf"meta\.mat: expected the synsets.*{why}"):
        read_synsets(Folder(tmp_path), "")


def test_compressed_elements_inside_of_others_are_not_looked_into():
    inner = packed(nested(1))
    assert read_variables(HEADER + packed(inner)) == {}


def test_a_list_of_numbers_as_text_may_have_a_mark_and_other_line_ends(tmp_path):
    text = "\ufeffn02119789 1 kit_fox\r\n\r\nn01440764 2 tench\r\n"
    (tmp_path / "map_clsloc.txt").write_bytes(text.encode())
    found = read_synsets(Folder(tmp_path), "")
    assert found == {1: "n02119789", 2: "n01440764"}


@pytest.mark.parametrize("line", ["n02119789", "n02119789 kit fox", "n02119789 -1 x"])
def test_a_line_without_a_number_is_refused(tmp_path, line):
    (tmp_path / "map_clsloc.txt").write_text(f"n01440764 2 tench\n{line}\n")
    with pytest.raises(ValueError, match=r"clsloc\.txt: expected a number for n02119"):
        read_synsets(Folder(tmp_path), "")
