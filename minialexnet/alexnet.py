"""The paper's eight-layer network, and the four that go by its name."""

from __future__ import annotations

from math import prod

import numpy as np

from .initializers import Constant, Normal
from .layers import (
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    ReLU,
)
from .layers.winograd import choose_convolution
from .profiles import PROFILES, Profile
from .sequential import Sequential

__all__ = ["alexnet"]


def alexnet(
    profile: str = "paper",
    classes: int = 1000,
    width: float = 1.0,
    input_size: int | None = None,
    towers: int = 2,
    seed: int | None = 0,
    convolution: str = "im2col",
) -> Sequential:
    """Return the network of Krizhevsky et al. 2012, section 3.5, in a profile.

    Parameters
    ----------
    profile : {"paper", "2012", "caffe", "caffenet", "torchvision"}
        See `PROFILES` and `compare_profiles`.
    classes : int
        Outputs of fc8.
    width : float
        Multiplies the kernels of every convolution and the units of fc6 and fc7.
    input_size : int, optional
        Pixels of a side; the profile's own by default. Where a smaller width or input
        leaves a unit fewer inputs than it has in the whole network, its initial
        weights are larger by the square root of the ratio, so that activities begin
        as large as in the whole network; with the plain 0.01 those of a narrow
        network would fade from layer to layer.
    towers : {2, 1}
        1 is the network that the paper compares its two towers with (section 3.2): one
        tower, half the kernels, but for conv5, which keeps its 256.
    seed : int or None
        Of the initial weights and the dropout masks. With None nothing is drawn, and
        the network takes no memory, see `minialexnet.initializers.draw`.
    convolution : {"im2col", "winograd"}
        How conv2 to conv5 are computed, by `Convolution2D` or by the faster
        `WinogradConvolution2D`; conv1's stride of 4 has no tiles.

    Returns
    -------
    Sequential
        Takes (N, 3, input_size, input_size), pixels 0-255 minus the training mean for
        all profiles but "torchvision", and returns logits.

    Raises
    ------
    ValueError
        If there is no such profile or convolution, or the pictures are too small for
        the network.

    Examples
    --------
    >>> alexnet("2012", width=0.25).table((3, 224, 224)).rows[-1].output_shape
    (1000,)
    """
    if profile not in PROFILES:
        raise ValueError(
            f"expected a profile out of {', '.join(PROFILES)}, got {profile!r}"
        )
    if towers not in (1, 2):
        raise ValueError(f"expected towers to be 1 or 2, got {towers!r}")
    if not 0 < width < float("inf"):
        raise ValueError(f"expected width > 0, got {width}")
    p, chosen = PROFILES[profile], choose_convolution(convolution)
    size = p.input_size if input_size is None else input_size
    if size < 11:
        raise ValueError(f"expected an input_size of at least 11 pixels, got {size}")
    groups = 2 if p.two_towers and towers == 2 else 1
    whole = list(p.kernels)
    if towers == 1 and p.two_towers:
        whole = [k // 2 for k in whole[:4]] + whole[4:]
    # Both towers get a whole number of kernels.
    kernels = [max(groups, groups * round(k * width / groups)) for k in whole]
    hidden = max(groups, groups * round(4096 * width / groups))
    rng = None if seed is None else np.random.default_rng(seed)

    layers: list[tuple[str, Layer]] = []
    channels, whole_channels = 3, 3
    for i, count in enumerate(kernels):
        layer = (Convolution2D if i == 0 else chosen)(
            *(channels, count),
            kernel_size=(11, 5, 3, 3, 3)[i],
            stride=4 if i == 0 else 1,
            padding=p.padding[i],
            # conv1 sees the picture, conv3 sees both towers.
            groups=groups if i in (1, 3, 4) else 1,
            ceil_mode=p.conv_ceil_mode,
            weight=Normal(p.conv_sigma[i] * (whole_channels / channels) ** 0.5),
            bias=Constant(p.ones if i in (1, 3, 4) else 0),
            seed=rng,
        )
        layers.append((f"conv{i + 1}", layer))
        for kind in p.after[i]:
            layers.append((f"{kind}{i + 1}", _behind(kind, p, groups)))
        channels, whole_channels = count, whole[i]
    layers.append(("flatten", Flatten()))
    features = prod(Sequential(layers).output_shape((3, size, size)))
    whole_features = whole_channels * 6 * 6  # conv5's pooled maps in every profile
    for i, (units, sigma) in enumerate(
        zip((hidden, hidden, classes), p.fc_sigma, strict=True), 6
    ):
        dense = FullyConnected(
            features,
            units,
            weight=Normal(sigma * (whole_features / features) ** 0.5),
            bias=Constant(p.ones if i < 8 else 0),
            seed=rng,
        )
        block: list[tuple[str, Layer]] = [(f"fc{i}", dense)]
        if i < 8:
            dropout = Dropout(0.5, p.dropout_inverted, seed=(seed or 0) * 2 + i - 6)
            where = 0 if p.dropout_first else 2
            block.append((f"relu{i}", ReLU()))
            block.insert(where, (f"dropout{i}", dropout))
        layers.extend(block)
        features, whole_features = units, 4096
    return Sequential(layers)


def _behind(kind: str, p: Profile, groups: int) -> Layer:
    """Return the layer of `kind` that stands behind a convolution."""
    if kind == "relu":
        return ReLU()
    if kind == "pool":
        return MaxPooling2D(3, 2, ceil_mode=p.pool_ceil_mode)
    if kind == "lrn" and p.lrn_k is not None and p.lrn_alpha is not None:
        return LocalResponseNormalization(
            p.lrn_k,
            alpha=p.lrn_alpha,
            divide_alpha_by_n=bool(p.lrn_divided),
            groups=groups if p.lrn_own_tower else 1,
        )
    # The 2012 code's second normalisation behind conv2: 5x5 pixels of the same map,
    # scale .001, power .75, k = 1.
    return LocalResponseNormalization(
        1, 5, 0.001, 0.75, across="space", divide_alpha_by_n=True
    )
