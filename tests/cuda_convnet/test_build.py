"""The 2012 code's layer files: the networks they make, and what is refused."""

import re
from pathlib import Path

import numpy as np
import pytest

from minialexnet import (
    LocalResponseNormalization,
    MomentumSGD,
    SoftmaxCrossEntropy,
    alexnet,
    cifar_net,
)
from minialexnet.cuda_convnet import build as module
from minialexnet.cuda_convnet.build import CfgError, Learning, load
from minialexnet.cuda_convnet.contrast import LocalContrastNormalization
from minialexnet.gradient_check import check_layer
from tests.support import oracles, strict_cupy
from tests.support.geometries import distinct, normal

FILES = Path(__file__).parent
ALEXNET = [(FILES / f"alexnet-{kind}.cfg").read_text() for kind in ("layers", "params")]
CIFAR = [(FILES / f"cifar-{kind}.cfg").read_text() for kind in ("layers", "params")]
WIDTH = 16  # the tests' AlexNet is so many times narrower
CLASSES = 5


def narrow(text):
    """Return a layer file with a sixteenth of the kernels and units."""

    def scaled(found):
        numbers = found[2].split(",")
        new = {"3": "3", "1000": str(CLASSES)}
        return (
            f"{found[1]}={','.join(new.get(n, str(int(n) // WIDTH)) for n in numbers)}"
        )

    return re.sub(r"^(channels|filters|outputs)=([\d,]+)$", scaled, text, flags=re.M)


NARROW = [narrow(ALEXNET[0]), ALEXNET[1]]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the two texts and loads them."""

    def write_and_load(layers, params, *arguments, **options):
        paths = tmp_path / "layers.cfg", tmp_path / "params.cfg"
        for path, text in zip(paths, (layers, params), strict=True):
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(*paths, *arguments, **options)

    return write_and_load


def split(arrays):
    """Return AlexNet's arrays, by its names, as the file's two towers hold them."""
    found = {}
    names = {"fc6": "fc2048", "fc7": "fc2048b"}
    for name in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"):
        W, b = arrays[f"{name}.W"], arrays[f"{name}.b"]
        rows, columns = len(b) // 2, W.shape[1] // 2
        for tower, own in (("a", slice(0, rows)), ("b", slice(rows, None))):
            to = names.get(name, name) + tower
            found[f"{to}.b"] = b[own]
            if name in ("conv3", "fc6", "fc7"):
                blocks = [W[own, :columns], W[own, columns:]]
                if (name, tower) == ("fc7", "b"):  # its inputs are hs1b,hs1a
                    blocks.reverse()
                found[f"{to}.W1"], found[f"{to}.W2"] = blocks
            else:
                found[f"{to}.W"] = W[own]
    W = arrays["fc8.W"]
    columns = W.shape[1] // 2
    found["fc1000.W1"], found["fc1000.W2"] = W[:, :columns], W[:, columns:]
    found["fc1000.b"] = arrays["fc8.b"]
    return found


def one_and_two_towers(written, **options):
    """Return AlexNet by its profile and by the file, of the same weights and masks."""
    one = alexnet("2012", CLASSES, width=1 / WIDTH, input_size=63, seed=2)
    for _, layer in one.leaves():  # large enough for every path to count
        if "W" in layer.params:
            layer.params["W"] *= 2
    one.astype("float64")
    two = written(*NARROW, (3, 63, 63), **options).astype("float64")
    two.load(split(one.parameters()), two.states())
    for dropout, towers in (("dropout6", "hs1"), ("dropout7", "hs2")):
        for tower, first in (("a", 0), ("b", 2048 // WIDTH)):
            two.layers[towers + tower].seed = one.layers[dropout].seed
            two.layers[towers + tower].first_unit = first
    return one, two


def pictures(seed=0, count=3):
    rng = np.random.default_rng(seed)
    return 20 * rng.standard_normal((count, 3, 63, 63)), rng.integers(0, CLASSES, count)


def assert_close(found, expected, tolerance=1e-12):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(
            found[name], array, tolerance, tolerance * abs(array).max(), err_msg=name
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
    return load(FILES / "alexnet-layers.cfg", FILES / "alexnet-params.cfg")


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
    # conv4 and all behind it say nothing: they lie where their first input does.
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


# A network of several inputs: sums of unlike convolutions, one layer that two others
# see, one that sees the same layer twice, a pooled border, and all the normalisations.
WEB = """
[labels]
type=data
dataIdx=1
[data]
type=data
dataIdx=0
[conv1]
type=conv
inputs=data
channels=2
filters=4
filterSize=3
padding=1
[rnorm1]
type=cmrnorm
inputs=conv1
channels=4
size=3
scale=0.3
pow=0.75
[cnorm1]
type=cnorm
inputs=rnorm1
channels=4
sizeX=3
[rnorm2]
type=rnorm
inputs=conv1
channels=4
size=2
neuron=logistic
[pool1]
type=pool
pool=avg
inputs=cnorm1
channels=4
start=-1
sizeX=3
stride=2
neuron=tanh
[conv2]
type=conv
inputs=data,cnorm1,rnorm2
channels=2,4,4
filters=6,3,3
filterSize=2,3,4
groups=1,2,2
stride=2,2,2
padding=0,0,1
initW=0.2,0.3,0.4
initB=-0.5
neuron=tanh[1,1]
[fc1]
type=fc
inputs=conv2,pool1,conv2
outputs=5
initW=0.1,0.2,0.3
[hs1]
type=hs
inputs=fc1
keep=0.7
[fc2]
type=fc
inputs=hs1,fc1
outputs=3
initW=0.5,0.5
neuron=ident
[probs]
type=softmax
inputs=fc2
[logprob]
type=cost.logreg
inputs=labels,probs
"""
WEB_PARAMS = """
[conv1]
epsW=0.1
epsB=0.2
momW=0.5
momB=0.6
[cnorm1]
scale=0.5
pow=0.6
minDiv=2
[rnorm2]
scale=0.4
pow=0.5
[conv2]
epsW=0.01,0.02,0.03
epsB=0.04
momW=0.1,0.2,0.3
momB=0.4
wc=1,2,3
[fc1]
epsW=0,0,0
epsB=0
momW=0.9,0.9,0.9
momB=0.9
wc=4,4,4
[fc2]
epsW=0.5,0.5 # a comment
EPSB=0.6
momw=0.9,0.9
momB=0.9
; another
[hs1]
enable=true
"""


@pytest.fixture
def web(written):
    network = written(WEB, WEB_PARAMS, (2, 6, 6), seed=1)
    network.layers["conv1"].params["W"] *= 50  # 0.01, the default, would show little
    return network.astype("float64")


def test_the_gradient_of_a_network_of_several_inputs(web):
    names = [f"conv2.W{i}" for i in (1, 2, 3)] + ["conv2.b"]
    assert [name for name in web.parameters() if name.startswith("conv2")] == names
    assert "pool1_neuron" in web.layers
    for train in (False, True):
        report = check_layer(web, normal(0, 2, 2, 6, 6), train=train)
        assert report.errors.keys() == {"x", *web.parameters()}
        assert max(report.errors.values()) < 1e-10


def test_each_input_has_its_block_of_weights_and_the_sum_one_bias(web):
    web.forward(normal(0, 2, 2, 6, 6))
    shapes = [web.parameters()[f"conv2.W{i}"].shape for i in (1, 2, 3)]
    assert shapes == [(6, 2, 2, 2), (6, 2, 3, 3), (6, 2, 4, 4)]  # filters=3 a group
    assert (web.parameters()["conv2.b"] == -0.5).all()
    spreads = [web.parameters()[f"fc1.W{i}"].std() for i in (1, 2, 3)]
    assert spreads == pytest.approx([0.1, 0.2, 0.3], rel=0.25)
    layer = web.layers["conv2"]
    x = [distinct(1, 2, *shape) for shape in ((2, 6, 6), (4, 6, 6), (4, 6, 6))]
    W = layer.params
    expected = sum(
        oracles.convolution(
            x[i], W[f"W{i + 1}"], np.zeros(6), (2, 2), padding, groups, True
        )
        for i, (padding, groups) in enumerate([((0, 0), 1), ((0, 0), 2), ((1, 1), 2)])
    )
    np.testing.assert_allclose(layer.forward(x), expected - 0.5, rtol=1e-12)


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


def test_each_layer_learns_as_the_params_file_says(web):
    assert web.learning["conv1.W"] == Learning(0.1, 0.5, 0)
    assert web.learning["conv2.W3"] == Learning(0.03, 0.3, 3)
    assert web.learning["fc2.b"] == Learning(0.6, 0.9, 0)
    w = {name: array.copy() for name, array in web.parameters().items()}
    sgd = web.optimizer(web.parameters())
    assert sgd.learning_rate == 0.5
    gradients = [{n: normal(i, *a.shape) for n, a in w.items()} for i in range(3)]
    for gradient in gradients:
        sgd.step(gradient)
    for name, own in web.learning.items():
        expected = oracles.momentum_sgd(
            w[name].ravel(),
            [g[name].ravel() for g in gradients],
            *(own.rate, own.momentum, own.decay),
        )
        got = web.parameters()[name].ravel()
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(web.parameters()["fc1.W2"], w["fc1.W2"])


def test_all_rates_change_with_the_optimisers(written):
    """A schedule that divides the rate divides every layer's."""
    network = written(WEB, WEB_PARAMS, (2, 6, 6)).astype("float64")
    before = {name: w.copy() for name, w in network.parameters().items()}
    sgd = network.optimizer(network.parameters())
    sgd.learning_rate /= 10
    sgd.step({name: np.ones_like(w) for name, w in before.items()})
    for name, own in network.learning.items():
        step = own.rate / 10 * (1 + own.decay * before[name])
        moved = before[name] - network.parameters()[name]
        np.testing.assert_allclose(moved, step, rtol=1e-9, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("frozen", ["epsW", "eps."])
def test_a_network_may_stand_still(written, frozen):
    params = re.sub(rf"({frozen})=.*", r"\1=0", CIFAR[1])
    network = written(CIFAR[0], params, (3, 32, 32))
    sgd = network.optimizer(network.parameters())
    before = {name: w.copy() for name, w in network.parameters().items()}
    sgd.step({name: np.ones_like(w) for name, w in before.items()})
    for name, w in network.parameters().items():
        moves = name.endswith(".b") and frozen == "epsW"
        assert np.allclose(before[name] - w, 0.002 if moves else 0), name


def pooled(written, **keys):
    """Return the network of one pooling of 2 maps, 7 x 7."""
    settings = {"pool": "max", "sizeX": 3, "stride": 2, "channels": 2} | keys
    lines = "".join(f"{key}={value}\n" for key, value in settings.items())
    head, tail = WEB.split("[conv1]")[0], WEB[WEB.index("[probs]") :]
    pool = f"[pool]\ntype=pool\ninputs=data\n{lines}"
    return written(head + pool + tail.replace("fc2", "pool"), "", (2, 7, 7))


@pytest.mark.parametrize("pool", ["max", "avg"])
@pytest.mark.parametrize(
    ("start", "outputs", "size", "stride", "windows"),
    [
        (0, 0, 3, 2, [0, 2, 4]),
        (0, 0, 2, 2, [0, 2, 4, 6]),  # the last hangs over the edge
        (-1, 0, 3, 2, [-1, 1, 3, 5]),
        (2, 0, 3, 2, [2, 4]),
        (1, 2, 3, 1, [1, 2]),
        (-2, 3, 4, 3, [-2, 1, 4]),
    ],
)
def test_pooling_begins_and_ends_where_it_is_told(
    written, pool, start, outputs, size, stride, windows
):
    keys = {"start": start, "outputsX": outputs, "sizeX": size, "stride": stride}
    layer = pooled(written, pool=pool, **keys).layers["pool"]
    x = distinct(0, 2, 2, 7, 7)
    best = np.max if pool == "max" else np.mean
    expected = np.array(
        [
            best(x[:, :, max(0, h) : h + size, max(0, w) : w + size], axis=(2, 3))
            for h in windows
            for w in windows
        ]
    )
    y = layer.forward(x)
    assert y.shape[1:] == layer.output_shape((2, 7, 7))
    np.testing.assert_allclose(y.reshape(2, 2, -1), np.moveaxis(expected, 0, 2))
    assert check_layer(layer, x[:1]).errors["x"] < 1e-12


def test_dropout_of_one_seed_differs_between_layers_and_seeds(written):
    seeds = {
        written(*NARROW, (3, 63, 63), seed=seed).layers[f"hs{i}{tower}"].seed
        for seed in (0, 1)
        for i in (1, 2)
        for tower in "ab"
    }
    assert len(seeds) == 8
    assert written(*NARROW, (3, 63, 63)).layers["hs1a"].drop_probability == 0.5


def test_training_leaves_out_the_gradient_by_the_picture(written):
    _, two = one_and_two_towers(written)
    dy = np.ones_like(two.forward(pictures()[0]))
    two.backward(dy)
    expected = {name: g.copy() for name, g in two.gradients().items()}
    two.layers["conv1a"].needs_dx = False  # as minialexnet.train tells the first layer
    assert two.backward(dy) is None
    assert not two.layers["conv1b"].needs_dx
    for name, gradient in two.gradients().items():
        np.testing.assert_array_equal(gradient, expected[name])


def test_a_layer_that_fails_is_named(written):
    network = written(WEB, WEB_PARAMS, (2, 6, 6))
    with pytest.raises(
        ValueError, match=r"conv1, given shape .*2 input channels, got 3"
    ):
        network.forward(np.zeros((1, 3, 6, 6), np.float32))
    with pytest.raises(ValueError, match=r"conv2, given shape \(\(2, 5, 5\)"):
        network.table((2, 5, 5))
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        written(WEB, WEB_PARAMS, (2, 6, 6)).backward(np.zeros((1, 3)))


@pytest.fixture
def two_strict_devices(monkeypatch):
    """Let "cuda:0" and "cuda:1" be the stand-in's, where mixing them is an error."""

    def to_device(array, device):
        if device == "cpu":
            return strict_cupy.asnumpy(array)
        host = array.get() if hasattr(array, "get") else array
        with strict_cupy.cuda.Device(int(device[5:])):
            return strict_cupy.asarray(host)

    def use_device(device):
        return strict_cupy.cuda.Device(int(device[5:]))

    monkeypatch.setattr(module, "to_device", to_device)
    monkeypatch.setattr("minialexnet.layers.base.to_device", to_device)
    monkeypatch.setattr(module, "check_device", lambda device: device)
    monkeypatch.setattr(module, "use_device", use_device)


@pytest.mark.usefixtures("two_strict_devices")
def test_towers_compute_on_two_devices_and_nothing_is_mixed(written):
    one, two = one_and_two_towers(written)
    two.place(["cuda:0", "cuda:1"])
    (x, _), dy = pictures(), normal(1, 3, CLASSES)
    y = two.forward(strict_cupy.asarray(x), train=True)
    assert y.device.id == 0
    assert_close({"y": y.get()}, {"y": one.forward(x, train=True)})
    dx = two.backward(strict_cupy.asarray(dy))
    assert_close({"dx": dx.get()}, {"dx": one.backward(dy)})
    gradients = two.gradients()
    for name, gradient in gradients.items():
        layer, _, _ = name.partition(".")
        assert gradient.device.id == two.gpus[layer], name
    found = {name: gradient.get() for name, gradient in gradients.items()}
    assert_close(found, split(one.gradients()))
    two.optimizer(two.parameters()).step(gradients)
    expected = split(one.parameters())
    two.optimizer(expected).step(split(one.gradients()))
    assert_close({name: w.get() for name, w in two.parameters().items()}, expected)
    two.to("cpu")  # and back
    assert_close({"y": two.forward(x)}, {"y": one.forward(x)})  # split() gave views


@pytest.mark.usefixtures("two_strict_devices")
def test_load_places_and_a_device_too_few_is_refused(written):
    network = written(*NARROW, (3, 63, 63), devices=["cuda:1", "cuda:0"])
    assert network.parameters()["conv1a.W"].device.id == 1
    assert network.parameters()["conv1b.W"].device.id == 0
    with pytest.raises(ValueError, match="2 devices for gpu numbers 0 to 1, got 1"):
        network.place(["cuda:0"])


def test_devices_that_are_not_there_are_refused(written):
    with pytest.raises(ValueError, match="expected device 'cpu'"):
        written(*NARROW, (3, 63, 63), devices=["cpu", "tpu"])
    network = written(*NARROW, (3, 63, 63), devices=["cpu", "cpu"])
    assert network.forward(np.zeros((1, 3, 63, 63), np.float32)).shape == (1, CLASSES)


# What is changed in CIFAR's files (0: the layers, 1: the params), and what is said;
# the line is that of the first word of the new text.
REFUSED = [
    (0, "type=softmax", "type=concat", r"\[probs\] .*type .*fc, .*got 'concat'"),
    *(
        (0, "type=softmax", f"type={kind}", f"got '{kind}'")
        for kind in ("eltsum", "blur", "nailbed", "treefc", "href", "local", "")
    ),
    (0, "type=cost.logreg", "type=cost.sum2", "got 'cost.sum2'"),
    (0, "type=fc\n", "", r"\[fc10\] expected type=..., which is missing"),
    (0, "neuron=relu", "neuron=softrelu", "neuron to be one of relu, .*'softrelu'"),
    (0, "neuron=relu", "neuron=tanh[2,1]", r"'tanh\[2,1\]'"),
    (0, "pool=avg", "pool=rand", "pool to be one of max, avg, got 'rand'"),
    (0, "inputs=pool3", "inputs=pool4", "inputs that exist, got 'pool4'"),
    (0, "inputs=pool1", "inputs=conv3", "above this one.* got 'conv3' of line"),
    (0, "inputs=pool1", "inputs=conv2", "above this one.* got 'conv2' of line"),
    (0, "inputs=pool3", "inputs=labels", "not those of the cost, got 'labels'"),
    (0, "inputs=pool3", "inputs=probs", "not those of the cost, got 'probs'"),
    (0, "inputs=pool3", "inputs=", "inputs that exist, got ''"),
    (0, "inputs=fc10", "inputs=fc10,pool3", "inputs to be one value, got 2"),
    (0, "inputs=labels,probs", "inputs=probs,labels", "a data layer, of the labels"),
    (0, "inputs=labels,probs", "inputs=probs", "2 values, one for each input, got 1"),
    (
        0,
        "inputs=pool2",
        "inputs=pool2,pool2",
        "epsW to be 2 values, one for each input, got 1",
    ),
    (0, "inputs=fc10", "inputs=pool3", r"\[fc10\] expected another layer to"),
    (0, "channels=32", "channels=31", r"channels to fit the input, \(32, .*got 31"),
    (0, "channels=3\n", "channels=three\n", "channels to be a whole .*'three'"),
    (0, "filters=64", "filters=0", "filters to be a whole number >= 1, got '0'"),
    (0, "filters=64", "filters=", "filters to be a whole number >= 1, got ''"),
    (0, "filters=64", "filters=1000000000000", "268,435,456 parameters .*, got"),
    (0, "outputs=10", "outputs=9999999", "268,435,456 parameters in all, got"),
    (0, "outputs=10", "output=10", "expected outputs=..., which is missing"),
    (0, "filterSize=5", "filterSize=55", "filterSize <= 36, the pixels .*, got 55"),
    (0, "stride=1", "stride=1.5", "stride to be a whole number >= 1, got '1.5'"),
    (0, "padding=2", "padding=-1", "padding to be a whole number >= 0, got '-1'"),
    (0, "padding=2", "padding=2,2", "padding to be one value, got 2"),
    (
        0,
        "initW=0.0001",
        "initW=nan",
        "initW to be a number >= 0 and < 1e.30, got 'nan'",
    ),
    (0, "initW=0.0001", "initW=-1", "initW to be a number >= 0 and < 1e.30, got '-1'"),
    (0, "initW=0.0001", "initB=inf", "initB to be a number .*, got 'inf'"),
    (0, "initW=0.0001", "initB=-1e39", "initB to be a number .*, got '-1e39'"),
    (0, "sharedBiases=1", "sharedBiases=0", "sharedBiases=1, got '0'"),
    (0, "sharedBiases=1", "randSparse=1", "randSparse=0, got '1'"),
    (0, "partialSum=4", "weightSource=conv1", "known for type=conv, got 'weightSou"),
    (0, "partialSum=4", "groups=2", "groups to divide 3 input and 64 output"),
    (0, "start=0", "start=-3", "start to be a whole number >= -2, got '-3'"),
    (0, "start=0", "start=31", "sizeX <= 1, the pixels there are, got 3"),
    (
        0,
        "outputsX=0",
        "outputsX=17",
        "outputsX .* window begin below pixel 32, got one at 32",
    ),
    (
        0,
        "stride=2",
        "stride=32",
        "stride .* window begin below pixel 32, got one at 32",
    ),
    (0, "partialSum=4", "gpu=-1", "gpu to be a whole number >= 0, got '-1'"),
    (0, "partialSum=4", "stride=1", "expected stride once, got it again"),
    (0, "partialSum=4", "STRIDE=1", "expected STRIDE once, got it again"),
    (0, "partialSum=4", "stride", r"\[section\] or, in a section, key=value, got 'st"),
    (0, "[data]\n", "", r"\[section\] or, in a section, key=value, got 'type=data'"),
    (0, "[pool2]", "[conv2]", r"\[conv2\] expected each name once and without a dot"),
    (0, "[pool2]", "[pool.2]", r"\[pool.2\] expected each name once and without a"),
    (0, "[pool2]", "[conv2_neuron]", "no other layer of the name conv2_neuron"),
    (0, "dataIdx=0", "dataIdx=", "dataIdx to be a whole number >= 0, got ''"),
    (1, "[conv2]", "[conv4]", r"\[conv2\] expected a section \[conv2\] in .*params"),
    (
        1,
        "[logprob]",
        "[logprobs]",
        r"\[logprobs\] expected a layer of that name in .*layers",
    ),
    (1, "epsW=0.001", "epsW=fast", "epsW to be a number >= 0 and < 1e.30, got 'fast'"),
    (1, "epsW=0.001", "epsW=exp[base=1;tgtFactor=10]", "epsW to be a number"),
    (1, "epsW=0.001", "epsW=0.001,0.001", "epsW to be one value, got 2"),
    (1, "epsW=0.001", "epsV=0.001", "expected epsW=..., which is missing"),
    (1, "epsW=0.001", "epsW=0.001\nschedW=linear[1,1]", "for type=conv, got 'schedW'"),
    (1, "momW=0.9", "momW=1", "momW to be a number >= 0 and < 1, got '1'"),
    (1, "momB=0.9", "momB=-0.1", "momB to be a number >= 0 and < 1, got '-0.1'"),
    (1, "wc=0", "wc=-1", "wc to be a number >= 0 and < 1e.30, got '-1'"),
    (1, "wc=0", "wball=1", "expected wball to be 0"),
    (1, "coeff=1", "coeff=2", r"\[logprob\] expected coeff to be 1"),
    (1, "coeff=1", "topk=0", "topk to be a whole number >= 1, got '0'"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), REFUSED)
def test_what_is_not_known_is_refused_with_file_and_line(
    written, file, old, new, words
):
    texts = list(CIFAR)
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    with pytest.raises(CfgError, match=words) as caught:
        written(*texts, (3, 32, 32))
    found = re.match(r".*/(\w+\.cfg):(\d+): (.*)", str(caught.value))
    name, line, message = found.groups()
    said = (texts[0] if name == "layers.cfg" else texts[1]).split("\n")[int(line) - 1]
    section = f": {said} expected"
    assert section in str(caught.value) or said.partition("=")[0] in message


def test_the_line_is_the_right_one(written):
    layers = "\n\n# three lines before\n" + CIFAR[0].replace("pool=avg", "pool=rand")
    with pytest.raises(CfgError) as caught:
        written(layers, CIFAR[1], (3, 32, 32))
    name, line, words = re.match(r".*/(.*):(\d+): (.*)", str(caught.value)).groups()
    assert (name, layers.split("\n")[int(line) - 1]) == ("layers.cfg", "pool=rand")
    assert words == "[pool2] expected pool to be one of max, avg, got 'rand'"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (0, r"\[logprob\][^[]*", "", "layers.cfg: expected one layer of type cost.log"),
        (
            0,
            r"\[data\][^[]*",
            "",
            "layers.cfg: expected one data layer besides the lab",
        ),
        (0, r"\Z", "[more]\ntype=data\ndataIdx=2\n", "besides the labels, got 2"),
        (0, r"(?s).*", "", "expected one layer of type cost.logreg, got 0"),
        (1, r"\[conv1\]", "[conv1", r"params.cfg:3: expected \[section\] or"),
        (1, r"(?s).*", "", r"layers.cfg:\d+: \[conv1\] expected a section \[conv1\]"),
    ],
)
def test_what_is_missing_is_said(written, file, old, new, words):
    texts = list(CIFAR)
    texts[file] = re.sub(old, new, texts[file], count=1)
    with pytest.raises(CfgError, match=words):
        written(*texts, (3, 32, 32))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("scale=0.3\n", "", r"\[rnorm1\] expected scale=..., which is missing"),
        ("size=3\n", "size=3\nblocked=1\n", "blocked=0, got '1'"),
        ("size=3\n", "size=3\nsizeX=3\n", "known for type=cmrnorm, got 'sizeX'"),
        ("size=3\n", "size=3\nminDiv=0\n", "expected k > 0"),
        ("size=2\n", "size=2\nscale=1\n", "scale in one file, got it in both"),
        ("keep=0.7", "keep=0", "keep > 0 and <= 1, got 0"),
        ("keep=0.7", "keep=1.5", "keep > 0 and <= 1, got 1.5"),
        ("padding=0,0,1", "padding=0,1,1", "outputs of one shape to sum, got"),
        ("inputs=cnorm1", "inputs=fc1", "above this one"),
        ("inputs=hs1,fc1", "inputs=hs1,fc1\nneuron=tanh", "neuron once, got it again"),
    ],
)
def test_more_is_refused(written, old, new, words):
    assert old in WEB
    with pytest.raises(CfgError, match=rf"cfg:\d+: .*{words}"):
        written(WEB.replace(old, new, 1), WEB_PARAMS, (2, 6, 6))


def test_dropout_that_is_switched_off_is_refused(written):
    params = WEB_PARAMS.replace("enable=true", "enable=false")
    with pytest.raises(CfgError, match=r"params.cfg:\d+: \[hs1\] expected enable=1"):
        written(WEB, params, (2, 6, 6))


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
        load(tmp_path / "nowhere.cfg", FILES / "cifar-params.cfg")
    with pytest.raises(CfgError, match=r"params\.cfg: expected text in UTF-8"):
        written(CIFAR[0], b"\xff\xfe", (3, 32, 32))


def mutants(text, rng, count):
    """Yield a text changed in one to three ways: as bytes, as lines, as numbers."""
    numbers = ["0", "-1", "1e39", "99999999999", "nan", "", "1,2", "7", "0.5", "\0"]
    for _ in range(count):
        data = text.encode()
        for _ in range(rng.integers(1, 4)):
            way, place = rng.integers(6), int(rng.integers(len(data) + 1))
            lines = data.split(b"\n")
            line = int(rng.integers(len(lines)))
            if way == 0:
                data = data[:place] + bytes([rng.integers(256)]) + data[place:]
            elif way == 1:
                data = data[:place] + data[place + int(rng.integers(1, 40)) :]
            elif way == 2:
                del lines[line]
                data = b"\n".join(lines)
            elif way == 3:
                lines.insert(int(rng.integers(len(lines))), lines[line])
                data = b"\n".join(lines)
            elif way == 4:
                key, _, _ = lines[line].partition(b"=")
                lines[line] = key + b"=" + numbers[rng.integers(10)].encode()
                data = b"\n".join(lines)
            else:
                other = lines[int(rng.integers(len(lines)))]
                _, _, value = other.partition(b"=")
                key, _, _ = lines[line].partition(b"=")
                lines[line] = key + b"=" + value
                data = b"\n".join(lines)
        yield data


@pytest.mark.parametrize("file", [0, 1])
@pytest.mark.parametrize(
    ("texts", "shape"),
    [((WEB, WEB_PARAMS), (2, 6, 6)), (NARROW, (3, 63, 63))],
)
def test_files_changed_at_random_are_read_or_refused(written, texts, shape, file):
    refused = 0
    texts = list(texts)
    for data in mutants(texts[file], np.random.default_rng(file), 150):
        texts[file] = data
        try:
            written(*texts, shape)
        except CfgError as error:
            assert re.match(r".*\.cfg(:\d+)?: (\[|expected)", str(error))
            refused += 1
    assert 100 <= refused < 150
