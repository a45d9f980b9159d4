"""The eight-layer network in its profiles."""

import numpy as np
import pytest

from minialexnet import (
    Convolution2D,
    LocalResponseNormalization,
    SoftmaxCrossEntropy,
    Tanh,
)
from minialexnet.alexnet import alexnet
from minialexnet.profiles import PROFILES, changed_profile
from minialexnet.table import compare_profiles


@pytest.fixture(scope="module")
def networks():
    """The whole networks, of which only the shapes are there."""
    return {name: alexnet(name, seed=None) for name in PROFILES}


@pytest.mark.parametrize(
    ("profile", "parameters"),
    [
        ("paper", 60_965_224),
        ("2012", 60_965_224),
        ("caffe", 60_965_224),
        ("caffenet", 60_965_224),
        ("torchvision", 61_100_840),
    ],
)
def test_parameters_are_those_of_the_originals(networks, profile, parameters):
    size = PROFILES[profile].input_size
    table = networks[profile].table((3, size, size))
    assert table.parameters == parameters
    assert table.rows[-1].output_shape == (1000,)
    shapes = {row.name: row.output_shape for row in table.rows}
    kernels = PROFILES[profile].kernels
    assert [shapes[f"conv{i}"] for i in range(1, 6)] == [
        (count, side, side)
        for count, side in zip(kernels, (55, 27, 13, 13, 13), strict=True)
    ]
    assert shapes["pool5"] == (256, 6, 6)


def test_one_tower_is_the_papers_network_of_half_the_kernels():
    one = alexnet(towers=1, seed=None)
    assert one.table((3, 224, 224)).parameters == 59_798_312
    assert all(
        layer.groups == 1 for layer in one.layers.values() if hasattr(layer, "groups")
    )


def test_the_towers_meet_at_conv3_and_the_dense_layers_only(networks):
    groups = {
        name: layer.groups
        for name, layer in networks["2012"].layers.items()
        if isinstance(layer, Convolution2D | LocalResponseNormalization)
    }
    assert groups == {
        "conv1": 1,
        "lrn1": 2,
        "conv2": 2,
        "lrn2": 2,
        "space2": 1,
        "conv3": 1,
        "conv4": 2,
        "conv5": 2,
    }


@pytest.mark.parametrize(
    ("profile", "conv3", "fc6", "fc8", "ones"),
    [
        ("paper", 0.01, 0.01, 0.01, 1),
        ("2012", 0.03, 0.01, 0.01, 1),
        ("caffe", 0.01, 0.005, 0.01, 0.1),
        ("caffenet", 0.01, 0.005, 0.01, 1),
    ],
)
def test_initial_weights_and_biases(profile, conv3, fc6, fc8, ones):
    # Of a quarter of the width, whose units have a quarter of the inputs.
    parameters = alexnet(profile, classes=100, width=1 / 4).parameters()
    for name, sigma in (("conv3", conv3), ("fc6", fc6), ("fc8", fc8)):
        assert parameters[f"{name}.W"].std() == pytest.approx(2 * sigma, rel=0.02)
    for name in ("conv2", "conv4", "conv5", "fc6", "fc7"):
        assert (parameters[f"{name}.b"] == np.float32(ones)).all()
    for name in ("conv1", "conv3", "fc8"):
        assert (parameters[f"{name}.b"] == 0).all()


def test_order_in_the_2012_code(networks):
    names = list(networks["2012"].layers)
    assert names[:8] == [
        *("conv1", "lrn1", "pool1", "relu1"),
        *("conv2", "relu2", "lrn2", "space2"),
    ]
    assert names[names.index("conv5") :][:3] == ["conv5", "pool5", "relu5"]


def test_caffenet_pools_before_it_normalises_and_caffe_behind(networks):
    names = {name: list(networks[name].layers)[1:4] for name in ("caffe", "caffenet")}
    assert names["caffe"] == ["relu1", "lrn1", "pool1"]
    assert names["caffenet"] == ["relu1", "pool1", "lrn1"]


def test_alpha_is_divided_by_n_but_in_the_paper(networks):
    alphas = {
        name: networks[name].layers["lrn1"].alpha
        for name in ("paper", "2012", "caffe", "caffenet")
    }
    fifth = pytest.approx(2e-5)
    assert alphas == {"paper": 1e-4, "2012": fifth, "caffe": fifth, "caffenet": fifth}


def test_torchvisions_dropout_comes_first(networks):
    ends = {name: list(networks[name].layers)[-7:] for name in ("paper", "torchvision")}
    assert ends["paper"][:4] == ["fc6", "relu6", "dropout6", "fc7"]
    assert ends["torchvision"][:4] == ["dropout6", "fc6", "relu6", "dropout7"]


@pytest.mark.parametrize("profile", PROFILES)
def test_without_a_seed_only_the_shapes_are_there(profile):
    drawn, empty = (alexnet(profile, 9, width=1 / 8, seed=seed) for seed in (1, None))
    for name, w in drawn.parameters().items():
        assert empty.parameters()[name].shape == w.shape
        assert not any(empty.parameters()[name].strides)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_narrow_network_begins_at_ln_classes_and_has_every_gradient(profile):
    network = alexnet(profile, classes=4, width=1 / 8, input_size=63, seed=1)
    x = 60 * np.random.default_rng(0).standard_normal((8, 3, 63, 63), np.float32)
    loss = SoftmaxCrossEntropy()
    first = loss.forward(network.forward(x, train=True), np.arange(8) % 4)
    assert float(first) == pytest.approx(np.log(4), abs=0.5)
    assert network.backward(loss.backward()).shape == x.shape
    gradients = network.gradients()
    assert {name: g.shape for name, g in gradients.items()} == {
        name: w.shape for name, w in network.parameters().items()
    }
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())


def test_the_two_dropout_layers_drop_different_units():
    layers = alexnet(width=0.01, input_size=63, classes=2, seed=3).layers
    assert layers["dropout6"].seed != layers["dropout7"].seed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"profile": "vgg"}, "paper, 2012, caffe, caffenet, torchvision, got 'vgg'"),
        ({"towers": 3}, "towers to be 1 or 2, got 3"),
        ({"width": 0}, "width > 0, got 0"),
        ({"input_size": 12, "profile": "torchvision"}, "pool1"),
    ],
)
def test_misuse_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        alexnet(**arguments)


def test_each_pooling_may_have_a_rounding_of_its_own():
    five = [True, False, False, False, True]
    assert changed_profile("caffe", {"pool_ceil_mode": five}).pool_ceil_mode == (*five,)


def test_the_comparison_has_a_line_for_everything_and_a_column_for_each():
    lines = compare_profiles().splitlines()
    assert lines[0].split() == list(PROFILES)
    text = {line.split("  ")[0]: line for line in lines[1:]}
    assert "exchange" not in text  # which is the same in all
    assert "lrn, pool, relu" in text["after conv1"]
    sizes = ["224", "224", "227", "227", "224"]
    assert text["input_size"].split() == ["input_size", *sizes]


def test_caffe_rounds_its_convolutions_down_and_its_pooling_up():
    shapes = {
        row.name: row.output_shape[1]
        for row in alexnet("caffe", 2, 0.01, 224).table((3, 224, 224)).rows[:4]
    }
    assert (shapes["conv1"], shapes["pool1"]) == (54, 27)  # 224 is not Caffe's size


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": float("inf")}, "width > 0, got inf"),
        ({"width": 0}, "width > 0, got 0"),
        ({"input_size": 10}, "at least 11 pixels, got 10"),
    ],
)
def test_a_network_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        alexnet(**wrong)


def test_torchvisions_network_has_one_tower_already():
    one, two = (alexnet("torchvision", towers=t, seed=None) for t in (1, 2))
    assert str(one.table((3, 224, 224))) == str(two.table((3, 224, 224)))


# A whole network takes a second to draw.
@pytest.mark.parametrize(
    "profile",
    [
        "caffe",
        pytest.param("torchvision", marks=pytest.mark.slow),
        pytest.param("paper", marks=pytest.mark.slow),
        pytest.param("2012", marks=pytest.mark.slow),
        pytest.param("caffenet", marks=pytest.mark.slow),
    ],
)
def test_a_scaled_network_begins_with_activities_as_large(profile):
    """The variance of a unit's input, fan-in times sigma squared, is kept."""

    def spreads(network):
        return {
            name: w.std() ** 2 * w[0].size
            for name, w in network.parameters().items()
            if name.endswith("W")
        }

    own = PROFILES[profile].input_size
    small = alexnet(profile, classes=100, width=0.5, input_size=own // 2)
    expected = spreads(alexnet(profile))
    for name, spread in spreads(small).items():
        assert spread == pytest.approx(expected[name], rel=0.1), name


@pytest.mark.parametrize("profile", PROFILES)
def test_winograd_is_the_same_network(profile):
    plain, tiled = (
        alexnet(profile, 3, 1 / 16, 67, convolution=convolution).astype("float64")
        for convolution in ("im2col", "winograd")
    )
    assert [type(layer).__name__ for _, layer in tiled.leaves()].count(
        "WinogradConvolution2D"
    ) == 4
    x = 50 * np.random.default_rng(0).standard_normal((2, 3, 67, 67))
    y = plain.forward(x)
    np.testing.assert_allclose(tiled.forward(x), y, atol=1e-9 * abs(y).max())
    with pytest.raises(ValueError, match="one of im2col, cudnn, winograd, got 'fft'"):
        alexnet(profile, convolution="fft")


# A profile changed in a field


def shapes(network, size=224):
    return {row.name: row.output_shape for row in network.table((3, size, size)).rows}


def changed(profile="2012", **changes):
    return alexnet(changed_profile(profile, changes), 10, width=1 / 8, seed=1)


def test_without_the_exchange_the_towers_meet_at_fc6():
    network = changed(exchange=False)
    groups = [network.layers[f"conv{i}"].groups for i in range(1, 6)]
    assert groups == [1, 2, 2, 2, 2]
    assert network.layers["conv3"].params["W"].shape[1] == 16  # of 32 channels


def test_one_tower_of_all_kernels():
    network = changed(two_towers=False)
    assert [network.layers[f"conv{i}"].groups for i in range(1, 6)] == [1] * 5
    assert shapes(network) == shapes(changed())


@pytest.mark.parametrize("profile", ["paper", "2012", "caffenet"])
@pytest.mark.parametrize("removed", ["conv2", "conv3", "conv4", "conv5"])
def test_a_convolution_is_left_out_and_its_pooling_stays(profile, removed):
    whole, less = changed(profile), changed(profile, removed=[removed])
    number = removed[-1]
    gone = set(whole.layers) - set(less.layers)
    assert gone == {n for n in whole.layers if n[-1] == number} - {f"pool{number}"} - {
        f"fc{number}"
    }
    assert removed in gone
    assert shapes(less)["pool5"][1:] == (6, 6)
    assert shapes(less)["fc8"] == (10,)
    for name, w in less.parameters().items():
        if name < removed:  # drawn before it
            assert np.array_equal(w, whole.parameters()[name]), name


def test_what_follows_a_layer_left_out_begins_the_same_where_it_fits():
    whole, less = changed().parameters(), changed(removed=["conv4", "fc7"])
    assert {"conv4", "relu4", "fc7", "relu7", "dropout7"}.isdisjoint(less.layers)
    for name, w in less.parameters().items():
        assert np.array_equal(w, whole[name]), name


def test_every_dropout_has_the_rate():
    network = changed(dropout=0.3)
    rates = [network.layers[f"dropout{i}"].drop_probability for i in (6, 7)]
    assert rates == [0.3, 0.3]
    x = np.ones((2, 3, 224, 224), np.float32)
    without = changed(dropout=0)
    assert np.array_equal(without.forward(x, train=True), without.forward(x))


def test_normalisation_at_conv1_only():
    after = list(map(list, PROFILES["2012"].after))
    after[1] = ["relu", "pool"]
    names = set(changed(after=after).layers)
    assert "lrn1" in names and not names & {"lrn2", "space2"}


@pytest.mark.parametrize("size", range(48, 80))
def test_pooling_without_overlap_makes_maps_as_large(size):
    over, none, wide = (alexnet("2012", 5, 1 / 16, size, pooling=z) for z in (3, 2, 4))
    assert shapes(over, size) == shapes(none, size) == shapes(wide, size)
    assert none.layers["pool1"].kernel_size == (2, 2)
    assert all(
        np.array_equal(w, over.parameters()[name])
        for name, w in none.parameters().items()
    )


def test_another_activation_stands_where_the_relu_did():
    network = alexnet("2012", 10, 1 / 8, seed=1, activation="tanh")
    names = [name.replace("tanh", "relu") for name in network.layers]
    assert names == list(changed().layers)
    assert isinstance(network.layers["tanh6"], Tanh)


@pytest.mark.parametrize(
    ("profile", "changes", "message"),
    [
        ("1998", {}, "profile out of paper, 2012.*got '1998'"),
        ("2012", {"drop": 0}, "expected changes of .*, dropout, .* got drop"),
        ("2012", {"removed": ["conv1"]}, "removed out of .*'conv2', .*got 'conv1'"),
        ("2012", {"after": [["norm"]] * 5}, "relu, lrn, space or pool .*got 'norm'"),
        ("torchvision", {"after": [["lrn"]] * 5}, "lrn_k and lrn_alpha"),
        ("2012", {"dropout": 1}, "drop_probability < 1"),
        ("2012", {"dropout": [0.5]}, "a single value for dropout"),
        ("2012", {"kernels": 96}, "a list for kernels"),
        ("2012", {"padding": [0, 2]}, "expected 5 values for padding, got 2"),
    ],
)
def test_a_change_that_cannot_be_built_is_refused(profile, changes, message):
    with pytest.raises(ValueError, match=message):
        changed(profile, **changes)
