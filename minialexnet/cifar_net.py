"""The four-layer network of Figure 1."""

import numpy as np

from .initializers import Normal
from .layers import (
    AveragePooling2D,
    Convolution2D,
    Flatten,
    FullyConnected,
    Layer,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from .layers.choice import choose_convolution
from .sequential import Sequential

ACTIVATIONS: dict[str, type[Layer]] = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}
SIDES = (2, 3, 4)  # of the pooled windows


def cifar_net(
    activation: str = "relu",
    classes: int = 10,
    seed: int | None = 0,
    convolution: str = "im2col",
    pooling: int = 3,
) -> Sequential:
    """Return the four-layer network for 32x32 RGB pictures.

    Krizhevsky et al. 2012, section 3.1 and Figure 1, say "a four-layer convolutional
    neural network" and no more. This is the nearest published relative, the network
    that the 2012 code's author trained on CIFAR-10, with its initial weights: three
    5x5 convolutions of 32, 32 and 64 kernels, each pooled 3/2, and one fully-connected
    layer. Output sizes are counted as the 2012 code does: 32, 16, 8, 4.

    Parameters
    ----------
    activation : {"relu", "tanh", "sigmoid"}
    classes : int
    seed : int or None
        Of the initial weights; the three activations begin with the same ones. With
        None nothing is drawn, see `minialexnet.initializers.draw`.
    convolution : {"im2col", "winograd", "cudnn"}
        How conv2 and conv3 are computed, by `Convolution2D` or by the faster
        `WinogradConvolution2D`; the three channels of conv1 are too few for tiles. With
        "cudnn" all three are a `CudnnConvolution2D`.
    pooling : {3, 2, 4}
        The side z of the windows of all three poolings, which lie 2 pixels apart: 3
        overlap, 2 do not (section 3.4), 4 overlap by half. The sizes of the maps are
        the same.

    Returns
    -------
    Sequential
        Takes (N, 3, 32, 32), pixels 0-255 minus the training mean, and returns logits.

    Examples
    --------
    >>> cifar_net().table((3, 32, 32)).parameters
    89578
    """
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"expected activation to be one of {', '.join(ACTIVATIONS)}, "
            f"got {activation!r}"
        )
    if pooling not in SIDES:
        raise ValueError(f"expected pooling to be 2, 3 or 4, got {pooling!r}")
    # Windows of 4 begin a pixel outside, those of 2 and 3 may hang over the far edge.
    windows = pooling, 2, int(pooling == 4), pooling != 4
    choose_convolution(convolution)  # refuses what is no name
    neuron = ACTIVATIONS[activation]
    rng = None if seed is None else np.random.default_rng(seed)

    def conv(channels: int, kernels: int, sigma: float) -> Convolution2D:
        layer = choose_convolution(convolution, first=channels == 3)
        weight = Normal(sigma)
        return layer(channels, kernels, 5, padding=2, weight=weight, seed=rng)

    return Sequential(
        [
            conv(3, 32, 0.0001),
            MaxPooling2D(*windows),
            neuron(),
            conv(32, 32, 0.01),
            neuron(),
            AveragePooling2D(*windows),
            conv(32, 64, 0.01),
            neuron(),
            AveragePooling2D(*windows),
            Flatten(),
            FullyConnected(64 * 4 * 4, classes, weight=Normal(0.01), seed=rng),
        ]
    )
