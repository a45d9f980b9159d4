"""The model's constants and what it foretells, and the picture from records."""

import json

import pytest
import scaling

from pieces.messages import link_of

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


def point(ranks, pictures, seconds, kind="strong"):
    """Return a measured point of a small network, on two cores."""
    network = {"model": "cifar", "activation": "relu", "pooling": 3, "seed": None}
    network |= {"convolution": "im2col", "classes": 10}
    found = {"scaling": kind, "ranks": ranks, "pictures": pictures, "cores": 2}
    return found | {"seconds": seconds, "network": network, "shape": [3, 32, 32]}


def test_the_link_comes_from_the_largest_and_the_smallest_message():
    assert link_of([SETUP, *MESSAGES]) == pytest.approx((1e6, 0.001))


def test_a_point_is_foretold_from_one_rank():
    points = [point(1, 64, 3.2), point(2, 64, 0), point(4, 256, 0, "weak")]
    one, two, four = (scaling.foretold(p, points, (1e12, 0)) for p in points)
    assert one == pytest.approx(3.2)
    assert two == pytest.approx(1.6, rel=1e-6)
    assert four == pytest.approx(6.4, rel=1e-6)  # two of four ranks share a core
    slow = scaling.foretold(points[1], points, (1e3, 0))
    assert slow > 1.6 + 89_578 * 4 / 1e3 - 1.6


def test_the_picture_is_drawn_from_records(tmp_path):
    points = [point(n, 64, 3.2 / n) for n in (1, 2)]
    points += [point(n, 64 * n, 3.2, "weak") for n in (1, 2)]
    for name, records in (("messages", [SETUP, *MESSAGES]), ("points", points)):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (tmp_path / f"{name}.jsonl").write_text(lines)
    options = ["--messages", str(tmp_path / "messages.jsonl"), "--out", str(tmp_path)]
    options += ["--points", str(tmp_path / "points.jsonl")]
    assert scaling.main(options) == 0
    text = (tmp_path / "scaling.svg").read_text()
    assert text.count("PREDICTION") == 4


def test_messages_are_measured_between_two_ranks_only(capsys, tmp_path):
    assert scaling.main(["--measure", "--out", str(tmp_path)]) == 2
    assert "expected --measure under mpiexec -n 2" in capsys.readouterr().err
