"""The paper's eight-layer network, and the four that go by its name."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
from .network import Sequential

__all__ = ["PROFILES", "Profile", "alexnet", "compare_profiles"]


@dataclass(frozen=True)
class Profile:
    """One way of building AlexNet; read two of them line by line to see what differs.

    Attributes
    ----------
    source : str
        Where it is described.
    input_size : int
        Pixels of a side that the network was made for.
    kernels : five of int
        Of conv1 to conv5, both towers together.
    padding : five of int
        Pixels on each side of conv1 to conv5.
    conv_ceil_mode, pool_ceil_mode : bool
        Whether sizes are rounded up, as in the 2012 code.
    after : five of tuple of str
        What stands behind each convolution, in order: "relu", "lrn" (across
        channels), "space" (normalisation within a map) and "pool" (max, 3/2).
    two_towers : bool
        Whether conv2, conv4 and conv5 see their own half of the channels only.
    lrn_k, lrn_alpha, lrn_divided, lrn_own_tower
        Constants of the normalisation; n = 5 and beta = 0.75 in all. `lrn_divided`:
        alpha / n is used. `lrn_own_tower`: neighbours are the same tower's maps only.
        None where the network has no normalisation.
    conv_sigma : five of float
    fc_sigma : three of float
        Standard deviations of the initial weights. torchvision draws them otherwise,
        by PyTorch's default; here they are the paper's.
    ones : float
        Initial bias of conv2, conv4, conv5, fc6 and fc7; 0 elsewhere.
    dropout_first : bool
        Dropout on the input of fc6 and fc7 instead of on their output.
    dropout_inverted : bool
        Divide by the keeping probability in training, not multiply in testing.
    bias_rate, bias_decay : float
        What a bias's learning rate and weight decay are multiplied with.
    """

    source: str
    input_size: int = 224
    kernels: tuple[int, ...] = (96, 256, 384, 384, 256)
    padding: tuple[int, ...] = (0, 2, 1, 1, 1)
    conv_ceil_mode: bool = True
    pool_ceil_mode: bool = True
    after: tuple[tuple[str, ...], ...] = (
        ("relu", "lrn", "pool"),
        ("relu", "lrn", "pool"),
        ("relu",),
        ("relu",),
        ("relu", "pool"),
    )
    two_towers: bool = True
    lrn_k: float | None = 2
    lrn_alpha: float | None = 1e-4
    lrn_divided: bool | None = False
    lrn_own_tower: bool | None = False
    conv_sigma: tuple[float, ...] = (0.01,) * 5
    fc_sigma: tuple[float, ...] = (0.01,) * 3
    ones: float = 1
    dropout_first: bool = False
    dropout_inverted: bool = False
    bias_rate: float = 1
    bias_decay: float = 1


PROFILES = {
    # 224 pixels make 55 outputs only where the last window may hang over the edge.
    "paper": Profile("Krizhevsky et al. 2012, sections 3.5 and 5"),
    "2012": Profile(
        "the 2012 code's own layer file, number 145",
        after=(
            ("lrn", "pool", "relu"),
            ("relu", "lrn", "space", "pool"),
            ("relu",),
            ("relu",),
            ("pool", "relu"),
        ),
        lrn_divided=True,
        lrn_own_tower=True,
        conv_sigma=(0.01, 0.01, 0.03, 0.03, 0.03),
        bias_rate=2,
        bias_decay=0,
    ),
    "caffe": Profile(
        "Caffe's bvlc_alexnet",
        input_size=227,
        conv_ceil_mode=False,
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        ones=0.1,
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "caffenet": Profile(
        "Caffe's bvlc_reference_caffenet",
        input_size=227,
        conv_ceil_mode=False,
        after=(
            ("relu", "pool", "lrn"),
            ("relu", "pool", "lrn"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "torchvision": Profile(
        "torchvision.models.alexnet",
        kernels=(64, 192, 384, 256, 256),
        padding=(2, 2, 1, 1, 1),
        conv_ceil_mode=False,
        pool_ceil_mode=False,
        after=(
            ("relu", "pool"),
            ("relu", "pool"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        two_towers=False,
        lrn_k=None,
        lrn_alpha=None,
        lrn_divided=None,
        lrn_own_tower=None,
        ones=0,
        dropout_first=True,
        dropout_inverted=True,
    ),
}


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


def compare_profiles() -> str:
    """Return the profiles side by side as text, a line for each thing."""
    names = list(PROFILES)
    lines = [["", *names]]
    for field in fields(Profile):
        values = [getattr(PROFILES[name], field.name) for name in names]
        if field.name == "after":
            for i in range(5):
                cells = [", ".join(value[i]) for value in values]
                lines.append([f"after conv{i + 1}", *cells])
        elif field.name != "source":
            lines.append([field.name, *(_cell(value) for value in values)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return " ".join(f"{v:g}" for v in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
