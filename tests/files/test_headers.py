"""A JSON object is as it was asked to be, or one line says where it is not."""

import pytest

from minialexnet.files import headers as h

CHECK = h.record(
    {
        "size": h.whole(1, 10),
        "rate": h.real(0),
        "names": h.row(h.text(5), least=1, most=3),
        "order": h.choice("RGB", "BGR", 1),
    },
    {
        "states": h.mapping(h.whole(0)),
        "best": h.optional(h.real(finite=False)),
        "done": h.truth,
        "rest": h.anything,
    },
)
RIGHT = {"size": 3, "rate": 0.5, "names": ["a"], "order": "RGB"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"states": {"a.b": 0}, "best": None, "done": False, "rest": [{}], "other": 1},
        {"best": float("-inf"), "rate": 0, "size": 10, "order": 1},
        {"names": ["", "abcde", "c"], "best": 1},
    ],
)
def test_what_is_right_passes(more):
    assert CHECK(RIGHT | more, "") is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": 0}, "size to be a whole number from 1 to 10, got 0"),
        ({"size": 11}, "size to be a whole number from 1 to 10, got 11"),
        ({"size": 3.0}, "size to be a whole number from 1 to 10, got 3.0"),
        ({"size": True}, "size to be a whole number from 1 to 10, got True"),
        ({"size": None}, "size to be a whole number from 1 to 10, got None"),
        ({"rate": -0.1}, "rate to be a number from 0 to inf, got -0.1"),
        ({"rate": float("inf")}, "rate to be a number from 0 to inf, got inf"),
        ({"rate": float("nan")}, "rate to be a number from 0 to inf, got nan"),
        ({"rate": "1"}, "rate to be a number from 0 to inf, got '1'"),
        ({"rate": False}, "rate to be a number from 0 to inf, got False"),
        ({"names": []}, "names to be a list of 1 to 3, got list"),
        ({"names": ["a"] * 4}, "names to be a list of 1 to 3, got list"),
        ({"names": "abc"}, "names to be a list of 1 to 3, got 'abc'"),
        (
            {"names": ["a", "abcdef"]},
            r"names\[1\] to be a text of at most 5 characters",
        ),
        (
            {"names": ["a", 1]},
            r"names\[1\] to be a text of at most 5 characters, got 1",
        ),
        ({"order": "GBR"}, "order to be 'RGB' or 'BGR' or 1, got 'GBR'"),
        ({"order": True}, "order to be 'RGB' or 'BGR' or 1, got True"),
        ({"states": []}, "states to be an object, got list"),
        ({"states": {"a.b": -1}}, "states.a.b to be a whole number"),
        ({"best": float("nan")}, "best to be a number from -inf to inf, got nan"),
        ({"done": 0}, "done to be true or false, got 0"),
    ],
)
def test_what_is_wrong_is_named(wrong, words):
    with pytest.raises(h.HeaderError, match=f"^expected {words}"):
        CHECK(RIGHT | wrong, "")


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_missing_is_named(name):
    with pytest.raises(h.HeaderError, match=f"^expected {name}, got nothing there"):
        CHECK({key: value for key, value in RIGHT.items() if key != name}, "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        ("[]", "a JSON object, got list"),
        ("[" * 100_000, "JSON"),
        (b"\xff", "JSON"),
        ('{"a": 1, "a": 1}', "a name stands there twice"),
        ('{"a": {"b": 1, "b": 2}}', "a name stands there twice"),
        ('{"a": ' + "9" * 5000 + "}", "JSON"),
        ('{"a": 1}', "expected size, got nothing there"),
        (b" " * 1001, "JSON of at most 1,000 bytes"),
    ],
)
def test_texts_that_are_no_such_object(text, words):
    with pytest.raises(h.HeaderError, match=words) as raised:
        h.read_object(text, CHECK, most=10**6 if len(text) > 4000 else 1000)
    assert len(str(raised.value)) < 300


def test_a_long_or_deep_value_is_not_written_out():
    deep = []
    for _ in range(100):
        deep = [deep, deep]
    with pytest.raises(h.HeaderError, match=r"size to be .*, got list"):
        CHECK(RIGHT | {"size": deep}, "")
    with pytest.raises(h.HeaderError) as raised:
        CHECK(RIGHT | {"size": "x" * 10**6}, "")
    assert len(str(raised.value)) < 200
