"""What is measured with NumPy and CuPy; one task a process.

``python -m minialexnet.bench.work TASK`` takes a `Task` as JSON and prints, as one line
of JSON, the seconds of each thing measured, as a list.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from ..data.preprocessing import Preprocessing
from ..engine.blas import blas_threads, cores, limit_blas
from ..engine.devices import held_gib, seconds_of, use_device
from ..engine.memory import keep_freed_memory
from ..engine.transfer import to_device
from ..evaluate import predict
from ..files.records import peak_memory_gib
from ..layers import SoftmaxCrossEntropy
from ..optimizer import MomentumSGD
from .layer_times import layers
from .network import network_of
from .photographs import decode, prepared
from .task import WARM_UP, Task, Times, counted, timed

__all__ = ["CASES", "main"]


def step(task: Task) -> Times:
    """Train a network: forward, backward and the optimiser's step."""
    network, x, labels = network_of(task)
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
    network, x, _ = network_of(task)
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
    network, _, _ = network_of(task)
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
