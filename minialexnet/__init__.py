"""AlexNet rebuilt for learning, in plain NumPy, with CuPy as its GPU backend."""

from .cifar_net import cifar_net
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
    "MomentumSGD",
    "Normal",
    "PlateauRate",
    "Sequential",
    "cifar_net",
]

__version__ = "0.1.0"
