"""Solutions to the exercises on the architecture."""

from minialexnet.windows import output_size

__all__ = ["parameters", "sides", "with_mean_head"]

KERNEL_SIZES = (11, 5, 3, 3, 3)


def parameters(kernels, groups, classes):
    """Exercise 1: the parameters of a network like the paper's."""
    total, channels = 0, 3
    for F, g, K in zip(kernels, groups, KERNEL_SIZES, strict=True):
        total += F * (channels // g) * K**2 + F
        channels = F
    inputs = channels * 6 * 6
    for units in (4096, 4096, classes):
        total += inputs * units + units
        inputs = units
    return total


def sides(ceil):
    """Exercise 2: which pictures end as maps of 6 x 6.

    (kernel size, stride, padding) of each convolution and pooling in turn. A side of
    400 pixels gives more than 6 either way, one of 99 gives 2, and what a side gives
    grows with it.
    """
    steps = [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), *[(3, 1, 1)] * 3, (3, 2, 0)]

    def pooled(side):
        for kernel_size, stride, padding in steps:
            side = output_size(side, kernel_size, stride, padding, ceil_mode=ceil)
        return side

    return [side for side in range(99, 400) if pooled(side) == 6]


def with_mean_head(classes):
    """Exercise 3: the layers with weights, and the sum of their parameters.

    conv5's maps end as one number each, so that the dense layer has 256 inputs.
    """
    channels = (3, 96, 256, 384, 384)
    layers = []
    for i, (F, g) in enumerate(
        zip((96, 256, 384, 384, 256), (1, 2, 1, 2, 2), strict=True)
    ):
        count = F * (channels[i] // g) * KERNEL_SIZES[i] ** 2 + F
        layers.append((f"conv{i + 1}", count))
    layers.append(("fc8", 256 * classes + classes))
    return layers, sum(count for _, count in layers)
