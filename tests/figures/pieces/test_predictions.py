"""Figure 4's record: what is recorded is what the network says."""

import numpy as np
import pytest

from minialexnet import model
from minialexnet.data import load
from minialexnet.evaluate import predict
from minialexnet.nearest import features
from pieces.predictions import SHOWN, look


def test_what_is_recorded_is_what_the_network_says():
    few = load("shapes", train=60, test=20)
    begun = model.begin(few, {"model": "cifar", "seed": 3})
    # Weights as large as a trained network's, so that the pictures differ in it.
    next(iter(begun.network.parameters().values()))[:] *= 100
    errors, *pictures = look(begun, few, seed=1)
    p = predict(begun.network, few.test_images, begun.preprocessing)
    assert errors["top_1"] == (p.argmax(axis=1) != few.test_labels).mean()
    assert errors["pictures"] == 20
    assert len({picture["index"] for picture in pictures}) == SHOWN
    near = [len(picture["nearest"]) for picture in pictures]
    assert near == [6, 6, 6, 6, 6, 0, 0, 0]
    train, test = (
        features(begun.network, begun.preprocessing.center(images))
        for images in (few.train_images, few.test_images)
    )
    for picture in pictures:
        index = picture["index"]
        first = np.argsort(-p[index], kind="stable")[:5]
        assert [name for name, _ in picture["classes"]] == [
            few.class_names[k] for k in first
        ]
        assert picture["classes"][0][1] == pytest.approx(p[index].max(), abs=6e-5)
        if picture["nearest"]:
            distance = np.sqrt(((train - test[index]) ** 2).sum(axis=1))
            places, far = zip(*picture["nearest"], strict=True)
            assert list(places) == np.argsort(distance, kind="stable")[:6].tolist()
            assert far == pytest.approx(np.sort(distance)[:6], rel=1e-3)
