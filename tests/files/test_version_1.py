"""What the first edition wrote is still read: a checkpoint of version 1, a record.

The run in fixtures/ was begun by commit c9b7c85, with one epoch on the pictures of
tests/support/train_on_noise.py; the losses here are those of its own next two.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from minialexnet import cli, data, model
from minialexnet.files import checkpoint, records
from tests.support import train_on_noise

RUN = Path(__file__).parent / "fixtures" / "run_by_c9b7c85"
LOSSES = [2.294264495372772, 2.3219348788261414, 2.302013099193573]


def version(path):
    with np.load(path) as file:
        return json.loads(file["minialexnet"].tobytes())["version"]


def test_a_run_is_gone_on_with_as_it_was_begun(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data, "load", train_on_noise.noise)
    out = tmp_path / "run"
    shutil.copytree(RUN, out)
    assert version(out / checkpoint.NAME) == 1
    code = cli.main(["train", "--out", str(out), "--resume", "--epochs", "3"])
    output, errors = capsys.readouterr()
    assert (code, errors) == (0, "")
    assert output.count("of an earlier version, which did not note its pictures") == 1
    assert version(out / checkpoint.NAME) == 2
    first, again, *history = records.read_lines(out / "metrics.jsonl")
    assert [entry["running_loss"] for entry in history] == pytest.approx(
        LOSSES, rel=1e-5
    )
    assert [entry["learning_rate"] for entry in history] == [0.01] * 3
    # How it was begun stays written down; what it goes on with is the same.
    assert first == records.read_lines(RUN / "metrics.jsonl")[0]
    was, now = first["run"]["config"], again["run"]["config"]
    for name in was.keys() & now.keys() - {"epochs"}:
        assert was[name] == now[name], name


def test_the_model_in_a_run_is_loaded():
    found = model.load(RUN)
    assert found.description["profile"] == "caffe"
    assert found.class_names == tuple("abcdefghij")
    x = found.preprocessing.center(np.full((1, 3, 32, 32), 200, np.uint8))
    assert found.network.forward(x).shape == (1, 10)


def test_a_record_is_read():
    run, epoch = records.read_lines(RUN / "metrics.jsonl")
    assert run["run"]["config"]["augment"] == "crops"
    assert epoch["running_loss"] == LOSSES[0]
