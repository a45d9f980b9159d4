"""The nearest pictures by the last hidden layer."""

import numpy as np
import pytest

from minialexnet import FullyConnected, Sequential
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.layers import Flatten
from minialexnet.nearest import features, nearest


def test_the_nearest_come_first_and_of_equals_the_earlier():
    network = Sequential([Flatten(), FullyConnected(12, 3, seed=0)])
    how = Preprocessing(2, np.zeros(3, np.float32), side=2)
    values = np.array([9, 5, 1] + [3, 7] * 20, np.uint8)
    images = np.broadcast_to(values[:, None, None, None], (43, 3, 2, 2))
    queries = np.full((1, 3, 2, 2), 5, np.uint8)
    told = []
    indices, distances = nearest(
        network, queries, images, how, 8, batch_size=30, progress=told.append
    )
    assert indices.tolist() == [[1, 3, 4, 5, 6, 7, 8, 9]]
    assert np.allclose(distances, [[0.0] + [2 * 12**0.5] * 7])
    assert told == [30, 13]
    for count, asked, message in (
        (0, queries, "a count >= 1"),
        (1, queries[:0], "one pic"),
    ):
        with pytest.raises(ValueError, match=message):
            nearest(network, asked, images, how, count)
    x = np.ones((4, 3, 2, 2), np.float32)
    assert features(network, x).shape == (4, 12)
    with pytest.raises(ValueError, match="with a hidden layer before"):
        features(Sequential([FullyConnected(12, 3)]), x)
