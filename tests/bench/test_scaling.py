"""The table of training on ranks: the sum's share, what it hides, the ratio to DDP."""

import pytest

from minialexnet.bench.scaling import plan, table


def record(program, ranks, batch, step, layout="", **seconds):
    task = {"case": "cifar", "batch": batch, "layout": layout}
    about = {"program": program, "ranks": ranks, "task": task}
    return about | {"seconds": {"step": step} | seconds}


def test_the_table_says_share_hiding_and_ratio():
    no_sum = {"sum": 0.0, "waited": 0.0, "sent": 0.0, "by formula": 0.0}
    a_sum = {"sum": 0.4, "waited": 0.1, "sent": 2e6, "by formula": 2e6}
    text = table(
        [
            record("minialexnet", 1, 128, 1.6, **no_sum),
            record("minialexnet", 2, 128, 1.0, **a_sum),
            record("PyTorch DDP", 2, 128, 4.0, "channels_first"),
            record("PyTorch DDP", 2, 128, 2.0, "channels_last"),
        ]
    )
    lines = [line.split() for line in text.splitlines() if line]
    assert lines[2][-7:] == ["2", "1", "0.62", "10%", "75%", "2.00", "2.00"]
    # The better layout counts.
    assert "2 ranks: 0.50 (0.50 to 0.50) of the time of PyTorch DDP" in text


@pytest.mark.parametrize("torch", [False, True])
def test_weak_scaling_has_the_same_on_each_rank(torch):
    jobs = plan([1, 2, 4], torch, quick=False)
    ours = [(n, task.batch) for name, n, task in jobs if name == "minialexnet"]
    assert ours[:6] == [(1, 128), (1, 32), (2, 128), (2, 64), (4, 128), (4, 128)]
    assert any(name != "minialexnet" for name, *_ in jobs) == torch
