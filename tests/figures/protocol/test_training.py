"""A run is recorded when it is finished, and gone on with to the bit."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from protocol.planned import of_claim, plan, run_of
from protocol.training import Place, train
from tests.support import strict_cupy
from tests.support.arms import VARY
from tests.support.claims import claim, store

SETUP = {"commit": "0123", "date": "2026-01-31T00:00:00Z", "protocol": {"commit": "45"}}
ALL = frozenset({"train", "probabilities", "shifted", "purity"})


def quiet(what, value):
    pass


def finished(folder, run):
    """Train a run in a folder; return its records but times, and its arrays."""
    place = Place(store(folder), SETUP)
    train(run, place, quiet)
    return recorded(place, run)


def recorded(place, run):
    lines = [
        {key: value for key, value in line.items() if key not in VARY}
        for line in place.store.lines(run)
    ]
    path = place.store.records / f"{run.file}.npz"
    return lines, place.store.arrays(run) if path.exists() else {}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = replace(run_of(claim(), claim().arms[0], 1), wants=ALL)
    return run, *finished(tmp_path_factory.mktemp("whole"), run)


def test_a_run_is_recorded_with_all_that_was_asked(whole):
    _, lines, arrays = whole
    setup, *epochs, end = lines
    assert [line["kind"] for line in lines] == ["setup", "epoch", "epoch", "end"]
    assert {"arm": "no-dropout", "seed": 1}.items() <= end.items()
    assert setup["claims"] == {"one": claim().sha256}
    assert setup["commit"] == "0123"
    assert setup["config"]["change"] == {"dropout": 0.0}
    assert (setup["train_pictures"], setup["test_pictures"]) == (80, 1000)
    assert [epoch["learning_rate"] for epoch in epochs] == [0.01, 0.001]
    assert all(0 < epoch["train_error"] <= 1 for epoch in epochs)
    assert len(end["colour"]) == 6
    assert {"purity_pixels", "purity_untrained", "purity_trained"} <= end.keys()
    assert arrays["ten"].shape == arrays["center"].shape == (1000, 10)
    assert arrays["ten"].dtype == arrays["p"].dtype == np.float16
    assert arrays["right_shifted"].shape == arrays["right"].shape


def test_errors_and_arrays_agree(whole):
    _, lines, arrays = whole
    top1, top5 = np.unpackbits(arrays["right"], axis=1, count=1000)
    assert 1 - top1.mean() == pytest.approx(lines[-1]["test_error"], abs=1e-6)
    assert 1 - top5.mean() == pytest.approx(lines[-1]["test_top5_error"], abs=1e-6)
    shifted = np.unpackbits(arrays["right_shifted"], axis=1, count=1000)[0]
    assert 1 - shifted.mean() == pytest.approx(lines[-1]["shifted_error"], abs=1e-6)
    own = arrays["center"][np.arange(1000), arrays["labels"]]
    assert np.array_equal(own, arrays["p"])


@pytest.mark.slow
def test_a_run_that_was_stopped_has_the_same_bits(whole, tmp_path):
    run, lines, arrays = whole
    place, seen = Place(store(tmp_path), SETUP), []

    def stop(what, value):
        seen.append(value)
        if sum(seen) > 110:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(run, place, stop)
    assert not place.store.lines(run)
    train(run, place, quiet)
    again, same = recorded(place, run)
    assert [line["kind"] for line in again[:2]] == ["setup", "setup"]
    assert again[2:] == lines[1:]
    for name, array in arrays.items():
        np.testing.assert_array_equal(same[name], array)
    assert not place.store.checkpoint(run).exists()
    assert place.store.is_done(run)


def test_a_run_with_a_loss_for_a_goal_ends_there_or_at_its_last_step(tmp_path):
    steps = claim(base="steps")
    never = replace(steps.goal, below_chance=9.0)
    lines, arrays = finished(
        tmp_path, replace(run_of(steps, steps.base, 0), goal=never)
    )
    # Five batches an epoch, so a window of 25 batches has no loss to compare.
    assert [line.get("steps") for line in lines] == [None, 5, 10, 10]
    assert not arrays
    long = replace(steps.config, held_out=200, epochs=3)  # 35 batches an epoch
    soon = replace(run_of(replace(steps, config=long), steps.base, 1), arm="soon")
    soon = replace(soon, goal=replace(steps.goal, steps=100))
    lines, _ = finished(tmp_path, soon)
    assert (lines[-1]["steps"], lines[-1]["reached"]) == (25, 1)


@pytest.mark.slow
def test_a_run_begins_with_the_layers_of_another(tmp_path):
    arm = {"name": "fine", "first": {"name": "pre", "mirrors": False}}
    fine = claim(arms=[arm], seeds=1)
    first, run = plan([fine], lambda *_: None)[1:]
    place = Place(store(tmp_path), SETUP)
    train(first, place, quiet)
    assert place.store.is_kept(first)
    train(run, place, quiet)
    lines, _ = recorded(place, run)
    plain, _ = finished(tmp_path, next(of_claim(fine, lambda *_: None)))
    assert lines[1]["running_loss"] != plain[1]["running_loss"]
    assert lines[0]["config"]["first"]["mirrors"] is False
    place.store.kept(first).unlink()
    assert not place.store.is_kept(first)


def test_a_run_that_diverges_has_the_error_of_chance(tmp_path):
    wild = claim(arms=[{"name": "wild", "learning_rate": 1e30}])
    with np.errstate(all="ignore"):
        lines, arrays = finished(tmp_path, run_of(wild, wild.arms[0], 0))
    assert lines[-1]["diverged"] == 1
    assert lines[-1]["test_error"] == 0.9
    assert not arrays["right"].any()


@pytest.mark.slow
def test_a_run_on_a_gpu_learns_what_one_on_the_processor_does(tmp_path, monkeypatch):
    """By the stand-in; it sees pictures as bytes, kernels, and all that is measured."""
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)
    run = replace(run_of(claim(), claim().arms[0], 1), wants=ALL)
    found = []
    for device in ("cpu", "cuda:0"):
        place = Place(store(tmp_path / device), SETUP, device=device)
        train(run, place, quiet)
        found.append(recorded(place, run))
    (lines, arrays), (there, arrays_there) = found
    losses = [
        [e["running_loss"] for e in own if e["kind"] == "epoch"]
        for own in (lines, there)
    ]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    assert arrays.keys() == arrays_there.keys()
    near = np.abs(arrays["ten"] - arrays_there["ten"].astype(np.float32))
    assert near.max() < 0.01
