"""A few prepared pictures, which worker processes read faster than they draw shapes."""

import pytest

from minialexnet.data.prepare import prepare
from tests.support.pictures import photographs


@pytest.fixture(scope="session")
def small_set(tmp_path_factory):
    """Return the folder of a prepared set: 66 training and 12 validation pictures."""
    folder = tmp_path_factory.mktemp("small_set")
    photographs(folder / "source" / "train", ("cat", "dog", "eel"), 22)
    photographs(folder / "source" / "val", ("cat", "dog", "eel"), 4)
    prepare(folder / "source", folder / "set", 32, workers=0)
    return str(folder / "set")
