"""Sequential: names, shapes, costs, and which layer is at fault."""

import numpy as np
import pytest

from minialexnet import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    Normal,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    cifar_net,
)
from minialexnet.engine.transfer import to_numpy
from minialexnet.gradient_check import check_layer
from tests.support.geometries import distinct, normal, on


def zeros(shape, rng):
    """Return weights that take no memory: only their shape is looked at."""
    return np.broadcast_to(np.float32(0), shape)


def alexnet():
    """Return the paper's network as section 3.5 and the 2012 code's sizes give it."""
    none = {"weight": zeros, "bias": zeros}
    return Sequential(
        [
            Convolution2D(3, 96, 11, 4, ceil_mode=True, **none),
            ReLU(),
            LocalResponseNormalization(),
            MaxPooling2D(),
            Convolution2D(96, 256, 5, padding=2, groups=2, **none),
            ReLU(),
            LocalResponseNormalization(),
            MaxPooling2D(),
            Convolution2D(256, 384, 3, padding=1, **none),
            ReLU(),
            Convolution2D(384, 384, 3, padding=1, groups=2, **none),
            ReLU(),
            Convolution2D(384, 256, 3, padding=1, groups=2, **none),
            ReLU(),
            MaxPooling2D(),
            Flatten(),
            FullyConnected(9216, 4096, **none),
            ReLU(),
            Dropout(),
            FullyConnected(4096, 4096, **none),
            ReLU(),
            Dropout(),
            FullyConnected(4096, 1000, **none),
        ]
    )


def small(seed=0):
    wide = {"weight": Normal(1), "bias": Normal(1)}
    features = Sequential([Convolution2D(2, 3, 3, seed=seed, **wide), Tanh()])
    return Sequential(
        [("features", features), Flatten(), FullyConnected(12, 4, seed=seed, **wide)]
    )


def test_the_papers_network_in_numbers():
    table = alexnet().table((3, 224, 224))
    rows = {row.name: row for row in table.rows}
    assert table.parameters == 60_965_224
    assert rows["conv2"].parameters == 256 * 48 * 25 + 256
    costs = [rows[f"conv{i}"].multiply_adds for i in range(1, 6)]
    assert costs == [105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192]
    assert table.multiply_adds == 724_406_816
    shapes = [row.output_shape for row in table.rows if row.name.startswith("pool")]
    assert shapes == [(96, 27, 27), (256, 13, 13), (256, 6, 6)]
    neurons = [row for name, row in rows.items() if name[:2] in ("co", "fc")]
    assert sum(row.activation_bytes for row in neurons) == 4 * 659_272
    assert table.activation_bytes == sum(row.activation_bytes for row in table.rows)


def test_the_table_as_text():
    lines = str(small().table((2, 4, 4))).splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "input", "features", "flatten1", "fc1", "total",
    ]  # fmt: skip
    # 3 kernels of 2x3x3 and their biases; 3x2x2 numbers out, each 18 products.
    assert " ".join(lines[2].split()) == "features 3 x 2 x 2 57 216 0.0 KiB"
    assert " ".join(lines[-1].split()) == "total 109 264 0.1 KiB"


def test_the_cifar_network():
    table = cifar_net().table((3, 32, 32))
    conv = [3 * 25 * 32 + 32, 32 * 25 * 32 + 32, 32 * 25 * 64 + 64]
    assert table.parameters == sum(conv) + 64 * 16 * 10 + 10
    shapes = {row.name: row.output_shape for row in table.rows}
    assert [shapes[f"pool{i}"] for i in (1, 2, 3)] == [
        (32, 16, 16), (32, 8, 8), (64, 4, 4),
    ]  # fmt: skip
    for activation, layer_class in [
        ("relu", ReLU),
        ("tanh", Tanh),
        ("sigmoid", Sigmoid),
    ]:
        layers = cifar_net(activation).layers.values()
        assert [type(layer) for layer in layers] == [
            *(Convolution2D, MaxPooling2D, layer_class),
            *(Convolution2D, layer_class, AveragePooling2D),
            *(Convolution2D, layer_class, AveragePooling2D),
            *(Flatten, FullyConnected),
        ]
    assert cifar_net(classes=7).table((3, 32, 32)).rows[-1].output_shape == (7,)


def test_the_cifar_networks_poolings_leave_the_same_maps_and_weights():
    overlapping, apart, wide = (cifar_net(pooling=z) for z in (3, 2, 4))
    tables = [str(net.table((3, 32, 32))) for net in (overlapping, apart, wide)]
    assert tables[0] == tables[1] == tables[2]
    for name, weights in overlapping.parameters().items():
        np.testing.assert_array_equal(weights, apart.parameters()[name])
    windows = [
        {layer.kernel_size for layer in network.layers.values() if layer.kind == "pool"}
        for network in (overlapping, apart, wide)
    ]
    assert windows == [{(3, 3)}, {(2, 2)}, {(4, 4)}]
    with pytest.raises(ValueError, match="expected pooling to be 2, 3 or 4, got 5"):
        cifar_net(pooling=5)


def test_the_cifar_networks_start_from_the_same_weights():
    relu, tanh, other = cifar_net("relu"), cifar_net("tanh"), cifar_net("relu", seed=1)
    for name, w in relu.parameters().items():
        np.testing.assert_array_equal(w, tanh.parameters()[name])
        if name.endswith("W"):
            assert (w != other.parameters()[name]).any()
    sigmas = [float(w.std()) for n, w in relu.parameters().items() if n.endswith("W")]
    np.testing.assert_allclose(sigmas, [0.0001, 0.01, 0.01, 0.01], rtol=0.05)


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="relu, tanh, sigmoid, got 'gelu'"):
        cifar_net("gelu")


def test_layers_are_numbered_by_kind_or_named():
    net = Sequential(
        [ReLU(), ReLU(), ("norm", LocalResponseNormalization()), MaxPooling2D(), ReLU()]
    )
    assert list(net.layers) == ["relu1", "relu2", "norm", "pool1", "relu3"]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([("a", ReLU()), ("a", Tanh())], "each layer name once .* got 'a'"),
        ([("relu1", Tanh()), ReLU()], "each layer name once .* got 'relu1'"),
        ([("a.b", ReLU())], "without a dot, got 'a.b'"),
        ([], "at least one layer, got none"),
    ],
)
def test_impossible_networks_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        Sequential(layers)


def test_a_layer_that_comes_twice_is_refused():
    relu, fc = ReLU(), FullyConnected(3, 3)
    for layers, names in [
        ([fc, relu, FullyConnected(3, 3), relu], "as relu1 and as relu2"),
        ([fc, ("again", fc)], "as fc1 and as again"),
        ([("inner", Sequential([fc])), fc], "as inner.fc1 and as fc1"),
        ([("one", Sequential([relu])), ("two", Sequential([relu]))], "as one.relu1"),
    ]:
        with pytest.raises(ValueError, match=f"each layer once, got one {names}"):
            Sequential(layers)
    inner = Sequential([FullyConnected(3, 3)])
    with pytest.raises(ValueError, match="each layer once"):
        Sequential([("one", inner), ("two", inner)])


def test_forward_and_backward_go_through_the_layers_in_turn(xp):
    net = on(xp, small())
    x, dy = distinct(0, 2, 2, 4, 4), normal(1, 2, 4)
    y = net.forward(xp.asarray(x))
    dx = net.backward(xp.asarray(dy))
    features, flatten, fc = small().astype("float64").layers.values()
    conv, tanh = features.layers.values()
    by_hand = fc.forward(flatten.forward(tanh.forward(conv.forward(x))))
    back = conv.backward(tanh.backward(flatten.backward(fc.backward(dy))))
    np.testing.assert_allclose(to_numpy(y), by_hand, rtol=1e-12)
    np.testing.assert_allclose(to_numpy(dx), back, rtol=1e-11, atol=1e-13)
    expected = {"features.conv1.W", "features.conv1.b", "fc1.W", "fc1.b"}
    assert net.parameters().keys() == net.gradients().keys() == expected
    np.testing.assert_allclose(
        to_numpy(net.gradients()["features.conv1.W"]), conv.grads["W"], rtol=1e-11
    )


def test_parameters_are_the_layers_own_arrays():
    net = small()
    net.parameters()["fc1.b"][...] = 5
    assert (net.layers["fc1"].params["b"] == 5).all()


def test_gradient_by_the_complex_step():
    report = check_layer(small().astype("float64"), distinct(3, 2, 2, 4, 4))
    assert max(report.errors.values()) < 1e-12


@pytest.mark.parametrize("train", [False, True])
def test_train_reaches_every_layer(train):
    net = Sequential([Sequential([Dropout(0.5)]), Dropout(0.5)])
    y = net.forward(np.ones((4, 500)), train=train)
    assert set(np.unique(y)) == ({0, 1} if train else {0.25})
    assert set(net.states().values()) == {int(train)}
    assert net.states().keys() == {"network1.dropout1.step", "dropout1.step"}


def test_the_layer_at_fault_is_named():
    net = alexnet()
    with pytest.raises(
        ValueError, match=r"conv1, given shape \(1, 1, 64, 64\): .* got 1"
    ):
        net.forward(np.ones((1, 1, 64, 64)))
    with pytest.raises(
        ValueError, match=r"pool3, given shape \(256, 2, 2\): .* pixels"
    ):
        net.table((3, 48, 48))
    with pytest.raises(ValueError, match=r"fc1, given shape \(9216,\): .* 9215 input"):
        Sequential([Flatten(), FullyConnected(9215, 3, weight=zeros)]).table(
            (256, 6, 6)
        )
    nested = Sequential([("tower", Sequential([("pool", MaxPooling2D())]))])
    with pytest.raises(ValueError, match=r"tower, .*pool, .*at least 3 pixels"):
        nested.forward(np.ones((1, 1, 2, 2)))


def test_parameters_and_states_are_loaded_back():
    net, other = Sequential([small(), Dropout()]), Sequential([small(1), Dropout()])
    x = distinct(0, 2, 2, 4, 4)
    net.forward(x, train=True)
    other.load(net.parameters(), net.states())
    assert other.states() == {"dropout1.step": 1}
    np.testing.assert_array_equal(other.forward(x, True), net.forward(x, True))
    other.parameters()["network1.fc1.b"][...] = 9
    assert (net.parameters()["network1.fc1.b"] != 9).all()  # a copy


def test_parameters_of_another_network_are_refused_and_nothing_changes():
    net, good = small(), small(1).parameters()
    before = {name: w.copy() for name, w in net.parameters().items()}
    wrong_shape = {**good, "fc1.b": np.zeros(3)}
    for bad, message in [
        ({k: v for k, v in good.items() if k != "fc1.W"}, "fc1.W"),
        ({**good, "fc2.W": good["fc1.W"]}, "fc2.W"),
        (wrong_shape, r"fc1.b of shape \(4,\), got \(3,\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            net.load(bad, {})
    with pytest.raises(ValueError, match=r"dropout1\.step"):
        net.load(good, {"dropout1.step": 1})
    for name, w in net.parameters().items():
        np.testing.assert_array_equal(w, before[name])


def test_a_gradient_that_a_first_layer_skips_is_none():
    net = small()
    net.layers["features"].layers["conv1"].needs_dx = False
    net.forward(distinct(0, 2, 2, 4, 4))
    assert net.backward(normal(1, 2, 4)) is None
    assert net.gradients().keys() == net.parameters().keys()
