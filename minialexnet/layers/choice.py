"""The two ways to compute a convolution, by name."""

from .convolution import Convolution2D
from .winograd import WinogradConvolution2D

CONVOLUTIONS: dict[str, type[Convolution2D]] = {
    "im2col": Convolution2D,
    "winograd": WinogradConvolution2D,
}


def choose_convolution(name: str) -> type[Convolution2D]:
    """Return the layer of a name out of `CONVOLUTIONS`."""
    if name not in CONVOLUTIONS:
        raise ValueError(
            f"expected convolution to be one of {', '.join(CONVOLUTIONS)}, got {name!r}"
        )
    return CONVOLUTIONS[name]
