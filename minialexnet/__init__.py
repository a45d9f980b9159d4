"""AlexNet rebuilt for learning, in plain NumPy, with CuPy as its GPU backend."""

from .alexnet import alexnet
from .cifar_net import cifar_net
from .cuda_convnet.contrast import LocalContrastNormalization
from .gradient_check import GradientError, check_function, check_layer
from .initializers import Constant, Normal
from .layers import *  # noqa: F403
from .layers import __all__ as _layers
from .optimizer import MomentumSGD
from .schedules import ConstantRate, EpochListRate, PlateauRate
from .sequential import Sequential

__all__ = [
    *_layers,
    "Constant",
    "ConstantRate",
    "EpochListRate",
    "GradientError",
    "LocalContrastNormalization",
    "MomentumSGD",
    "Normal",
    "PlateauRate",
    "Sequential",
    "alexnet",
    "check_function",
    "check_layer",
    "cifar_net",
]

__version__ = "0.1.0"
