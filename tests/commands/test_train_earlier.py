"""A run that an earlier version began is gone on with by this one."""

import json
import shutil
from pathlib import Path

import pytest

from minialexnet import cli, data
from minialexnet.files import checkpoint
from tests.support import train_on_noise

# c9b7c85 wrote the run, which was stopped in its second epoch, and then ended it by
# --resume: ended.json has the history and of each array four numbers and the sum of
# all magnitudes. On the machine that wrote them the bits are the same, too.
FIXTURE = Path(__file__).parent / "fixtures" / "run_by_c9b7c85"


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """Return the folder of the run."""
    monkeypatch.setattr(data, "load", train_on_noise.noise)
    return Path(shutil.copytree(FIXTURE, tmp_path / "run"))


def test_it_ends_as_the_earlier_version_ended_it(earlier):
    state = checkpoint.load(earlier / checkpoint.NAME)[1]
    assert (len(state["history"]), state["begun"]["batches"]) == (1, 1)
    assert cli.main(["train", "--out", str(earlier), "--resume"]) == 0
    ended = json.loads((earlier / "ended.json").read_text())
    arrays, state = checkpoint.load(earlier / checkpoint.NAME)
    assert arrays.keys() == ended["arrays"].keys()
    for name, (*first, magnitudes) in ended["arrays"].items():
        array = arrays[name]
        assert array.ravel()[:4].tolist() == pytest.approx(first, 1e-4, 1e-8), name
        assert abs(array).sum(dtype="float64") == pytest.approx(magnitudes, 1e-5), name
    for entry, expected in zip(state["history"], ended["history"], strict=True):
        assert {k: entry[k] for k in expected} == pytest.approx(expected, rel=1e-5)


def test_what_it_was_asked_to_be_is_held_against_what_is_asked_now(earlier, capsys):
    words = ["train", "--out", str(earlier), "--resume"]
    assert cli.main([*words, "--augment", "2012", "--profile", "2012"]) == 0
    capsys.readouterr()
    for option, value, was in (
        ("--augment", "crops", "--color 2012"),
        ("--from", "a.npz", "--from None"),
        ("--parts", "3", "--parts 2"),
        ("--activation", "tanh", "--activation relu"),
        ("--change", "dropout=0.3", "--change {}"),
    ):
        assert cli.main([*words, option, value]) == 2
        assert f"expected {was}, as the run in" in capsys.readouterr().err


def test_it_is_evaluated_and_plotted(earlier, tmp_path, capsys):
    assert cli.main(["evaluate", str(earlier)]) == 0
    assert "40 pictures (test)" in capsys.readouterr().out
    assert cli.main(["plot", str(earlier), "--out", str(tmp_path / "a.png")]) == 0
