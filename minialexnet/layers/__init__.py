"""The layers, each a class with an explicit forward and backward."""

from .activation import ReLU, Sigmoid, Tanh
from .average_pooling import AveragePooling2D
from .base import Layer
from .convolution import Convolution2D
from .cudnn import CudnnConvolution2D
from .dropout import Dropout
from .flatten import Flatten
from .fully_connected import FullyConnected
from .lrn import LocalResponseNormalization
from .max_pooling import MaxPooling2D
from .softmax import SoftmaxCrossEntropy, log_softmax
from .winograd import WinogradConvolution2D

__all__ = [
    "AveragePooling2D",
    "Convolution2D",
    "CudnnConvolution2D",
    "Dropout",
    "Flatten",
    "FullyConnected",
    "Layer",
    "LocalResponseNormalization",
    "MaxPooling2D",
    "ReLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Tanh",
    "WinogradConvolution2D",
    "log_softmax",
]
