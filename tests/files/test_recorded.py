from pathlib import Path

import pytest

from minialexnet.files.recorded import recorded

RESULTS = Path(__file__).resolve().parents[2] / "figures" / "results"


def test_every_record_is_found():
    names = [path.name for path in RESULTS.glob("*.[jn]*")]
    assert len(names) > 10
    for name in names:
        assert recorded(name).samefile(RESULTS / name)


def test_a_name_that_is_none_is_refused_with_those_that_are():
    with pytest.raises(FileNotFoundError, match="figure_1_cifar10"):
        recorded("none")
