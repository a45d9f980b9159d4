"""Arms from several seeds: recorded, gone on with to the bit, and not mixed up."""

import numpy as np
import pytest

from compare.arms import Arm
from compare.experiment import compare
from compare.results import histories, last_epoch, setups
from minialexnet.files import checkpoint
from minialexnet.files.records import read_lines
from tests.support.arms import ARMS, base, epochs, options


def run(data, out, *, arms=ARMS, changes=(), **asked):
    """Compare the arms in a folder."""
    found = options(out, data=data, **asked)
    compare(found, base(found, **dict(changes)), arms, note="a note")


@pytest.fixture(scope="module")
def whole(small_set, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    run(small_set, out)
    return out


def test_both_errors_are_measured_at_the_rates_that_were_asked_for(whole):
    records = read_lines(whole / "results.jsonl")
    setup = records[0]
    assert setup["kind"] == "setup"
    assert setup["base"]["schedule"] == "1"
    assert setup["arms"] == {"plain": {}, "dropping": {}}
    assert setup["note"] == "a note"
    assert {"commit", "date", "machine", "train_sha256"} <= setup.keys()
    found = histories(records)
    assert [(name, list(arm)) for name, arm in found.items()] == [
        ("plain", [0]),
        ("dropping", [0]),
    ]
    for arm in found.values():
        rates = [entry["learning_rate"] for entry in arm[0]]
        assert rates == pytest.approx([0.003, 0.0003], rel=1e-12)
        for entry in arm[0]:
            assert 0 <= entry["train_error"] <= 1
            assert 0 <= entry["test_error"] <= 1
    assert setups(records) == records[:1]
    assert last_epoch(records) == 2


def test_an_arms_network_is_rebuilt_before_it_is_trained(whole):
    plain, dropping = (
        checkpoint.load(whole / "runs" / f"{arm.name}-seed0.npz") for arm in ARMS
    )
    assert plain[1]["layers"] == {}
    assert list(dropping[1]["layers"]) == ["dropout.step"]
    name = "w/fc1.W"
    assert not np.array_equal(plain[0][name], dropping[0][name])


@pytest.mark.slow
def test_a_run_that_is_gone_on_with_has_the_same_bits(small_set, whole, tmp_path):
    run(small_set, tmp_path, epochs=1, jobs=1)
    with pytest.raises(ValueError, match="holds an earlier run"):
        run(small_set, tmp_path)
    run(small_set, tmp_path, resume=True)
    assert epochs(tmp_path) == epochs(whole)
    assert [r["setup"] for r in read_lines(tmp_path / "results.jsonl")[-2:]] == [0, 1]
    weights = (
        checkpoint.load(out / "runs/plain-seed0.npz") for out in (tmp_path, whole)
    )
    one, two = (arrays for arrays, _ in weights)
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_another_run_is_not_gone_on_with(small_set, whole):
    with pytest.raises(ValueError, match="holds a run on other pictures"):
        run(small_set, whole, resume=True, pictures=65)
    other = [Arm("plain", {"schedule": "2"})]
    with pytest.raises(RuntimeError, match=r"the run has schedule 1, asked for was 2"):
        run(small_set, whole, resume=True, epochs=3, arms=other)
