"""The two kinds of block that an AlexNet is made of."""

import numpy as np

from .cifar_net import ACTIVATIONS, SIDES
from .initializers import Constant, Normal
from .layers import (
    Dropout,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
)
from .layers.choice import choose_convolution
from .profile import Profile

Block = list[tuple[str, Layer]]
REMOVABLE = ("conv2", "conv3", "conv4", "conv5", "fc6", "fc7")


class Blocks:
    """Makes the blocks of one network, with its initial weights in the order of calls.

    Parameters
    ----------
    profile : Profile
    groups : {1, 2}
        Of the convolutions that see their own tower only.
    seed, convolution, activation, pooling
        See `minialexnet.alexnet.alexnet`.

    Raises
    ------
    ValueError
        If there is no such convolution, activation, pooling or layer to be left out.
    """

    def __init__(
        self,
        profile: Profile,
        groups: int,
        seed: int | None,
        convolution: str,
        activation: str,
        pooling: int,
    ) -> None:
        for what, given, known in (
            ("activation", [activation], tuple(ACTIVATIONS)),
            ("pooling", [pooling], SIDES),
            ("removed", profile.removed, REMOVABLE),
        ):
            if odd := [one for one in given if one not in known]:
                raise ValueError(f"expected {what} out of {known}, got {odd[0]!r}")
        self.profile, self.groups, self.seed = profile, groups, seed
        self.rng = None if seed is None else np.random.default_rng(seed)
        choose_convolution(convolution)  # refuses what is no name
        self.convolution = convolution
        self.activation, self.pooling = activation, pooling

    def convolutional(
        self, i: int, channels: int, kernels: int, whole_channels: int
    ) -> Block:
        """Return conv1 to conv5, each with all that follows it.

        Parameters
        ----------
        i : int
            Its number, 1 to 5.
        channels, kernels : int
        whole_channels : int
            The channels that it has in the whole network.
        """
        p = self.profile
        layer = choose_convolution(self.convolution, first=i == 1)(
            channels,
            kernels,
            kernel_size=(11, 5, 3, 3, 3)[i - 1],
            stride=4 if i == 1 else 1,
            padding=p.padding[i - 1],
            # conv1 sees the picture; conv3 sees both towers if they exchange there.
            groups=1 if i == 1 or (i == 3 and p.exchange) else self.groups,
            ceil_mode=p.conv_ceil_mode,
            weight=Normal(p.conv_sigma[i - 1] * (whole_channels / channels) ** 0.5),
            bias=Constant(p.ones if i in (2, 4, 5) else 0),
            seed=self.rng,
        )
        block: Block = [(f"conv{i}", layer)]
        for kind in p.after[i - 1]:
            name = self.activation if kind == "relu" else kind
            block.append((f"{name}{i}", self._following(kind, i)))
        return block

    def _following(self, kind: str, i: int) -> Layer:
        """Return a layer of the kind that follows convolution number `i`."""
        p = self.profile
        if kind == "relu":
            return ACTIVATIONS[self.activation]()
        if kind == "pool":
            # Windows of 2, and of 4 that begin a pixel outside, make maps of H // 2, as
            # those of 3 do where they overhang.
            up = p.pool_ceil_mode
            up = up[i - 1] if isinstance(up, tuple) else up
            padding, ceil_mode = int(self.pooling == 4), up and self.pooling == 3
            return MaxPooling2D(self.pooling, 2, padding, ceil_mode=ceil_mode)
        if kind == "lrn":
            if p.lrn_k is None or p.lrn_alpha is None:
                raise ValueError("expected lrn_k and lrn_alpha of a profile with lrn")
            return LocalResponseNormalization(
                p.lrn_k,
                alpha=p.lrn_alpha,
                divide_alpha_by_n=bool(p.lrn_divided),
                groups=self.groups if p.lrn_own_tower else 1,
            )
        if kind == "space":  # the 2012 code's second, over 5x5 pixels of the same map
            constants = (1, 5, 0.001, 0.75)
            return LocalResponseNormalization(
                *constants, across="space", divide_alpha_by_n=True
            )
        raise ValueError(f"expected relu, lrn, space or pool to follow, got {kind!r}")

    def dense(self, i: int, features: int, units: int, whole_features: int) -> Block:
        """Return fc6, fc7 or fc8, the former two with their ReLU and dropout.

        Parameters
        ----------
        i : int
            Its number, 6 to 8.
        features, units : int
        whole_features : int
            The features that it has in the whole network.
        """
        p = self.profile
        layer = FullyConnected(
            features,
            units,
            weight=Normal(p.fc_sigma[i - 6] * (whole_features / features) ** 0.5),
            bias=Constant(p.ones if i < 8 else 0),
            seed=self.rng,
        )
        block: Block = [(f"fc{i}", layer)]
        if i < 8:
            seed = (self.seed or 0) * 2 + i - 6
            dropout = Dropout(p.dropout, p.dropout_inverted, seed=seed)
            block.append((f"{self.activation}{i}", ACTIVATIONS[self.activation]()))
            block.insert(0 if p.dropout_first else 2, (f"dropout{i}", dropout))
        return block
