"""A claim's own picture: which numbers stand in it, and which curves."""

import pytest

from minialexnet.files.records import write_lines
from protocol import verdicts
from protocol.one_claim import draw_claim
from protocol.planned import run_of
from tests.support.claims import claim, store

SETUP = {
    "kind": "setup",
    "train_pictures": 80,
    "test_pictures": 0,
    "classes": 10,
    "date": "2026-01-31T00:00:00Z",
    "commit": "0123456789",
    "machine": {"cores": 2, "processor": "a processor"},
}


def measured(folder, one, errors):
    """Record runs whose test error is halved in the second epoch, by arm and seed."""
    place = store(folder)
    for variant in one.variants:
        for seed, error in zip(one.seeds, errors[variant.name], strict=True):
            epochs = [
                {"kind": "epoch", "epoch": i + 1, "test_error": error * (2 - i)}
                for i in range(2)
            ]
            end = {"kind": "end", "test_error": error, "train_error": error / 2}
            path = place.records / f"{run_of(one, variant, seed).file}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_lines(path, [SETUP, *epochs, end])
    return place


def drawn(one, place, folder, quick=False):
    """Return the words of the picture."""
    (line,) = verdicts.table([one], place)
    png, svg = draw_claim(one, line, place, folder, quick)
    assert png.stat().st_size > 10_000
    return line, svg.read_text()


@pytest.fixture
def without_pictures(monkeypatch):
    """Leave out what is said of each test picture, of which nothing is recorded."""
    monkeypatch.setattr("protocol.measures.wrong_of", lambda *_: [])


@pytest.mark.usefixtures("without_pictures")
def test_every_seed_is_drawn_with_the_mean_difference(tmp_path, monkeypatch):
    monkeypatch.setattr("protocol.differences.bootstrap", lambda *_, **__: (0, 0))
    one = claim(id="no-dropout-at-all")
    place = measured(tmp_path, one, {"small": [0.3, 0.4], "no-dropout": [0.32, 0.44]})
    line, words = drawn(one, place, tmp_path)
    first, second = line["by_seed"]
    assert (first["seed"], second["seed"]) == (0, 1)
    assert first["arm"] == {"test_error": 0.32, "train_error": 0.16}
    assert second["base"] == {"test_error": 0.4, "train_error": 0.2}
    assert (tmp_path / "no_dropout_at_all.svg").exists()
    for text in (
        "Section 4.2: without dropout",
        "+3.0 points (\N{MINUS SIGN}9.7 to +15.7)",
        "top-1 test error (%)",
        "no-dropout, test",
        "80 training pictures of drawn shapes, 10",
        "rate 0.01",
        "commit 0123456",
    ):
        assert text in words, text
    assert "training" not in words.replace("80 training pictures", "")
    assert "QUICK" not in words
    assert "QUICK RUN. On the left" in drawn(one, place, tmp_path, quick=True)[1]


def test_a_claim_without_arms_or_without_numbers_has_no_picture(tmp_path):
    for one in (claim(), claim(measure="ten_crops", arms=[])):
        (line,) = verdicts.table([one], store(tmp_path))
        assert draw_claim(one, line, store(tmp_path), tmp_path, quick=False) == []
    assert not list(tmp_path.glob("*.png"))


def test_a_time_begins_at_nothing_and_has_no_curves(tmp_path):
    one = claim(base="steps", measure="steps_to")
    place = store(tmp_path)
    for variant, steps in zip(one.variants, (4, 6), strict=True):
        for seed in one.seeds:
            path = place.records / f"{run_of(one, variant, seed).file}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            end = {"kind": "end", "steps": steps, "reached": 1}
            write_lines(path, [SETUP, {"kind": "epoch", "epoch": 1}, end])
    _, words = drawn(one, place, tmp_path)
    assert "1.5 times as long (1.5 to 1.5)" in words
    assert "steps" in words and "epochs" not in words
    assert "On the left" not in words
