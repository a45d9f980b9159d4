"""The command that measures the claims, and what it has recorded."""

import json
import re
import subprocess
from itertools import combinations
from pathlib import Path

import claims
import numpy as np
import pytest
from PIL import Image

from compare.numbers import chance
from minialexnet.files.records import read_lines
from protocol import entries, scheduler
from protocol.agreed import git
from protocol.planned import run_of, sweep_of
from protocol.questions import arm, question
from protocol.store import Store
from protocol.training import Place
from tests.support.claims import TABLES, entry, record, store

ROOT = Path(__file__).resolve().parents[2]
PROTOCOLS = [entries.TOML, entries.TOML.with_name("large_batches.toml")]
every_protocol = pytest.mark.parametrize("toml", PROTOCOLS, ids=lambda toml: toml.stem)
MOST_BYTES = 10_000_000


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A table of two small claims in place of the protocol, and a folder to run in."""
    told = TABLES | {
        "claim": [
            entry(rates=[0.01]),
            entry(id="two", measure="ten_crops", arms=[], direction=-1),
            entry(id="three", cannot="no pictures"),
        ]
    }
    monkeypatch.setattr(entries, "tables", lambda *_: told)
    monkeypatch.setattr(claims, "setup", lambda *_: SETUP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


SETUP = {
    "commit": "0123",
    "date": "2026-01-31T00:00:00Z",
    "machine": {"cores": 2, "processor": "a processor"},
}


def contents(folder):
    """Return the bytes of all files by path."""
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_the_command_measures_judges_and_draws(small, capsys):
    options = ["--out", "out", "--records", "records", "--jobs", "1"]
    assert claims.main(options) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 runs to train by 1 at once: about 0 minutes")
    assert re.search(r"without dropout: [+-]\d+\.\d\d points \(.*2 seeds", said)
    for name in ("claims", "claims_curves"):
        with Image.open(small / "out" / f"{name}.png") as picture:
            assert picture.width > 900
    files = {
        str(path.relative_to("records")) for path in Path("records").rglob("*.jsonl")
    }
    assert {"small/seed_1.jsonl", "sweep/small-rate-0.01/seed_9.jsonl"} <= files
    assert not list(Path("out").rglob("*.npz"))  # all are finished
    # What is there is not trained again, and not without being asked for.
    assert claims.main(options) == 2
    assert "go on with them by --resume" in capsys.readouterr().err
    before = contents(Path("records"))
    assert claims.main([*options, "--resume"]) == 0
    assert contents(Path("records")) == before
    capsys.readouterr()
    assert claims.main([*options, "--table"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["claim"] for line in lines] == ["one", "two", "three"]
    assert lines[0]["seeds"] == lines[1]["seeds"] == 2
    assert lines[2]["low"] is None
    assert lines[2]["cannot"] == "no pictures"


def test_data_that_are_missing_are_said_once_before_anything_is_begun(
    small, monkeypatch, capsys
):
    def missing(*_):
        raise FileNotFoundError("expected pictures")

    monkeypatch.setattr(claims, "load_pictures", missing)
    assert claims.main(["--out", "out", "--records", "records", "--jobs", "2"]) == 2
    assert capsys.readouterr().err == "claims: expected pictures\n"
    assert not list(small.iterdir())


def test_a_run_that_fails_is_named_and_the_others_are_done(tmp_path):
    bad = entry(arms=[{"name": "bad", "input_size": 33}], seeds=1)
    one, place = entries.read(bad, TABLES), store(tmp_path)
    with pytest.raises(RuntimeError, match=r"^bad/seed_0 failed: ValueError: .* 33"):
        scheduler.train_all([one], Place(place, SETUP), 1)
    assert [path.parent.name for path in place.records.rglob("*.jsonl")] == ["small"]


def test_a_question_is_a_change_of_a_field():
    assert arm("pooling=4") == {"name": "pooling=4", "pooling": 4}
    assert arm('removed=["conv4"]')["change"] == {"removed": ["conv4"]}
    assert arm("activation=tanh")["activation"] == "tanh"
    assert arm("mirrors=false")["mirrors"] is False
    assert arm("rate=conv1=0.1")["rate"] == {"conv1": 0.1}
    for odd in ("poolings=4", "pooling", "=4", "seed=3", "device=cuda:0"):
        with pytest.raises(ValueError, match="expected --arm FIELD=VALUE"):
            arm(odd)
    for odd in ("pooling=0", "pooling=", "momentum=a", "crops=2", "epochs=0", "rate=3"):
        with pytest.raises(ValueError, match=rf"--arm {odd[:5]}.*(invalid|expected|=)"):
            arm(odd)
    assert question("pooling=4", "shapes")["base"] == "four-layer"
    assert question("dropout=0.3", "shapes")["base"] == "tiny"
    assert question("width=0.5", "shapes")["base"] == "tiny"
    with pytest.raises(ValueError, match="only AlexNet has it; expected --data shapes"):
        question("width=0.5", "cifar10")
    assert question("pooling=4", "tiny-imagenet")["base"] == "tiny"
    options = claims.parser().parse_args(["--arm", "pooling=4", "--arm", "towers=1"])
    found, only = claims.asked(options)
    assert [one.id for one in found] == ["pooling=4", "towers=1"]
    assert not only
    assert found[0].config.data == "shapes"
    for more in (["--only", "relu"], ["--protocol", "other.toml"]):
        with pytest.raises(ValueError, match="--arm without --only and --protocol"):
            claims.asked(claims.parser().parse_args(["--arm", "pooling=4", *more]))


def test_a_data_set_chooses_the_claims_that_are_measured_on_it():
    options = claims.parser().parse_args(["--data", "cifar10"])
    _, only = claims.asked(options)
    assert only == ["weight-decay", "relu"]
    options = claims.parser().parse_args(["--only", "half", "nothing"])
    with pytest.raises(ValueError, match=r"expected --only of .*, got nothing$"):
        claims.asked(options)
    options = claims.parser().parse_args(["--only", "half", "--data", "cifar10"])
    with pytest.raises(ValueError, match=r"measured on cifar10, got half$"):
        claims.asked(options)


def test_a_question_that_no_network_can_answer_is_refused(capsys):
    for change, why in (
        ("dropout=2", "expected 0 <= drop_probability < 1, got 2"),
        ("classes=5", "ten classes"),
    ):
        assert claims.main(["--arm", change]) == 2
        assert why in capsys.readouterr().err


def test_a_claim_is_judged_by_all_of_its_seeds_whatever_was_asked(small, capsys):
    told = entries.tables()["claim"][0]
    one, place = entries.read(told, TABLES), Store(Path("records"), Path("checkpoints"))
    for variant in one.variants:
        record(place, run_of(one, variant, 0), wrong=[True])
        record(place, sweep_of(one, variant)[0], end={"test_error": 0.5})
    options = ["--records", "records", "--seeds", "1", "--table"]
    assert claims.main(options) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (line["here"], line["why"]) == (None, "not finished, 1 of 2 seeds measured")


def test_a_folder_of_records_that_is_not_there_is_named(small, capsys):
    for what in ("--table", "--draw"):
        assert claims.main(["--records", "nowhere", what]) == 2
        assert "a folder of records, got nowhere" in capsys.readouterr().err


def test_hours_are_said_before_anything_is_trained(capsys, tmp_path):
    nothing = ["--records", str(tmp_path / "records"), "--jobs", "2", "--list"]
    assert claims.main(nothing) == 0
    *each, whole = capsys.readouterr().out.splitlines()
    assert len(each) == len(entries.load())
    hours = float(re.search(r"about ([\d.]+) hours", whole)[1])
    assert 10 < hours < 25


def test_a_measurement_needs_a_clean_checkout(monkeypatch):
    monkeypatch.setattr(claims, "provenance", lambda: {"commit": "0123-dirty"})
    options = claims.parser().parse_args([])
    with pytest.raises(ValueError, match="the protocol comes before the runs"):
        claims.setup(options, quick=False)
    monkeypatch.setattr(
        claims, "provenance", lambda: {"commit": "0123", "command": "x --data-dir /a/b"}
    )
    options = claims.parser().parse_args(["--data-dir", "/a/b"])
    assert claims.setup(options, quick=False)["command"] == "x --data-dir DATA_DIR"


# What is recorded


def recorded(toml):
    """Return the records of a protocol's runs."""
    found = sorted((claims.RESULTS / toml.stem).rglob("*.jsonl"))
    return found or pytest.skip(f"nothing of {toml.name} is measured yet")


@every_protocol
def test_records_belong_to_the_protocol_and_came_after_it(toml):
    known = {one.id: one.sha256 for one in entries.load(toml)}
    for path in recorded(toml):
        for setup in (r for r in read_lines(path) if r["kind"] == "setup"):
            assert setup["claims"].items() <= known.items(), path
            assert not setup["quick"]
            assert setup["commit"].isalnum()  # not "-dirty"
            assert not re.search(r"\s/|=/", setup["command"])
            assert setup["protocol"]["date"][:10] <= setup["date"][:10]
    assert sum(map(len, contents(claims.RESULTS / toml.stem).values())) < MOST_BYTES


@every_protocol
def test_the_protocols_commit_is_an_ancestor(toml):
    if not git("rev-parse", "HEAD"):
        pytest.skip("no checkout of git")
    commits = {read_lines(path)[0]["protocol"]["commit"] for path in recorded(toml)}
    for commit in commits:
        words = ["git", "-C", str(ROOT), "merge-base", "--is-ancestor", commit, "HEAD"]
        assert subprocess.run(words, check=False).returncode == 0


@pytest.mark.slow  # the bootstrap draws pictures, twice
@every_protocol
def test_the_table_and_the_pictures_come_from_the_records(toml, tmp_path, capsys):
    recorded(toml)
    options = ["--protocol", str(toml)]
    assert claims.main([*options, "--table"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(entries.load(toml))
    table = claims.RESULTS / f"{toml.stem}.jsonl"
    before = table.read_bytes()
    assert claims.main([*options, "--draw", "--out", str(tmp_path)]) == 0
    assert (tmp_path / f"{toml.stem}.png").exists()
    assert table.read_bytes() == before


def test_another_protocol_has_its_own_records_and_pictures():
    options = claims.parser().parse_args(["--protocol", str(PROTOCOLS[1])])
    found, only = claims.asked(options)
    assert [one.id for one in found] == only
    store, quick, out = claims.place_of(options)
    assert (store.records.name, out.name, quick) == ("large_batches",) * 2 + (False,)
    # Each network is trained once, whichever comparisons share it.
    runs = scheduler.open_runs(found, Store(out, out), only)
    sizes = {run.arm: run.config.batch_size for run in runs}
    assert sizes == {"batch-128": 128} | {
        f"{name}-{size}": size
        for name in ("batch", "scaled", "lars")
        for size in (512, 2048)
    }
    assert len(runs) == 3 * len(sizes)
    assert {run.config.epochs for run in runs} == {12}


def test_claims_that_are_asked_for_are_drawn_one_by_one(tmp_path, capsys):
    table = claims.RESULTS / "claims.jsonl"
    before = table.read_bytes()
    # As `make figures` draws them; what compares no arms has no picture.
    asked = ["half", "overlapping-pooling", "ten-crops"]
    options = ["--draw", "--only", *asked, "--out", str(tmp_path)]
    assert claims.main(options) == 0
    lines = {line["claim"]: line for line in read_lines(table)}
    said = capsys.readouterr().out
    assert all(lines[name]["text"].partition(", p ")[0] in said for name in asked)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}.{end}" for name in asked[:2] for end in ("png", "svg")}
    for name in asked[:2]:
        with (
            Image.open(ROOT / "figures" / f"{name}.png") as kept,
            Image.open(tmp_path / f"{name}.png") as picture,
        ):
            assert abs(kept.width - picture.width) < 3
    assert table.read_bytes() == before


PAGES = {  # what they say of a claim, as it is recorded
    "lessons/site/figures.rst": [
        ("overlapping-pooling", "{here:.1f} points higher"),
        ("overlapping-pooling", "(95 % interval {low:.1f} to {high:.1f})"),
        ("half", "{here:.1f} points higher"),
        ("half", "(95 % interval {low:.1f} to {high:.1f})"),
    ],
    "README.md": [("relu", "{low:.1f} to {high:.1f} of six;")],
    "lessons/site/guides/figure-1.rst": [
        ("relu", "it is {here:.1f} times, with an interval of {low:.1f} to {high:.1f}"),
    ],
    "lessons/lesson_01_relu.py": [
        ("relu", "The factor is again {here:.1f}, and its interval is narrower,"),
        ("relu", "narrower, {low:.1f} to {high:.1f}."),
    ],
    "lessons/lesson_03_response_normalization.py": [
        ("response-normalisation", "test error is {here:.1f} points higher on average"),
        ("response-normalisation", "is {at_base_rate[here]:.1f} points worse"),
        (
            "response-normalisation",
            "({at_base_rate[low]:.1f} to {at_base_rate[high]:.1f})",
        ),
    ],
    "lessons/lesson_04_overlapping_pooling.py": [
        ("overlapping-pooling", "top-1 error {here:.1f} points higher"),
        ("overlapping-pooling", "{bootstrap[0]:.1f} to {bootstrap[1]:.1f} points"),
    ],
    "lessons/lesson_05_two_devices.py": [
        ("half", "cost {here:.1f} points top-1"),
        ("exchange", "the error is {here:.1f} points higher ({low:.1f} to {high:.1f})"),
        ("exchange", "without Holm's rule p is {p_alone:.2f}"),
        ("one-tower", "inside an interval of {low:.1f} to {high:.1f}"),
        ("one-tower", "it is {at_base_rate[here]:.1f} points higher"),
        ("one-tower", "({at_base_rate[low]:.1f} to {at_base_rate[high]:.1f})"),
    ],
    "lessons/lesson_06_architecture.py": [
        ("no-conv5", "on average by {here:.1f} to"),
        ("no-conv4", "to {here:.1f} points"),
        ("no-fc7", "without fc7 is {at_base_rate[here]:.1f} points worse"),
        ("no-fc7", "it is {here:.1f} points worse"),
    ],
    "lessons/lesson_07_augmentation.py": [
        ("crops-and-mirrors", "test error is {here:.1f} points higher"),
        ("colour", "the difference of {here:.1f} points"),
        ("colour", "an interval of {low:.1f} to {high:.1f}, and a gain"),
        ("colour", "({other_arms[0][low]:.1f} to {other_arms[0][high]:.1f})"),
        ("colour-shifted", "is better by 1.3 points (0.3 to 2.3)."),
    ],
    "lessons/lesson_09_optimization.py": [
        ("weight-decay", "differs by {here:.2f} points ({low:.2f} to {high:.2f})"),
        ("weight-decay", "a fifth of the decay by {other_arms[0][here]:.2f} points"),
        ("weight-decay", "Without Holm's rule p is {p_alone:.2f}"),
    ],
    "lessons/lesson_12_results.py": [
        ("fine-tuned", "the interval holds 0, if only just: {low:.1f} to {high:.1f}"),
        ("classes", "cost {here:.1f} points of top-1 error ({low:.1f} to {high:.1f})"),
    ],
    "lessons/lesson_08_dropout.py": [
        ("dropout", "{here:.1f} points higher"),
        ("dropout-iterations", "{here:.2f} times as many epochs"),
    ],
}


def prose_of(page):
    """Return the text of a page without the ends of its lines."""
    return " ".join((ROOT / page).read_text().replace("\n#", "\n").split())


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_what_is_recorded(page):
    table = read_lines(claims.RESULTS / "claims.jsonl")
    lines = {line["claim"]: line for line in table}
    text = prose_of(page)
    for name, words in PAGES[page]:
        assert words.format(**lines[name]) in text, words


def test_what_networks_of_one_kind_and_two_others_gain_is_as_the_lesson_says():
    lines = {r["claim"]: r for r in read_lines(claims.RESULTS / "claims.jsonl")}
    alone, seven = lines["fine-tuned"], lines["average-seven"]
    networks = [np.load(claims.RECORDS / f"tiny/seed_{seed}.npz") for seed in range(10)]
    tens = np.array([arrays["ten"].astype(float) for arrays in networks])
    labels = networks[0]["labels"]

    def error(count):
        sets = [list(chosen) for chosen in combinations(range(10), count)]
        return np.mean([tens[s].mean(axis=0).argmax(axis=1) != labels for s in sets])

    text = prose_of("lessons/lesson_12_results.py")
    for said in (
        f"is {-seven['here']:.1f} points lower, and",
        f"interval, {-seven['high']:.1f} to {-seven['low']:.1f}, lies",
        f"are only {100 * (error(5) - error(7)):.1f} points better",
        f"alone is {-alone['here']:.1f} points better",
        f"a gain of {-alone['here']:.1f} points",
    ):
        assert said in text


def test_five_guesses_among_a_hundred_classes_are_as_good_as_the_lesson_says():
    lines = {r["claim"]: r for r in read_lines(claims.RESULTS / "claims.jsonl")}
    harder = lines["classes"]
    top5 = np.mean([run["arm"]["test_top5_error"] for run in harder["by_seed"]])
    said = f"lower for them: {100 * top5:.1f} % against {harder['base_mean']:.1f} %."
    assert said in prose_of("lessons/lesson_12_results.py")


def test_the_page_says_how_many_claims_hold_and_what_they_took():
    table = read_lines(claims.RESULTS / "claims.jsonl")
    holding = [line for line in table if line["verdict"] == "holds"]
    (decay,) = (line for line in table if line["verdict"] == "opposite")
    not_seen = [line for line in table if line["verdict"] == "not seen"]
    measured = len(holding) + 1 + len(not_seen)
    records = claims.RECORDS.rglob("*.jsonl")
    lines = (line for path in records for line in read_lines(path))
    epochs = (line for line in lines if line["kind"] == "epoch")
    hours = sum(epoch.get("cpu_seconds", 0) for epoch in epochs) / 3600
    assert decay["claim"] == "weight-decay"
    assert sum(line["p"] < 0.05 for line in holding) == 9
    assert all("cannot" in line for line in table if line["verdict"] is None)
    text = prose_of("lessons/site/claims.rst")
    for said in (
        f"took {hours:.0f} hours of one processor core.",
        f"of {measured} claims {len(holding)} hold, nine of them with a corrected p",
        f"not higher but {-decay['here']:.1f} points lower.",
        f"The other {len(not_seen)} were not seen",
    ):
        assert said in text


def test_what_ten_times_the_seeds_would_show_is_as_the_page_says():
    table = read_lines(claims.RESULTS / "claims.jsonl")
    open_ones = [line for line in table if line["verdict"] == "not seen"]
    narrower = {6: 2.001 / 2.571 / 10**0.5, 10: 1.984 / 2.262 / 10**0.5}
    halves = {
        line["claim"]: narrower[line["seeds"]] * (line["high"] - line["low"]) / 2
        for line in open_ones
    }
    assert all(0.24 < factor < 0.28 for factor in narrower.values())
    left = [x["claim"] for x in open_ones if abs(x["here"]) < halves[x["claim"]]]
    assert left == ["colour-split"]
    assert max(half for name, half in halves.items() if name not in left) < 0.555


def test_the_control_of_the_towers_colours_is_as_the_lesson_says():
    of_one_tower = sorted((claims.RESULTS / "claims/one-tower").glob("seed_?.jsonl"))
    shares = [np.array(read_lines(path)[-1]["colour"]) for path in of_one_tower]
    found = [chance(*np.split(share, 2)) for share in shares]
    said = f"$p$ is {min(found):.2f} to {max(found):.2f}."
    text = prose_of("lessons/lesson_05_two_devices.py")
    assert len(found) == 6
    assert said in text


def test_the_noise_of_the_code_is_judged_as_the_lesson_says():
    lines = {r["claim"]: r for r in read_lines(claims.RESULTS / "claims.jsonl")}
    (code,) = lines["colour-shifted"]["other_arms"]
    assert code["arm"] == "colour-2012"
    found = [round(-code[key], 1) for key in ("here", "high", "low")]
    assert found == [1.3, 0.3, 2.3]
    assert lines["colour-shifted"]["verdict"] == "not seen"
    assert lines["colour"]["low"] > -1
