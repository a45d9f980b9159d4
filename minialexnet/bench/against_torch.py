"""What is measured with PyTorch, where it is installed; one task a process."""

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
from .torch_networks import network_modules


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


def _products(torch: Any, task: Task) -> Times:
    """Multiply two square matrices of side `task.batch`."""
    shape = (task.batch, task.batch)
    a, b = (torch.randn(shape, device=task.device) for _ in range(2))
    times = []
    for _ in range(WARM_UP + 10 * task.repeats):
        _, seconds = _seconds(torch, task, lambda: a @ b)
        times.append(seconds)
    return {"product": times}


def _measure(torch: Any, task: Task) -> Times:
    """Measure a network: forward alone, whole steps, or layer by layer."""
    times: Times = defaultdict(list)
    modules = network_modules(torch, task)
    layout = getattr(
        torch, {"channels_first": "contiguous_format"}.get(task.layout, task.layout)
    )
    network = torch.nn.Sequential(*modules.values())
    network.to(task.device, memory_format=layout)
    side, classes = (32, 10) if task.case == "cifar" else (227, 1000)
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
    work = _products if task.case == "sgemm" else _measure
    times = counted(work(torch, task))
    if task.device == "cpu":
        peak = peak_memory_gib()
    else:
        peak = torch.cuda.max_memory_reserved(task.device) / 2**30
    versions = {"torch": str(torch.__version__)}
    print(json.dumps({"seconds": times, "peak_gib": peak, "versions": versions}))


if __name__ == "__main__":
    main()
