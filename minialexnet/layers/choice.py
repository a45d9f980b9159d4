"""The ways to compute a convolution, by name."""

from .convolution import Convolution2D
from .cudnn import CudnnConvolution2D
from .winograd import WinogradConvolution2D

CONVOLUTIONS: dict[str, type[Convolution2D]] = {
    "im2col": Convolution2D,
    "cudnn": CudnnConvolution2D,
    "winograd": WinogradConvolution2D,
}


def choose_convolution(name: str, first: bool = False) -> type[Convolution2D]:
    """Return the layer of a name out of `CONVOLUTIONS`.

    Parameters
    ----------
    name : str
    first : bool
        Whether for the layer that sees the pictures, where Winograd's tiles gain
        nothing or cannot be: im2col's takes its place.
    """
    if name not in CONVOLUTIONS:
        raise ValueError(
            f"expected convolution to be one of {', '.join(CONVOLUTIONS)}, got {name!r}"
        )
    return Convolution2D if first and name == "winograd" else CONVOLUTIONS[name]
