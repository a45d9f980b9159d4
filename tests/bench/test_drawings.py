"""The pictures of a bench are drawn."""

from minialexnet.bench.drawings import draw_costs, draw_layers
from minialexnet.bench.results import Results
from tests.support.bench_records import PROGRAM, records


def test_pictures_are_drawn(tmp_path):
    results = Results(records())
    for draw in (draw_layers, draw_costs):
        files = draw(results, [PROGRAM], tmp_path / draw.__name__)
        assert [file.suffix for file in files] == [".png", ".svg"]
        assert all(file.stat().st_size > 1000 for file in files)
