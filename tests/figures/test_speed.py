"""The picture of the bench's recorded runs: they are pooled, and strangers refused."""

import pytest
import speed

from minialexnet.files.records import write_lines
from tests.support.bench_records import PROGRAM, records


def written(path):
    write_lines(path, [{"run": PROGRAM}, *records()])
    return path


def test_the_rounds_of_all_runs_count(tmp_path):
    paths = [written(tmp_path / f"bench_{i}.jsonl") for i in (1, 2)]
    programs, pooled = speed.pool(paths)
    assert len(programs) == 2
    assert {record["round"] for record in pooled} == {1, 2, 3, 4, 5, 6}
    assert speed.main(["--draw", *map(str, paths), "--out", str(tmp_path / "out")]) == 0
    for name in ("speed_layers.png", "speed_costs.svg"):
        assert (tmp_path / "out" / name).stat().st_size > 1000
    table = (tmp_path / "out" / "speed.txt").read_text()
    assert "step 128, step, winograd" in table


def test_other_records_are_refused(tmp_path, capsys):
    good, other = written(tmp_path / "good.jsonl"), tmp_path / "other.jsonl"
    write_lines(other, [{"kind": "epoch"}])
    assert speed.main(["--draw", str(other), "--out", str(tmp_path)]) == 2
    assert "expected what minialexnet bench records" in capsys.readouterr().err
    write_lines(other, [{"run": PROGRAM}, *records()[:5]])
    with pytest.raises(ValueError, match="got another bench"):
        speed.pool([good, other])
