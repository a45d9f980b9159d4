"""The model's constants and what it foretells, and the picture from records."""

import json
import re

import pytest
import scaling
from matplotlib.figure import Figure

from minialexnet.bench.scaling import beside_ddp
from minialexnet.files.records import read_lines
from pieces.messages import link_of
from pieces.points import series_of

SETUP = {
    "kind": "setup",
    "commit": "0123",
    "date": "2026-01-31T00:00:00Z",
    "machine": {"cores": 2, "processor": "a processor"},
}
MESSAGES = [
    {"kind": "message", "bytes": size, "seconds": 0.001 + size / 1e6}
    for size in (0, 100, 1_000_000)
]


def step(ranks, batch, seconds, **others):
    """Return a record of a bench on ranks."""
    task = {"case": "cifar", "batch": batch, "width": 1.0, "layout": ""}
    found = {"round": 1, "program": "minialexnet", "ranks": ranks, "task": task}
    return found | {"seconds": {"step": seconds}} | others


BENCH = [
    {"run": SETUP},
    step(1, 64, 3.0),
    step(1, 64, 3.2, round=2),
    step(1, 64, 9.9, round=3),
    step(1, 16, 1.0),
    step(2, 64, 2.0),
    step(2, 32, 1.1),
    step(2, 64, 7.0, program="PyTorch DDP"),
    step(4, 64, 1.5),
]


def test_the_link_comes_from_the_largest_and_the_smallest_message():
    assert link_of([SETUP, *MESSAGES]) == pytest.approx((1e6, 0.001))


def test_series_are_the_same_batch_for_all_ranks_or_for_each():
    strong, weak = series_of(BENCH)
    assert (strong.label, weak.label) == ("four layers, strong", "four layers, weak")
    assert strong.seconds == {1: 3.2, 2: 2.0, 4: 1.5}
    assert weak.seconds == {1: 1.0, 2: 1.1, 4: 1.5}
    assert weak.batches == {1: 16, 2: 32, 4: 64}


def test_a_step_is_foretold_from_that_of_one_rank():
    strong, weak = series_of(BENCH)
    at_once = 1e12, 0.0
    assert strong.foretold(1, at_once) == pytest.approx(3.2)
    assert strong.foretold(2, at_once) == pytest.approx(1.6, rel=1e-6)
    assert strong.foretold(4, at_once) == pytest.approx(1.6)  # on two cores
    assert weak.foretold(4, at_once) == pytest.approx(2.0)
    # 89,578 numbers of 4 bytes; at most two thirds of 1.6 s hide of that.
    slow = strong.foretold(2, (1e4, 0.0))
    assert 1.6 + 35.83 - 1.6 * 2 / 3 < slow < 1.6 + 35.84


def test_the_picture_is_drawn_from_records(tmp_path):
    for name, records in (("messages", [SETUP, *MESSAGES]), ("bench", BENCH)):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (tmp_path / f"{name}.jsonl").write_text(lines)
    options = ["--messages", str(tmp_path / "messages.jsonl"), "--out", str(tmp_path)]
    options += ["--bench", str(tmp_path / "bench.jsonl")]
    assert scaling.main(options) == 0
    text = (tmp_path / "scaling.svg").read_text()
    assert text.count("PREDICTION") == 4
    assert "four layers, weak" in text
    lines = (tmp_path / "scaling.txt").read_text().splitlines()
    assert lines[-2:] == [
        "four layers, strong: 2 ranks 0.62 (0.50); 4 ranks 0.47 (0.50)",
        "four layers, weak: 2 ranks 1.10 (1.00); 4 ranks 1.50 (2.00)",
    ]


def test_in_grey_every_link_and_scheme_has_a_line_of_its_own():
    axes = Figure().subplots()
    scaling.draw_prediction(axes, scaling.GPU, weak=True)
    looks = {(line.get_marker(), line.get_linestyle()) for line in axes.lines}
    assert len(looks) == len(axes.lines) == 2 * len(scaling.LINKS)


def test_the_guide_says_what_the_record_does():
    page = scaling.RESULTS.parents[1] / "lessons" / "site" / "guides"
    words = " ".join((page / "more-machines.rst").read_text().split())
    lines = beside_ddp(read_lines(scaling.RESULTS / "ranks.jsonl"))
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"[\d.]+ \([\d.]+ to [\d.]+\)", line)[0] in words


def test_messages_are_measured_between_two_ranks_only(capsys, tmp_path):
    assert scaling.main(["--measure", "--out", str(tmp_path)]) == 2
    assert "expected --measure under mpiexec -n 2" in capsys.readouterr().err


def test_records_of_something_else_are_named(capsys, tmp_path):
    (tmp_path / "other.jsonl").write_text('{"kind": "setup"}\n')
    for option in ("--bench", "--messages"):
        for name, words in (
            ("other", "other.jsonl: expected what"),
            ("no", "no.jsonl"),
        ):
            options = ["--out", str(tmp_path), option, str(tmp_path / f"{name}.jsonl")]
            assert scaling.main(options) == 2
            assert words in capsys.readouterr().err
