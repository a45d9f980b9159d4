"""The networks that are measured, with random pictures."""

import numpy as np

from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..engine.arrays import Array
from ..engine.transfer import to_device
from ..parallel.batch import DataParallel
from .task import Task


def network_of(task: Task) -> tuple[DataParallel, Array, Array]:
    """Return a task's network in its threads, and random pictures and labels."""
    if task.case == "cifar":
        network, classes, shape = cifar_net(convolution=task.variant), 10, (3, 32, 32)
    else:
        network = alexnet(width=task.width, convolution=task.variant)
        classes, shape = 1000, (3, 224, 224)
    next(layer for _, layer in network.leaves()).needs_dx = False
    rng = np.random.default_rng(0)
    x = 50 * rng.standard_normal((task.batch, *shape), np.float32)
    labels = rng.integers(0, classes, task.batch)
    network.to(task.device)
    x, labels = to_device(x, task.device), to_device(labels, task.device)
    return DataParallel(network, task.threads), x, labels
