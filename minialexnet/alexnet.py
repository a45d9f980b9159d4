"""The paper's eight-layer network, and the four that go by its name."""

from math import prod

from .blocks import Block, Blocks
from .layers import Flatten
from .profiles import Profile, changed_profile
from .sequential import Sequential


def alexnet(
    profile: str | Profile = "paper",
    classes: int = 1000,
    width: float = 1.0,
    input_size: int | None = None,
    towers: int = 2,
    seed: int | None = 0,
    convolution: str = "im2col",
    activation: str = "relu",
    pooling: int = 3,
) -> Sequential:
    """Return the network of Krizhevsky et al. 2012, section 3.5, in a profile.

    Parameters
    ----------
    profile : {"paper", "2012", "caffe", "caffenet", "torchvision"} or Profile
        See `minialexnet.profiles.PROFILES`; one of your own by
        ``dataclasses.replace(PROFILES["2012"], removed=("conv4",))``.
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
    convolution : {"im2col", "winograd", "cudnn"}
        How conv2 to conv5 are computed, by `Convolution2D` or by the faster
        `WinogradConvolution2D`; conv1's stride of 4 has no tiles. With "cudnn" conv1
        too is a `CudnnConvolution2D`.
    activation : {"relu", "tanh", "sigmoid"}
        What stands wherever the profile has its "relu".
    pooling : {3, 2, 4}
        The side of the pooled windows, which lie 2 pixels apart. Windows of 2 do not
        overlap (section 3.4); where the profile rounds up, or the sides are odd, the
        maps are as large as with windows of 3.

    Returns
    -------
    Sequential
        Takes (N, 3, input_size, input_size), pixels 0-255 minus the training mean for
        all profiles but "torchvision", and returns logits.

    Raises
    ------
    ValueError
        If there is no such profile, convolution or activation, or the pictures are too
        small for the network.

    Examples
    --------
    >>> alexnet("2012", width=0.25).table((3, 224, 224)).rows[-1].output_shape
    (1000,)
    """
    p = profile if isinstance(profile, Profile) else changed_profile(profile, {})
    if towers not in (1, 2):
        raise ValueError(f"expected towers to be 1 or 2, got {towers!r}")
    if not 0 < width < float("inf"):
        raise ValueError(f"expected width > 0, got {width}")
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
    blocks = Blocks(p, groups, seed, convolution, activation, pooling)

    layers: Block = []
    channels, whole_channels = 3, 3
    for i, (count, whole_count) in enumerate(zip(kernels, whole, strict=True), 1):
        # A layer that is left out is drawn too, so that those after it begin as in the
        # whole network wherever they have its shapes.
        block = blocks.convolutional(i, channels, count, whole_channels)
        if f"conv{i}" in p.removed:
            layers += [entry for entry in block if entry[0] == f"pool{i}"]
        else:
            layers += block
            channels, whole_channels = count, whole_count
    layers.append(("flatten", Flatten()))
    features = prod(Sequential(layers).output_shape((3, size, size)))
    whole_features = whole_channels * 6 * 6  # conv5's pooled maps in every profile
    for i, units in enumerate((hidden, hidden, classes), 6):
        block = blocks.dense(i, features, units, whole_features)
        if f"fc{i}" not in p.removed:
            layers += block
            features, whole_features = units, 4096
    return Sequential(layers)
