"""What is measured with NumPy and CuPy; one task a process.

``python -m minialexnet.bench.work TASK`` takes a `Task` as JSON and prints, as one line
of JSON, the seconds of each thing measured, as a list.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from ..data.preprocessing import Preprocessing
from ..engine.arrays import Array
from ..engine.blas import blas_threads, cores, limit_blas
from ..engine.devices import held_gib, seconds_of, use_device
from ..engine.memory import keep_freed_memory
from ..engine.transfer import to_device
from ..evaluate import predict
from ..files.records import peak_memory_gib
from ..layers import SoftmaxCrossEntropy
from ..layers.base import Layer
from ..optimizer import MomentumSGD
from ..parallel.batch import DataParallel
from .networks import network_of
from .photographs import decode, prepared
from .task import WARM_UP, Task, Times, counted, timed


def on_threads(task: Task) -> tuple[DataParallel, Array, Array]:
    """Return a task's network in its threads, and random pictures and labels."""
    network, classes, shape = network_of(task)
    rng = np.random.default_rng(0)
    x = 50 * rng.standard_normal((task.batch, *shape), np.float32)
    labels = rng.integers(0, classes, task.batch)
    network.to(task.device)
    x, labels = to_device(x, task.device), to_device(labels, task.device)
    return DataParallel(network, task.threads), x, labels


def step(task: Task) -> Times:
    """Train a network: forward, backward and the optimiser's step."""
    network, x, labels = on_threads(task)
    loss, sgd = SoftmaxCrossEntropy(), MomentumSGD(network.parameters())

    def backward() -> None:
        network.backward(loss.backward())

    times: Times = defaultdict(list)
    for _ in range(WARM_UP + task.repeats):
        y, forward = seconds_of(lambda: network.forward(x, train=True), task.device)
        loss.forward(y, labels)
        _, back = seconds_of(backward, task.device)
        _, update = seconds_of(lambda: sgd.step(network.gradients()), task.device)
        times["forward"].append(forward)
        times["backward"].append(back)
        times["SGD"].append(update)
        times["step"].append(forward + back + update)
    return counted(times)


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
    network, x, labels = on_threads(task)
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


def inference(task: Task) -> Times:
    """Take pictures through the paper's network, in testing."""
    network, x, _ = on_threads(task)
    return {"forward": timed(task, lambda: network.forward(x))}


def sgemm(task: Task) -> Times:
    """Multiply two square float32 matrices of side `task.batch`."""
    limit_blas(task.threads)
    rng = np.random.default_rng(0)
    side = task.batch
    a, b = (
        to_device(rng.standard_normal((side, side), np.float32), task.device)
        for _ in range(2)
    )
    return {"product": timed(task, lambda: a @ b, 10 * task.repeats)}


def ten_crops(task: Task) -> Times:
    """Evaluate pictures of 256 pixels in ten crops each, from uint8 on."""
    network, _, _ = on_threads(task)
    pictures = np.random.default_rng(0).integers(
        0, 256, (task.batch, 3, 256, 256), np.uint8
    )
    look = Preprocessing(224, np.zeros(3, np.float32))

    def evaluate() -> None:
        predict(network, pictures, look, crops=10, device=task.device)

    return {"pictures": timed(task, evaluate)}


CASES: dict[str, Callable[[Task], Times]] = {
    "sgemm": sgemm,
    "step": step,
    "layers": layers,
    "inference": inference,
    "cifar": step,
    "ten crops": ten_crops,
    "decode": decode,
    "prepare": prepared,
}


def main() -> None:
    """Measure the task that the first argument says."""
    task = Task(**json.loads(sys.argv[1]))
    keep_freed_memory()
    limit_blas(1)
    with use_device(task.device):
        times = CASES[task.case](task)
    on_cpu = task.device == "cpu"
    found = {
        "seconds": times,
        "peak_gib": peak_memory_gib() if on_cpu else held_gib(task.device),
        "blas_threads": blas_threads(),
        "cores": cores(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
