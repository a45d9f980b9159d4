"""What is measured with PyTorch, where the user has installed it; one task a process.

The network is the paper's, with two groups, ReLU and the same sizes: 227 pixels without
rounding up make the 55 outputs of 224 with it. "stock" has nn.LocalResponseNorm, which
is slow; "custom" has the normalisation as an autograd Function written for the purpose,
so that the bar is no straw man.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from ..files.records import peak_memory_gib
from .task import WARM_UP, Task, Times, counted

__all__ = ["main"]


def _normalization(torch: Any, variant: str) -> Any:
    """Return the module of the paper's normalisation; alpha is divided by n there."""
    if variant == "stock":
        return torch.nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)

    def window_sum(a: Any) -> Any:
        channels = a.shape[1]
        padded = torch.nn.functional.pad(a, (0, 0, 0, 0, 2, 2))
        total = padded[:, :channels].clone()
        for shift in range(1, 5):
            total += padded[:, shift : shift + channels]
        return total

    class Normalize(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            d = window_sum(x * x).mul_(1e-4).add_(2.0)
            scale = d.pow(-0.75)
            ctx.save_for_backward(x, d, scale)
            return x * scale

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            x, d, scale = ctx.saved_tensors
            g = dy * scale
            return g - 1.5e-4 * x * window_sum(g * x / d)

    class LocalResponseNorm(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return Normalize.apply(x)

    return LocalResponseNorm()


def _alexnet(torch: Any, task: Task) -> dict[str, Any]:
    nn, sizes = torch.nn, (96, 256, 384, 384, 256)
    kernels = [2 * round(size * task.width / 2) for size in sizes]
    hidden = 2 * round(4096 * task.width / 2)
    modules: dict[str, Any] = {}
    channels = 3
    for i, count in enumerate(kernels, 1):
        size, padding = (11, 5, 3, 3, 3)[i - 1], (0, 2, 1, 1, 1)[i - 1]
        options = {"stride": 4} if i == 1 else {"padding": padding}
        groups = 2 if i in (2, 4, 5) else 1
        modules[f"conv{i}"] = nn.Conv2d(channels, count, size, groups=groups, **options)
        modules[f"relu{i}"] = nn.ReLU()
        if i < 3:
            modules[f"lrn{i}"] = _normalization(torch, task.variant)
        if i in (1, 2, 5):
            modules[f"pool{i}"] = nn.MaxPool2d(3, 2)
        channels = count
    modules["flatten"] = nn.Flatten()
    features = 36 * channels
    for i, units in ((6, hidden), (7, hidden), (8, 1000)):
        modules[f"fc{i}"] = nn.Linear(features, units)
        if i < 8:
            modules[f"relu{i}"], modules[f"dropout{i}"] = nn.ReLU(), nn.Dropout()
        features = units
    return modules


def _cifar_net(torch: Any) -> dict[str, Any]:
    nn = torch.nn

    def average() -> Any:
        return nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False)

    return {
        "conv1": nn.Conv2d(3, 32, 5, padding=2),
        "pool1": nn.MaxPool2d(3, 2, ceil_mode=True),
        "relu1": nn.ReLU(),
        "conv2": nn.Conv2d(32, 32, 5, padding=2),
        "relu2": nn.ReLU(),
        "pool2": average(),
        "conv3": nn.Conv2d(32, 64, 5, padding=2),
        "relu3": nn.ReLU(),
        "pool3": average(),
        "flatten1": nn.Flatten(),
        "fc1": nn.Linear(1024, 10),
    }


def _seconds(torch: Any, task: Task, work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what work returns, and how long it took on the device."""
    if task.device == "cpu":
        start = time.perf_counter()
        return work(), time.perf_counter() - start
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    result = work()
    last.record()
    last.synchronize()
    return result, first.elapsed_time(last) / 1e3


def _measure(torch: Any, task: Task) -> Times:
    times: Times = defaultdict(list)
    if task.case == "sgemm":
        a, b = (
            torch.randn(task.batch, task.batch, device=task.device) for _ in range(2)
        )
        for _ in range(WARM_UP + 10 * task.repeats):
            _, seconds = _seconds(torch, task, lambda: a @ b)
            times["product"].append(seconds)
        return times
    small = task.case == "cifar"
    modules = _cifar_net(torch) if small else _alexnet(torch, task)
    layout = getattr(
        torch, {"channels_first": "contiguous_format"}.get(task.layout, task.layout)
    )
    network = torch.nn.Sequential(*modules.values())
    network.to(task.device, memory_format=layout)
    side, classes = (32, 10) if small else (227, 1000)
    x = 50 * torch.randn(task.batch, 3, side, side, device=task.device)
    x = x.contiguous(memory_format=layout)
    labels = torch.randint(0, classes, (task.batch,), device=task.device)
    if task.case == "inference":
        network.eval()
        with torch.inference_mode():
            for _ in range(WARM_UP + task.repeats):
                _, seconds = _seconds(torch, task, lambda: network(x))
                times["forward"].append(seconds)
        return times
    sgd = torch.optim.SGD(network.parameters(), 0.01, 0.9, weight_decay=5e-4)
    for _ in range(WARM_UP + task.repeats):
        sgd.zero_grad()
        run = _by_layer if task.case == "layers" else _whole
        found = run(torch, task, modules, network, x, labels)
        if task.case != "layers":
            _, found["SGD"] = _seconds(torch, task, sgd.step)
            found["step"] = sum(found.values())
        for name, seconds in found.items():
            times[name].append(seconds)
    return times


def _whole(
    torch: Any, task: Task, modules: Any, network: Any, x: Any, labels: Any
) -> dict[str, float]:
    y, forward = _seconds(torch, task, lambda: network(x))
    loss = torch.nn.functional.cross_entropy(y, labels)
    _, backward = _seconds(torch, task, loss.backward)
    return {"forward": forward, "backward": backward}


def _by_layer(
    torch: Any, task: Task, modules: Any, network: Any, x: Any, labels: Any
) -> dict[str, float]:
    found, h, graph = {}, x, []
    for name, module in modules.items():
        own = h.detach().requires_grad_(name != "conv1")
        h, found[f"{name} forward"] = _seconds(torch, task, partial(module, own))
        graph.append((name, own, h))
    own = h.detach().requires_grad_()
    torch.nn.functional.cross_entropy(own, labels).backward()
    dy = own.grad
    for name, own, y in reversed(graph):
        back = partial(y.backward, dy)
        _, found[f"{name} backward"] = _seconds(torch, task, back)
        dy = own.grad
    return found


def main() -> None:
    """Measure the task that the first argument says."""
    task = Task(**json.loads(sys.argv[1]))
    torch: Any = import_module("torch")
    torch.set_num_threads(task.threads)
    torch.backends.cuda.matmul.allow_tf32 = task.tf32
    torch.backends.cudnn.allow_tf32 = task.tf32
    times = counted(_measure(torch, task))
    versions = {"torch": str(torch.__version__)}
    peak = (
        peak_memory_gib()
        if task.device == "cpu"
        else torch.cuda.max_memory_reserved(task.device) / 2**30
    )
    print(json.dumps({"seconds": times, "peak_gib": peak, "versions": versions}))


if __name__ == "__main__":
    main()
