"""The time of every layer within a training step."""

from collections import defaultdict
from typing import Any, Self

from ..engine.arrays import Array
from ..engine.devices import seconds_of
from ..layers import SoftmaxCrossEntropy
from ..layers.base import Layer
from ..parallel.batch import DataParallel
from .network import network_of
from .task import WARM_UP, Task, Times, counted


class _Times(list[tuple[str, float]]):
    """What a layer writes its times to; its copies in the threads share it."""

    def __deepcopy__(self, memo: object) -> Self:
        return self


class _Stopwatch(Layer):
    """Mixed into a layer's class, it writes down how long each call takes."""

    times: _Times
    device: str

    def forward(self, x: Array, train: bool = False) -> Array:
        forward = super().forward
        y, seconds = seconds_of(lambda: forward(x, train), self.device)
        self.times.append(("forward", seconds))
        return y

    def backward(self, dy: Array) -> Any:
        backward = super().backward
        dx, seconds = seconds_of(lambda: backward(dy), self.device)
        self.times.append(("backward", seconds))
        return dx


def layers(task: Task) -> Times:
    """Time every layer of the paper's network in a step, the mean over the threads."""
    network, x, labels = network_of(task)
    for _, layer in network.leaves():
        kind = type(layer)
        layer.__class__ = type(kind.__name__, (_Stopwatch, kind), {})
        vars(layer).update(times=_Times(), device=task.device)
    network = DataParallel(network.network, task.threads)
    loss = SoftmaxCrossEntropy()
    found: Times = defaultdict(list)
    for _ in range(WARM_UP + task.repeats):
        loss.forward(network.forward(x, train=True), labels)
        network.backward(loss.backward())
        for name, layer in network.leaves():
            times: _Times = vars(layer)["times"]
            for direction in ("forward", "backward"):
                seconds = [t for way, t in times if way == direction]
                found[f"{name} {direction}"].append(sum(seconds) / len(seconds))
            times.clear()
    return counted(found)
