"""What is measured with NumPy and CuPy; one task a process.

``python -m minialexnet.bench.work TASK`` takes a `Task` as JSON and prints one line of
JSON: for each thing measured its seconds, as a list.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..data.picture import read_image
from ..data.prepare import prepare
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
from .task import WARM_UP, Task, Times, counted

__all__ = ["CASES", "main"]


def _timed(
    task: Task, work: Callable[[], Any], times: int | None = None
) -> list[float]:
    """Return the seconds of each of several times, after some that are not counted."""
    count = WARM_UP + (task.repeats if times is None else times)
    return [seconds_of(work, task.device)[1] for _ in range(count)][WARM_UP:]


def _network(task: Task, shape: tuple[int, ...]) -> tuple[DataParallel, Array, Array]:
    """Return the network in its threads, and random pictures and labels."""
    if task.case == "cifar":
        network, classes = cifar_net(convolution=task.variant), 10
    else:
        network = alexnet(width=task.width, convolution=task.variant)
        classes = 1000
    next(layer for _, layer in network.leaves()).needs_dx = False
    rng = np.random.default_rng(0)
    x = 50 * rng.standard_normal((task.batch, *shape), np.float32)
    labels = rng.integers(0, classes, task.batch)
    network.to(task.device)
    x, labels = to_device(x, task.device), to_device(labels, task.device)
    return DataParallel(network, task.threads), x, labels


def step(task: Task) -> Times:
    """Train the paper's network: forward, backward and the optimiser's step."""
    return _step(task, *_network(task, (3, 224, 224)))


def cifar(task: Task) -> Times:
    """Train the four-layer network likewise."""
    return _step(task, *_network(task, (3, 32, 32)))


def _step(task: Task, network: DataParallel, x: Array, labels: Array) -> Times:
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


def inference(task: Task) -> Times:
    """Take pictures through the paper's network, in testing."""
    network, x, _ = _network(task, (3, 224, 224))
    return {"forward": _timed(task, lambda: network.forward(x))}


class _Times(list[tuple[str, float]]):
    """What a layer and its copies in the threads write to."""

    def __deepcopy__(self, memo: object) -> _Times:
        return self


class _Stopwatch(Layer):
    """Mixed into a layer's class, writes down how long each call takes."""

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
    network, x, labels = _network(task, (3, 224, 224))
    assert isinstance(network, DataParallel)
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


def sgemm(task: Task) -> Times:
    """Multiply two square float32 matrices of side `task.batch`."""
    limit_blas(task.threads)
    rng = np.random.default_rng(0)
    side = task.batch
    a, b = (
        to_device(rng.standard_normal((side, side), np.float32), task.device)
        for _ in range(2)
    )
    return {"product": _timed(task, lambda: a @ b, 10 * task.repeats)}


def ten_crops(task: Task) -> Times:
    """Evaluate pictures of 256 pixels in ten crops each, from uint8 on."""
    network, _, _ = _network(task, (3, 224, 224))
    pictures = np.random.default_rng(0).integers(
        0, 256, (task.batch, 3, 256, 256), np.uint8
    )
    look = Preprocessing(224, np.zeros(3, np.float32))

    def evaluate() -> None:
        predict(network, pictures, look, crops=10, device=task.device)

    return {"pictures": _timed(task, evaluate)}


def _photograph(path: Path, seed: int) -> None:
    """Write a JPEG of 500 x 375, ImageNet's usual size, smooth as photographs are."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
    smooth = np.asarray(coarse.resize((500, 375), Image.Resampling.BICUBIC))
    noisy = smooth + rng.normal(0, 8, smooth.shape)
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def decode(task: Task) -> Times:
    """Read JPEGs as squares of 256 pixels, on one thread."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i}.jpg") for i in range(task.batch)]
        for i, path in enumerate(paths):
            _photograph(path, i)
        return {"pictures": _timed(task, lambda: [read_image(path) for path in paths])}


def prepared(task: Task) -> Times:
    """Make a data set of a folder of JPEGs, a process a thread."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "photographs")
        for i in range(task.batch):
            folder = source / f"class{i % 4}"
            folder.mkdir(parents=True, exist_ok=True)
            _photograph(folder / f"{i}.jpg", i)
        times = []
        for repeat in range(task.repeats):
            target = Path(name, f"set{repeat}")
            work = partial(prepare, source, target, workers=task.threads)
            times.append(seconds_of(work, "cpu")[1])
        return {"pictures": times}


CASES: dict[str, Callable[[Task], Times]] = {
    "sgemm": sgemm,
    "step": step,
    "layers": layers,
    "inference": inference,
    "cifar": cifar,
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
    print(
        json.dumps(
            {
                "seconds": times,
                "peak_gib": peak_memory_gib()
                if task.device == "cpu"
                else held_gib(task.device),
                "blas_threads": blas_threads(),
                "cores": cores(),
            }
        )
    )


if __name__ == "__main__":
    main()
