"""What Figure 2 shows of a network: its blocks, read off the network object."""

from dataclasses import dataclass, replace

from ..layers import (
    Convolution2D,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
)
from ..layers.base import Shape
from ..sequential import Sequential


@dataclass(frozen=True)
class Stage:
    """What one block of the picture stands for: a layer with weights, or the input.

    Attributes
    ----------
    name : str
    shape : tuple of int
        (C, H, W) or (K,), both towers together, before any pooling.
    kernel : str
        "11x11 / 4", or "" for a fully-connected layer.
    pooled : bool
        Whether max pooling follows.
    sees_both : bool
        Whether it sees both towers.
    neighbours : int
        How many maps of the other tower the response normalisation after it looks at,
        from the two maps at the border between the towers.
    """

    name: str
    shape: Shape
    kernel: str = ""
    pooled: bool = False
    sees_both: bool = False
    neighbours: int = 0


def stages(network: Sequential, input_shape: Shape) -> list[Stage]:
    """Return the blocks that `draw_architecture` draws, read off the network."""
    rows = {row.name: row for row in network.table(input_shape).rows}
    found = [Stage("input", tuple(input_shape))]
    for name, layer in network.leaves():
        shape = rows[name].output_shape
        if isinstance(layer, Convolution2D):
            (KH, KW), (S, _) = layer.kernel_size, layer.stride
            kernel = f"{KH}x{KW}" + (f" / {S}" if S > 1 else "")
            both = layer.groups == 1 and len(found) > 1
            found.append(Stage(name, shape, kernel, sees_both=both))
        elif isinstance(layer, FullyConnected):
            found.append(Stage(name, shape, sees_both=True))
        elif isinstance(layer, MaxPooling2D):
            found[-1] = replace(found[-1], pooled=True)
        elif (
            isinstance(layer, LocalResponseNormalization)
            and layer.across == "channels"
            and layer.groups == 1
        ):
            found[-1] = replace(found[-1], neighbours=layer.n // 2)
    return found


def two_towers(network: Sequential) -> bool:
    """Say whether a network falls into two towers: a convolution has two groups."""
    return any(getattr(layer, "groups", 1) == 2 for _, layer in network.leaves())
