"""The networks that layer files make, number by number, and what cannot be made."""

import re

import numpy as np
import pytest

from minialexnet import (
    LocalResponseNormalization,
    MomentumSGD,
    SoftmaxCrossEntropy,
    cifar_net,
)
from minialexnet.cuda_convnet import CfgError, load, network_files
from minialexnet.cuda_convnet.contrast import LocalContrastNormalization
from tests.support.geometries import normal
from tests.support.layer_files import (
    ALEXNET,
    CIFAR,
    NARROW,
    assert_close,
    one_and_two_towers,
    pictures,
    split,
)


@pytest.mark.parametrize("train", [False, True])
def test_the_2012_file_and_the_2012_profile_compute_the_same(written, train):
    one, two = one_and_two_towers(written)
    (x, labels), loss = pictures(), SoftmaxCrossEntropy()
    y = one.forward(x, train)
    assert_close({"y": two.forward(x, train)}, {"y": y})
    loss.forward(y, labels)
    dx = one.backward(loss.backward())
    assert_close({"dx": two.backward(loss.backward())}, {"dx": dx})
    assert_close(two.gradients(), split(one.gradients()))
    assert all(abs(gradient).max() > 0 for gradient in two.gradients().values())


def test_steps_of_training_are_those_of_the_profile(written):
    params = ALEXNET[1].replace("=0.02", "=0.0002").replace("0.01", "0.0001")
    one, two = one_and_two_towers(
        lambda layers, _, *rest: written(layers, params, *rest)
    )
    before = {name: w.copy() for name, w in two.parameters().items()}
    sgds = [
        MomentumSGD(
            one.parameters(), 1e-4, rate_factors={"b": 2}, decay_factors={"b": 0}
        ),
        two.optimizer(two.parameters()),
    ]
    loss = SoftmaxCrossEntropy()
    for step in range(4):
        x, labels = pictures(step)
        for network, sgd in zip((one, two), sgds, strict=True):
            loss.forward(network.forward(x, train=True), labels)
            network.backward(loss.backward())
            sgd.step(network.gradients())
    assert_close(two.parameters(), split(one.parameters()))
    for name, w in two.parameters().items():
        assert not np.array_equal(w, before[name]), name
    assert set(two.states().values()) == {4}


@pytest.fixture(scope="module")
def whole():
    return load(*network_files("alexnet"))


def test_the_whole_network_of_the_2012_file(whole):
    table = whole.table((3, 224, 224))
    assert table.parameters == 60_965_224
    assert table.multiply_adds == 724_406_816
    shapes = {row.name: row.output_shape for row in table.rows}
    assert [shapes[f"{layer}a"] for layer in ("conv1", "pool1", "pool2", "pool3")] == [
        (48, 55, 55), (48, 27, 27), (128, 13, 13), (128, 6, 6),
    ]  # fmt: skip
    assert whole.output_shape((3, 224, 224)) == (1000,)
    w = whole.parameters()
    assert w["conv3b.W2"].std() == pytest.approx(0.03, rel=0.01)
    assert w["fc2048bb.W1"].std() == pytest.approx(0.01, rel=0.01)
    ones = [name for name, b in w.items() if name[-2:] == ".b" and (b == 1).all()]
    assert [name[:-3] for name in ones if name.endswith("a.b")] == [
        *("conv2", "conv4", "conv5", "fc2048", "fc2048b")
    ]
    lrn, space = whole.layers["rnorm1a"], whole.layers["cnorm2b"]
    assert (lrn.k, lrn.n, lrn.alpha, lrn.beta, lrn.across) == (
        *(2, 5, 2e-5, 0.75, "channels"),
    )
    assert (space.k, space.n, space.beta, space.across) == (1, 5, 0.75, "space")
    assert space.alpha == pytest.approx(0.001 / 25)


def test_towers_lie_where_the_file_puts_them(whole):
    # conv4 and all after it say nothing: they lie where their first input does.
    for name in ("conv1", "pool1", "conv2", "conv3", "conv4", "pool3", "fc2048", "hs1"):
        assert (whole.gpus[name + "a"], whole.gpus[name + "b"]) == (0, 1), name
    assert whole.gpus["conv4b_neuron"] == whole.gpus["pool3b_flat"] == 1
    assert whole.gpus["fc1000"] == 0


def test_the_four_layer_file_is_cifar_net(written):
    one, two = cifar_net(seed=3), written(*CIFAR, (3, 32, 32), seed=3)
    names = dict(zip(one.parameters(), two.parameters(), strict=True))
    assert names["conv2.W"] == "conv2.W"
    assert names["fc1.b"] == "fc10.b"
    for mine, theirs in names.items():  # the very same initial weights
        np.testing.assert_array_equal(one.parameters()[mine], two.parameters()[theirs])
    rows = [table.table((3, 32, 32)).rows for table in (one, two)]
    assert [r.output_shape for r in rows[0]] == [r.output_shape for r in rows[1]]
    x = 60 * normal(0, 4, 3, 32, 32)
    y = one.astype("float64").forward(x)
    np.testing.assert_array_equal(two.astype("float64").forward(x), y)
    dy = normal(1, *y.shape)
    np.testing.assert_array_equal(two.backward(dy), one.backward(dy))
    for mine, theirs in names.items():
        np.testing.assert_array_equal(one.gradients()[mine], two.gradients()[theirs])


def test_normalisations_take_their_numbers_from_either_file(web):
    lrn, contrast, space = (web.layers[n] for n in ("rnorm1", "cnorm1", "rnorm2"))
    assert type(lrn) is type(space) is LocalResponseNormalization
    assert type(contrast) is LocalContrastNormalization
    found = [(n.k, n.n, n.alpha, n.beta, n.across) for n in (lrn, contrast, space)]
    assert found == [
        (1, 3, pytest.approx(0.3 / 3), 0.75, "channels"),
        (2, 3, pytest.approx(0.5 / 9), 0.6, "space"),
        (1, 2, pytest.approx(0.4 / 4), 0.5, "space"),
    ]


def test_dropout_keeps_what_keep_says_and_scales_in_testing(web):
    hs = web.layers["hs1"]
    assert hs.drop_probability == pytest.approx(0.3)
    x = np.ones((100, 50))
    np.testing.assert_allclose(hs.forward(x), 0.7 * x)
    kept = hs.forward(x, train=True)
    assert set(kept.ravel().tolist()) == {0, 1}
    assert kept.mean() == pytest.approx(0.7, abs=0.03)


def test_dropout_of_one_seed_differs_between_layers_and_seeds(written):
    seeds = {
        written(*NARROW, (3, 63, 63), seed=seed).layers[f"hs{i}{tower}"].seed
        for seed in (0, 1)
        for i in (1, 2)
        for tower in "ab"
    }
    assert len(seeds) == 8
    assert written(*NARROW, (3, 63, 63)).layers["hs1a"].drop_probability == 0.5


def test_a_window_that_begins_beyond_the_picture_is_refused(written):
    """The 2012 code counts such windows, the layers here do not."""
    layers = CIFAR[0].replace("filterSize=5\nstride=1", "filterSize=1\nstride=2", 1)
    layers = layers.replace("padding=2", "padding=0", 1)
    with pytest.raises(CfgError, match="windows that begin in the picture"):
        written(layers, CIFAR[1], (3, 32, 32))


@pytest.mark.parametrize("shape", [(3, 32), (3, 32, 31), (0, 32, 32)])
def test_input_shapes_that_are_no_square_picture_are_refused(written, shape):
    with pytest.raises(ValueError, match=r"\(C, H, W\)|square pictures"):
        written(*CIFAR, shape)


def test_a_file_that_is_not_there_or_no_text_is_named(written, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.cfg"):
        load(tmp_path / "nowhere.cfg", network_files("cifar")[1])
    with pytest.raises(CfgError, match=r"params\.cfg: expected text in UTF-8"):
        written(CIFAR[0], b"\xff\xfe", (3, 32, 32))


@pytest.mark.parametrize("name", ["conv2_neuron", "pool3_flat"])
def test_a_section_that_is_called_as_a_layer_of_ours_is_refused(written, name):
    layers = re.sub(r"\bpool2\b", name, CIFAR[0])
    with pytest.raises(CfgError, match=rf"no other layer of the name {name}"):
        written(layers, CIFAR[1], (3, 32, 32))
