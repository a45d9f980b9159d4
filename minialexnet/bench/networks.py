"""The networks that a bench measures, on one process and on the ranks of a job."""

from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..sequential import Sequential
from .task import Task


def network_of(task: Task) -> tuple[Sequential, int, tuple[int, int, int]]:
    """Return a task's network, how many classes it has, and the shape of a picture.

    Its first layer computes no dx, as in training.
    """
    if task.case == "cifar":
        network, classes, shape = cifar_net(convolution=task.variant), 10, (3, 32, 32)
    else:
        network = alexnet(width=task.width, convolution=task.variant)
        classes, shape = 1000, (3, 224, 224)
    next(layer for _, layer in network.leaves()).needs_dx = False
    return network, classes, shape
