"""AlexNet rebuilt for learning, in plain NumPy, with CuPy as its GPU backend."""

from .alexnet import alexnet
from .cifar_net import cifar_net
from .gradient_check import GradientError, check_function, check_layer
from .initializers import Constant, Normal
from .layers import *  # noqa: F403
from .layers import __all__ as _layers
from .network import Sequential
from .optimizer import ConstantRate, EpochListRate, MomentumSGD, PlateauRate

__all__ = [
    *_layers,
    "Constant",
    "ConstantRate",
    "EpochListRate",
    "GradientError",
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
