"""Which layers' bias a GPU may add together with the ReLU that follows them."""

from contextlib import AbstractContextManager

from ..engine.rectified import with_relu
from .activation import ReLU
from .base import Layer
from .convolution import Convolution2D
from .cudnn import CudnnConvolution2D
from .fully_connected import FullyConnected

BIASED = Convolution2D.forward, CudnnConvolution2D.forward, FullyConnected.forward


def followed_by(layer: Layer, following: Layer | None) -> AbstractContextManager[None]:
    """Return a context for the forward of a layer whose result goes to another alone.

    In it a GPU may return max(0, y) in place of y, if the one ends by adding its bias
    and the other is a ReLU. A class of one's own with another forward is neither.

    Parameters
    ----------
    layer, following : Layer
    """
    forward = getattr(layer.forward, "__func__", None)
    after = getattr(getattr(following, "forward", None), "__func__", None)
    return with_relu(forward in BIASED and after is ReLU.forward)
