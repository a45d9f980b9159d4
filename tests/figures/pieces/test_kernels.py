"""Figure 3's record: kernels are read tower by tower, and rounded."""

import numpy as np
import pytest

from minialexnet import model
from minialexnet.data import load
from pieces.kernels import DIGITS, read, towers


@pytest.fixture
def weights(tmp_path):
    """A small network of two towers with weights that tell where they stood."""
    dataset = load("shapes", train=10, test=10)
    how = {"model": "alexnet", "profile": "2012", "width": 0.05, "input_size": 28}
    begun = model.begin(dataset, how)
    conv1 = begun.network.parameters()["conv1.W"]  # (4, 3, 11, 11)
    conv1[:] = np.linspace(-1 / 3, 1 / 3, conv1.size).reshape(conv1.shape)
    model.save(tmp_path / "weights.npz", begun)
    return tmp_path / "weights.npz", conv1


def test_kernels_are_read_tower_by_tower_and_rounded(weights):
    path, conv1 = weights
    records = read(path)
    first, second = towers(records)
    np.testing.assert_allclose(np.concatenate([first, second]), conv1, rtol=5e-4)
    assert len(first) == len(second) == len(conv1) / 2
    digits = f"{abs(records[-1]['weights'][0][0][0])}".replace(".", "").lstrip("0")
    assert len(digits) <= DIGITS


def test_the_colours_of_a_network_that_takes_bgr_are_turned_round(weights):
    path, conv1 = weights
    loaded = model.load(path)
    object.__setattr__(loaded.preprocessing, "order", "BGR")
    model.save(path, loaded)
    kernels = np.concatenate(towers(read(path)))
    np.testing.assert_allclose(kernels, conv1[:, ::-1], rtol=5e-4)
