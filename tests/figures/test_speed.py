"""The picture of the bench's recorded runs: they are pooled, and strangers refused."""

import statistics
from pathlib import Path

import pytest
import speed

from minialexnet.bench.results import Results
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


ROWS = {  # of the guide: case, measure, batch, and what computes
    "training step, 128 pictures, winograd": ("step", "step", 128, "winograd"),
    "training step, 128 pictures, im2col": ("step", "step", 128, "im2col"),
    "inference, 128 pictures, winograd": ("inference", "forward", 128, "winograd"),
    "inference, one picture, im2col": ("inference", "forward", 1, "im2col"),
    "four-layer network, 128 pictures, winograd": ("cifar", "step", 128, "winograd"),
}
GUIDE = Path(__file__).resolve().parents[2] / "lessons/site/guides/speed.rst"
MACHINES = {"AMD EPYC": ".", "Intel Xeon": "second_machine"}


def measured(folder):
    """Return the results that are recorded of a machine."""
    return Results(speed.pool(sorted((speed.RECORDED / folder).glob("bench_*")))[1])


@pytest.mark.parametrize("folder", MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize("row", ROWS)
def test_the_guide_says_what_is_recorded(folder, row):
    results = measured(folder)
    case, measure, batch, label = ROWS[row]
    series = results.series(case, measure, batch=batch, width=1.0, threads=2)
    cells = []
    for best in results.best_layouts(series).values():
        found = [
            own / other for own, other in zip(series[label], series[best], strict=True)
        ]
        middle = statistics.median(found)
        cells.append(f"{middle:.2f} ({min(found):.2f} to {max(found):.2f})")
    assert f"{row:42}  {'  '.join(cells)}" in GUIDE.read_text()


def test_the_guide_compares_the_machines_as_recorded():
    amd, intel = map(measured, MACHINES.values())
    said = [f"{machine.sgemm(2):.0f}" for machine in (intel, amd)]
    for machine in (intel, amd):
        series = machine.series("step", "step", batch=128, width=1.0, threads=2)
        best = machine.best_layouts(series)["stock"]
        said.append(f"{statistics.median(series[best]):.1f}")
        assert f"{statistics.median(series['winograd']):.1f}" == "2.6"
    text = " ".join(GUIDE.read_text().split())
    assert "at {} GFLOP/s instead of {}. PyTorch".format(*said) in text
    assert "takes {2} seconds there and {3} on the other".format(*said) in text
