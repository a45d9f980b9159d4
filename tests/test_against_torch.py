"""The networks against PyTorch: outputs and gradients from the same weights.

Each network is written down here a second time, by hand, in PyTorch's functions. It
needs PyTorch, which the package does not, and is left out where that is absent.
"""

import numpy as np
import pytest

from minialexnet import alexnet, cifar_net

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
functional = torch.nn.functional


def conv(x, w, name, **how):
    return functional.conv2d(x, w[f"{name}.W"], w[f"{name}.b"], **how)


def conv1_of_2012(x, w):
    """Stride 4; the last window may hang over the edge, where it reads zeros."""
    over = -(x.shape[-1] - 11) % 4
    return conv(functional.pad(x, (0, over, 0, over)), w, "conv1", stride=4)


def pool(x, ceil_mode=True):
    return functional.max_pool2d(x, 3, 2, ceil_mode=ceil_mode)


def lrn(x, k, alpha):
    """Across maps; PyTorch divides alpha by n = 5."""
    return functional.local_response_norm(x, 5, alpha=alpha, beta=0.75, k=k)


def lrn_of_each_tower(x, towers):
    return torch.cat([lrn(half, 2, 1e-4) for half in x.chunk(towers, 1)], 1)


def lrn_in_space(x):
    """Over 5x5 pixels of the same map, those past the edge zero; scale .001."""
    sums = 25 * functional.avg_pool2d(x * x, 5, stride=1, padding=2)
    return x / (1 + 0.001 / 25 * sums) ** 0.75


def paper(x, w, drop, towers):
    x = pool(lrn(conv1_of_2012(x, w).relu(), 2, 5 * 1e-4))
    x = conv(x, w, "conv2", padding=2, groups=towers).relu()
    x = pool(lrn(x, 2, 5 * 1e-4))
    x = conv(x, w, "conv3", padding=1).relu()
    x = conv(x, w, "conv4", padding=1, groups=towers).relu()
    x = pool(conv(x, w, "conv5", padding=1, groups=towers).relu())
    return dense(x, w, drop)


def code_of_2012(x, w, drop, towers):
    x = pool(lrn_of_each_tower(conv1_of_2012(x, w), towers)).relu()
    x = conv(x, w, "conv2", padding=2, groups=towers).relu()
    x = pool(lrn_in_space(lrn_of_each_tower(x, towers)))
    x = conv(x, w, "conv3", padding=1).relu()
    x = conv(x, w, "conv4", padding=1, groups=towers).relu()
    x = pool(conv(x, w, "conv5", padding=1, groups=towers)).relu()
    return dense(x, w, drop)


def caffe(x, w, drop, towers):
    x = pool(lrn(conv(x, w, "conv1", stride=4).relu(), 1, 1e-4))
    x = conv(x, w, "conv2", padding=2, groups=towers).relu()
    x = pool(lrn(x, 1, 1e-4))
    x = conv(x, w, "conv3", padding=1).relu()
    x = conv(x, w, "conv4", padding=1, groups=towers).relu()
    x = pool(conv(x, w, "conv5", padding=1, groups=towers).relu())
    return dense(x, w, drop)


def torchvision(x, w, drop, towers):
    x = pool(conv(x, w, "conv1", stride=4, padding=2).relu(), ceil_mode=False)
    x = pool(conv(x, w, "conv2", padding=2).relu(), ceil_mode=False)
    x = conv(x, w, "conv3", padding=1).relu()
    x = conv(x, w, "conv4", padding=1).relu()
    x = pool(conv(x, w, "conv5", padding=1).relu(), ceil_mode=False)
    x = linear(drop(x.flatten(1), 6), w, "fc6").relu()
    x = linear(drop(x, 7), w, "fc7").relu()
    return linear(x, w, "fc8")


def dense(x, w, drop):
    x = drop(linear(x.flatten(1), w, "fc6").relu(), 6)
    x = drop(linear(x, w, "fc7").relu(), 7)
    return linear(x, w, "fc8")


def linear(x, w, name):
    return functional.linear(x, w[f"{name}.W"], w[f"{name}.b"])


PROFILES = {
    "paper": paper,
    "2012": code_of_2012,
    "caffe": caffe,
    "torchvision": torchvision,
}


def cifar(x, w, activation):
    def average(x):  # over the pixels that exist
        return functional.avg_pool2d(x, 3, 2, ceil_mode=True)

    f = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[activation]
    x = f(pool(conv(x, w, "conv1", padding=2)))
    x = average(f(conv(x, w, "conv2", padding=2)))
    x = average(f(conv(x, w, "conv3", padding=2)))
    return linear(x.flatten(1), w, "fc1")


def largest_error(network, x, function, train=False, seed=0):
    """Return the largest relative error of the output, dx and every gradient.

    It is relative to the array's largest value.
    """
    y = network.forward(x, train)
    dy = np.random.default_rng(seed).standard_normal(y.shape)
    found = {"x": network.backward(dy), **network.gradients(), "y": y}
    w = {
        name: torch.tensor(value, requires_grad=True)
        for name, value in {"x": x, **network.parameters()}.items()
    }
    theirs = function(w["x"], w)
    theirs.backward(torch.tensor(dy))
    expected = {name: value.grad.numpy() for name, value in w.items()}
    expected["y"] = theirs.detach().numpy()
    assert found.keys() == expected.keys()
    errors = {}
    for name, value in expected.items():
        assert found[name].shape == value.shape, name
        assert abs(value).max() > 0, name
        errors[name] = float(abs(found[name] - value).max() / abs(value).max())
    worst = max(errors, key=errors.get)
    print(f"largest relative error {errors[worst]:.1e}, of {worst}")
    return errors[worst]


def error_of_profile(profile, size, towers=2, train=False, count=3, louder=4, **how):
    network = alexnet(profile, input_size=size, towers=towers, seed=1, **how)
    network.astype("float64")
    for name, w in network.parameters().items():
        if name.endswith("W"):
            w *= louder  # for the normalisation and every path to count
    layers = network.layers

    def drop(x, i):
        """Drop what the network dropped: PyTorch's own coins fall otherwise."""
        return x * torch.as_tensor(layers[f"dropout{i}"]._factor)

    def theirs(x, w):
        return PROFILES[profile](x, w, drop, towers)

    x = 50 * np.random.default_rng(2).standard_normal((count, 3, size, size))
    return largest_error(network, x, theirs, train)


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("towers", [2, 1])
@pytest.mark.parametrize("size", [63, 64])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_computes_what_pytorch_does(profile, size, towers, train):
    how = {"classes": 7, "width": 1 / 8}
    assert error_of_profile(profile, size, towers, train, **how) < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["paper", "2012"])
def test_the_whole_network_computes_what_pytorch_does(profile):
    assert error_of_profile(profile, 224, train=True, count=2, louder=1) < 1e-10


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("convolution", ["im2col", "winograd"])
def test_the_network_of_figure_1_computes_what_pytorch_does(activation, convolution):
    network = cifar_net(activation, seed=3, convolution=convolution).astype("float64")
    network.layers["conv1"].params["W"] *= 100
    x = 50 * np.random.default_rng(4).standard_normal((3, 3, 32, 32))
    assert largest_error(network, x, lambda x, w: cifar(x, w, activation)) < 1e-10
