"""A checkpoint whose state is damaged ends --resume in a line, never in a traceback."""

import copy
import json
import re

import pytest

from minialexnet import cli, data
from minialexnet.files import checkpoint
from minialexnet.files.headers import HeaderError
from minialexnet.runs.state import RUN
from tests.support import train_on_noise

VALUES = [
    *(None, True, 0, -1, 1, 3.5, 1e308, float("inf"), float("nan"), 2**63, 10**30),
    *("", "x", "a" * 5000, [], {}, [[]], [1, 2, 3], {"a": 1}),
]
DELETED = object()
# What is only written down again, whatever it says: provenance, and measurements.
SAID_AGAIN = ("runs", "history")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a checkpoint of two epochs: its folder, arrays and state."""
    out = tmp_path_factory.mktemp("trained")
    settings = ("--epochs", "2", "--threads", "1", "--schedule", "plateau")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", train_on_noise.few)
        assert cli.main(["train", "--out", str(out / "run"), *settings]) == 0
    return out, *checkpoint.load(out / "run" / checkpoint.NAME)


def places(value, path=()):
    """Yield the path to each value inside another; of a list to its first item."""
    if path:
        yield path
    inside = value if isinstance(value, dict) else range(len(value[:1]))
    for key in inside:
        if isinstance(value[key], dict | list):
            yield from places(value[key], (*path, key))
        else:
            yield (*path, key)


def damaged(state):
    """Yield the state with one thing in it changed or left out."""
    for path in places(state):
        for value in [*VALUES, DELETED]:
            changed = copy.deepcopy(state)
            where = changed
            for key in path[:-1]:
                where = where[key]
            if value is DELETED:
                del where[path[-1]]
            else:
                where[path[-1]] = value
            yield path, value, changed


def test_every_damaged_field_is_refused_in_a_line_or_does_no_harm(
    trained, monkeypatch, capsys
):
    monkeypatch.setattr(data, "load", train_on_noise.few)
    out, arrays, state = trained
    RUN(state, "")
    refused, harmless = 0, {}
    path = out / "damaged" / checkpoint.NAME
    path.parent.mkdir()
    for place, value, changed in damaged(state):
        try:
            RUN(changed, "")
        except HeaderError as error:
            assert str(error).startswith("expected "), place
            assert len(str(error)) < 400, place
            refused += 1
            continue
        if place[0] in SAID_AGAIN:
            json.dumps(changed.get(place[0]), allow_nan=False)
        else:
            harmless.setdefault(place, []).append((value, changed))
    assert refused > 900
    assert len(harmless) > 40
    # Of each place the first and the last value that pass are gone on from.
    for place, (first, *others) in harmless.items():
        for value, changed in [first, *others[-1:]]:
            checkpoint.save(path, arrays, changed)
            code = cli.main(["train", "--out", str(path.parent), "--resume"])
            errors = capsys.readouterr().err
            assert (code, errors.count("\n")) in ((0, 0), (2, 1)), (place, errors)
            assert len(errors) < 700, (place, value)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("class_names",), ["a"], "a class name for each of 10 outputs, got 1"),
        (("config", "batch_size"), 0, "config.batch_size to be a whole number from 1"),
        (("config", "learning_rate"), float("nan"), "config.learning_rate to be a num"),
        (
            ("history", 0, "epoch"),
            2,
            "expected epoch 1 in the history's place 1, got 2",
        ),
        (
            ("schedule",),
            None,
            "expected the state of the schedule, learning_rate, .*non",
        ),
        (("layers",), {"x.step": 1}, "missing or unknown: x.step"),
        (("preprocessing", "order"), "GBR", "order to be 'RGB' or 'BGR', got 'GBR'"),
    ],
)
def test_what_is_wrong_is_said(
    trained, monkeypatch, capsys, tmp_path, path, value, words
):
    monkeypatch.setattr(data, "load", train_on_noise.few)
    _, arrays, state = trained
    state = where = copy.deepcopy(state)
    for key in path[:-1]:
        where = where[key]
    where[path[-1]] = value
    checkpoint.save(tmp_path / checkpoint.NAME, arrays, state)
    assert cli.main(["train", "--out", str(tmp_path), "--resume"]) == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert re.search(words, errors), errors


def test_what_is_only_written_down_again_is_looked_at_too(trained):
    deep = []
    for _ in range(25):
        deep = [deep]
    for name, key, value, words in (
        ("runs", "x", deep, "expected runs less deep, got 21 levels"),
        ("history", "test_error", "x", r"expected history\[0\].test_error to be a num"),
    ):
        state = copy.deepcopy(trained[2])
        state[name][0][key] = value
        with pytest.raises(HeaderError, match=words):
            RUN(state, "")


def test_arrays_of_another_shape_are_refused(trained, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(data, "load", train_on_noise.few)
    _, arrays, state = trained
    for name in ("w/conv1.W", "v/conv1.W"):
        for changed in (arrays[name][:1], None):
            wrong = {n: changed if n == name else a for n, a in arrays.items()}
            wrong = {n: a for n, a in wrong.items() if a is not None}
            checkpoint.save(tmp_path / checkpoint.NAME, wrong, state)
            assert cli.main(["train", "--out", str(tmp_path), "--resume"]) == 2
            errors = capsys.readouterr().err
            assert errors.count("\n") == 1
            assert "conv1.W" in errors
