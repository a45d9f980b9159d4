"""A network out of two texts."""

import pytest

from minialexnet.cuda_convnet import load
from tests.support.layer_files import WEB, WEB_PARAMS, write


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the two texts and loads them."""

    def write_and_load(layers, params, *arguments, **options):
        return load(*write(tmp_path, layers, params), *arguments, **options)

    return write_and_load


@pytest.fixture
def web(written):
    network = written(WEB, WEB_PARAMS, (2, 6, 6), seed=1)
    network.layers["conv1"].params["W"] *= 50  # 0.01, the default, would show little
    return network.astype("float64")
