"""AlexNet rebuilt for learning, in plain NumPy, with CuPy as its GPU backend.

The sections of Krizhevsky et al. 2012, and the files to read beside each:

2    the pictures                  data/dataset.py data/picture.py data/preprocessing.py
3.1  ReLU, and Figure 1            layers/activation.py cifar_net.py
3.2  two GPUs                      parallel/cut.py parallel/exchange.py
                                   parallel/two_devices.py
3.3  response normalisation        layers/lrn.py
3.4  overlapping pooling           layers/max_pooling.py layers/average_pooling.py
3.5  the eight layers              alexnet.py blocks.py profile.py profiles.py
     convolution                   layers/convolution.py im2col.py windows.py
     fully connected, softmax      layers/fully_connected.py layers/softmax.py
4.1  crops, mirrors and colour     data/augment.py data/crops.py data/color.py
     ten crops in testing          logits.py evaluate.py
4.2  dropout                       layers/dropout.py
5    momentum, decay, rates        optimizer.py schedules.py
     initial weights               initializers.py
     a step, an epoch              step.py train.py
6    errors, and fine-tuning       evaluate.py fine_tune.py
6.1  kernels of conv1              pictures/kernels.py
     predictions, nearest pictures pictures/predictions.py nearest.py

What the paper does not mention:

batches larger than the paper's    large_batches.py
a network as a value               network.py sequential.py table.py
a model and its file               model/
a run, from its config to its end  run.py runs/
the program                        cli.py commands/
arrays and devices                 engine/
files of ours, and of others       files/ weights/ cuda_convnet/
checks and measurements            gradient_check/ bench/
exercises, and plain loops         exercises/
"""

from .alexnet import alexnet
from .cifar_net import cifar_net
from .cuda_convnet.contrast import LocalContrastNormalization
from .gradient_check import GradientError, check_function, check_layer
from .initializers import Constant, Normal
from .large_batches import LARS, WarmUpRate
from .layers import *  # noqa: F403
from .layers import __all__ as _layers
from .optimizer import MomentumSGD
from .schedules import ConstantRate, EpochListRate, PlateauRate
from .sequential import Sequential

__all__ = [
    "LARS",
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
    "WarmUpRate",
    "alexnet",
    "check_function",
    "check_layer",
    "cifar_net",
]

__version__ = "0.1.0"
