"""A claim's own picture: which numbers stand in it, and which curves."""

import re

import numpy as np
import pytest

from protocol import entries, verdicts
from protocol.one_claim import draw_claim
from protocol.planned import run_of, sweep_of
from tests.support.claims import SETUP, claim, record, store

MINUS = "\N{MINUS SIGN}"
TWO = [{"name": "a", "learning_rate": 0.02}, {"name": "b", "batch_size": 8}]


def measured(place, run, error, **how):
    """Record a run by its last error, which is twice as large an epoch before."""
    epochs = [{"test_error": 2 * error}, {"test_error": error}]
    record(place, run, epochs=epochs, wrong=np.arange(8) < 8 * error, **how)


def fill(place, one, errors):
    """Record a test error for each seed of each arm."""
    for name, of_arm in errors.items():
        (variant,) = (v for v in one.variants if v.name == name)
        for seed, error in zip(one.seeds, of_arm, strict=False):
            measured(place, run_of(one, variant, seed), error)


def drawn(one, place, folder, quick=False):
    """Return the claim's line, and the words of its picture."""
    (line,) = verdicts.table([one], place)
    png, svg = draw_claim(one, line, place, folder, quick)
    assert png.stat().st_size > 10_000
    texts = re.findall("<!--(.+?)-->", svg.read_text(), re.DOTALL)  # beside the glyphs
    return line, " ".join(" ".join(texts).split())


def test_every_seed_is_drawn_with_the_mean_difference(tmp_path):
    one, place = claim(id="no-dropout-at-all"), store(tmp_path)
    fill(place, one, {"small": [0.25, 0.375], "no-dropout": [0.25, 0.5]})
    line, words = drawn(one, place, tmp_path)
    assert line["by_seed"] == [
        {"seed": 0, "arm": {"test_error": 0.25}, "base": {"test_error": 0.25}},
        {"seed": 1, "arm": {"test_error": 0.5}, "base": {"test_error": 0.375}},
    ]
    assert (tmp_path / "no-dropout-at-all.svg").exists()
    for text in (
        "Section 4.2: without dropout",
        f"+6.25 points ({MINUS}73.16 to +85.66)",
        "top-1 test error (%)",
        "no-dropout, test",
        "the base, test",
        "AlexNet in profile 2012, width 0.0625",
        "drawn shapes: 80; classes: 10;",
        "rate 0.01;",
        "commit 0123456",
    ):
        assert text in words, text
    assert "no-dropout, training" not in words
    assert "QUICK" not in words
    assert "QUICK RUN. On the left" in drawn(one, place, tmp_path, quick=True)[1]


def test_arms_that_differ_in_rate_or_batch_are_told_apart(tmp_path):
    one, place = claim(arms=TWO), store(tmp_path)
    fill(place, one, {name: [0.25, 0.5] for name in ("small", "a", "b")})
    _, words = drawn(one, place, tmp_path)
    assert "batches of 16 (the base), 16 (a), 8 (b)" in words
    assert "rate 0.01 (the base), 0.02 (a), 0.01 (b)" in words
    assert words.count("+0.00 points (+0.00 to +0.00)") == 2


def test_only_what_is_judged_is_drawn(tmp_path):
    one, place = claim(arms=TWO), store(tmp_path)
    # Of the second arm one seed is not there yet.
    fill(place, one, {"small": [0.25, 0.5], "a": [0.375, 0.5], "b": [0.5]})
    _, words = drawn(one, place, tmp_path)
    assert "a, test" in words
    assert "b, test" not in words and "(b)" not in words
    # Of the first, so that the claim is open.
    open_arm = claim(arms=TWO[::-1])
    (line,) = verdicts.table([open_arm], place)
    assert draw_claim(open_arm, line, place, tmp_path / "open", quick=False) == []
    assert "recorded" not in line


def test_curves_are_those_of_the_rate_that_the_sweep_chose(tmp_path):
    one, place = claim(rates=[0.01, 0.1]), store(tmp_path)
    for variant in one.variants:
        for run in sweep_of(one, variant):
            rate = run.config.learning_rate
            best = 0.1 if variant.name == "no-dropout" else 0.01
            measured(place, run, 0.5 if rate == best else 0.75)
    fill(place, one, {"small": [0.25, 0.5], "no-dropout": [0.875, 0.875]})
    other = SETUP | {"commit": "abcdef0123"}
    for seed in one.seeds:
        run = run_of(one, one.arms[0], seed, rate=0.1)
        measured(place, run, 0.125, setup=other)
    line, words = drawn(one, place, tmp_path)
    assert "rate 0.01 (the base), 0.1 (no-dropout)" in words
    assert f"{MINUS}25.00 points" in words
    assert [found["commit"][:4] for found in line["recorded"]] == ["0123", "abcd"]


def test_claims_without_arms_have_no_picture(tmp_path):
    one = claim(measure="ten_crops", arms=[])
    (line,) = verdicts.table([one], store(tmp_path))
    assert draw_claim(one, line, store(tmp_path), tmp_path, quick=False) == []
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("reached", [True, False])
def test_a_time_begins_at_nothing_and_has_no_curves(tmp_path, reached):
    one, place = claim(base="steps", measure="steps_to"), store(tmp_path)
    for variant, steps in zip(one.variants, (4, 6), strict=True):
        for seed in one.seeds:
            end = {"steps": steps} | ({"reached": 1} if reached else {})
            record(place, run_of(one, variant, seed), end=end)
    _, words = drawn(one, place, tmp_path)
    assert "1.50 times as long (1.50 to 1.50)" in words
    assert "steps to a loss -9 below chance" in words
    assert "ratios are geometric means" in words
    assert "On the left" not in words and ", test" not in words
    assert ("a run that missed the goal" in words) is not reached


def test_what_was_recorded_before_the_protocol_is_named(tmp_path):
    (relu,) = (one for one in entries.load() if one.id == "relu")
    (first, *_) = verdicts.recorded(relu, store(tmp_path))
    assert first.keys() == {"date", "commit", "machine"}
    assert len(first["date"]) == 10
    # But not of other pictures, nor where the entry does not count it in.
    told = {"file": "figure_1_cifar10.jsonl", "arms": {}}
    assert verdicts.recorded(claim(earlier=told), store(tmp_path)) == []
    assert verdicts.recorded(claim(), store(tmp_path)) == []
