"""Each run once, in the order of the claims, with all that is asked of it."""

import pytest

from protocol import entries
from protocol.planned import plan
from tests.support.claims import claim

NEVER = {}


def choose(rates):
    """Return what an arm's sweep chose, by the arm's name."""
    return lambda claim, variant: rates.get(variant.name)


def names(runs):
    return [run.file for run in runs]


def test_a_claim_stands_alone_before_the_next_one_begins():
    two = [claim(id="one"), claim(id="two", arms=[{"name": "dry", "towers": 1}])]
    assert names(plan(two, choose(NEVER))) == [
        "small/seed_0", "no-dropout/seed_0", "small/seed_1", "no-dropout/seed_1",
        "dry/seed_0", "dry/seed_1",
    ]  # fmt: skip


def test_a_shared_run_is_trained_once_and_knows_all_who_ask():
    two = [claim(id="one"), claim(id="two", measure="ten_crops", arms=[], seeds=1)]
    runs = {run.file: run for run in plan(two, choose(NEVER), ["one"])}
    assert runs["small/seed_0"].wants == {"probabilities"}
    assert dict(runs["small/seed_0"].claims) == {c.id: c.sha256 for c in two}
    assert not runs["small/seed_1"].wants
    assert names(plan(two, choose(NEVER), ["two"])) == ["small/seed_0"]


def test_a_sweep_comes_first_and_an_own_rate_with_its_seed():
    swept = claim(rates=[0.01, 0.1], seeds=1)
    files = names(plan([swept], choose({"small": 0.01, "no-dropout": 0.1})))
    assert files[:4] == [
        f"sweep/{arm}-rate-{rate}/seed_9"
        for arm in ("small", "no-dropout")
        for rate in ("0.01", "0.1")
    ]
    assert files[4:] == [
        "small/seed_0", "no-dropout/seed_0", "no-dropout-rate-0.1/seed_0",
    ]  # fmt: skip
    sweep = plan([swept], choose(NEVER))[0].config
    assert (sweep.tested_on, sweep.epochs, sweep.schedule) == ("held-out", 1, "9")


def test_what_a_run_begins_with_comes_before_it():
    arm = {"name": "fine", "first": {"name": "pre", "mirrors": False}}
    runs = plan([claim(arms=[arm], seeds=1)], choose(NEVER))
    assert names(runs) == ["small/seed_0", "pre/seed_0", "fine/seed_0"]
    assert "kept" in runs[1].wants
    assert runs[2].asked()["first"] == runs[1].asked()


def test_runs_that_differ_need_names_that_do():
    other = claim(id="two", arms=[{"name": "no-dropout", "towers": 1}])
    with pytest.raises(ValueError, match="differ are called no-dropout, seed 0"):
        plan([claim(), other], choose(NEVER))


def test_a_claim_that_cannot_be_measured_asks_for_nothing():
    assert plan([claim(cannot="no pictures")], choose(NEVER)) == []


def test_the_whole_protocol_is_some_hundred_runs():
    runs = plan(entries.load(), choose(NEVER))
    assert 300 < len(runs) < 400
    assert len(set(names(runs))) == len(runs)
    # Seeds 0 to 9 of the base first: four claims are made of them.
    assert names(runs)[:10] == [f"tiny/seed_{seed}" for seed in range(10)]
    assert runs[0].wants == {"train", "probabilities", "shifted", "purity"}
