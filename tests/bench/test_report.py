"""The table of a bench: ratios, shares, and the records of earlier versions."""

from dataclasses import asdict
from pathlib import Path

import pytest

from minialexnet.alexnet import alexnet
from minialexnet.bench.report import table
from minialexnet.bench.results import Results
from minialexnet.bench.task import Task
from minialexnet.files.records import read_lines
from tests.support.bench_records import records


def line(text, start):
    found = [row for row in text.splitlines() if row.startswith(start + "  ")]
    assert len(found) == 1, found
    return found[0].split()


def test_ratios_are_of_rounds_and_to_the_better_layout():
    text = table(Results(records()))
    assert "sgemm on 2 threads: 100 GFLOP/s" in text
    # Drift of the machine moves the seconds and not the ratios.
    cells = line(text, "step 128, step, winograd")
    assert cells[4:8] == ["3", "2", "to", "4"]
    assert cells[-2:] == ["0.50", "1.00"]
    # PyTorch's own rows end in their memory.
    assert line(text, "step 128, step, PyTorch stock channels_last")[-1] == "1.50"
    assert line(text, "conv1 forward, im2col")[-2:] == ["1.00", "1.00"]
    assert line(text, "conv1 backward, im2col")[-2:] == ["0.30", "0.30"]


def test_the_share_of_sgemm_counts_multiply_adds_twice_over():
    # conv1: 55 * 55 * 96 * 363 multiply-adds, 128 pictures, 0.15 s, 100 GFLOP/s.
    share = 2 * 55 * 55 * 96 * 363 * 128 / 0.15 / 100e9
    text = table(Results(records()))
    assert f"{share:.0%}" in line(text, "conv1 forward, winograd")
    # Its backward has no dx, and is three times as slow here.
    assert f"{share / 3:.0%}" in line(text, "conv1 backward, winograd")
    shapes = alexnet(seed=None).table((3, 224, 224))
    products = 2 * shapes.multiply_adds - shapes.rows[0].multiply_adds
    share = 2 * products * 128 / 1.5 / 100e9
    assert f"{share:.0%}" in line(text, "step 128, backward, winograd")


RESULTS = Path(__file__).parents[2] / "figures" / "results"
RECORDED = sorted(RESULTS.rglob("bench_*.jsonl"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_recorded_benches_are_still_read(path):
    found = [line for line in read_lines(path) if "run" not in line]
    tasks = [record["task"] for record in found]
    assert [asdict(Task(**task)) for task in tasks] == tasks  # so --resume goes on
    text = table(Results(found))
    product = next(record for record in found if record["task"]["case"] == "sgemm")
    rate = 2e-9 * product["task"]["batch"] ** 3 / product["seconds"]["product"]
    assert f"sgemm on 2 threads: {rate:.0f} GFLOP/s" in text
    assert len(text.splitlines()) > len(found)


def test_a_rate_that_was_not_measured_is_said():
    with pytest.raises(ValueError, match="sgemm on 3 threads, got none"):
        Results(records()).sgemm(3)
