"""What is measured with PyTorch's DistributedDataParallel over gloo; a rank a process.

``python -m minialexnet.bench.against_ddp TASK`` reads its rank and where to meet the
others from the environment, as PyTorch has it. Rank 0 prints one line of JSON.
"""

import json
import os
import sys
import time
from importlib import import_module
from typing import Any

from ..files.records import peak_memory_gib
from .task import WARM_UP, Task
from .torch_networks import network_modules


def steps(torch: Any, distributed: Any, task: Task) -> list[float]:
    """Return the seconds of steps on a share of the batch, the slowest rank's."""
    size, rank = distributed.get_world_size(), distributed.get_rank()
    layout = getattr(
        torch, {"channels_first": "contiguous_format"}.get(task.layout, task.layout)
    )
    network = torch.nn.Sequential(*network_modules(torch, task).values())
    network.to(memory_format=layout)
    shared = torch.nn.parallel.DistributedDataParallel(network)
    side, classes = (32, 10) if task.case == "cifar" else (227, 1000)
    torch.manual_seed(rank)
    x = 50 * torch.randn(task.batch // size, 3, side, side)
    x = x.contiguous(memory_format=layout)
    labels = torch.randint(0, classes, (len(x),))
    sgd = torch.optim.SGD(shared.parameters(), 1e-4, 0.9, weight_decay=5e-4)
    times = []
    for _ in range(WARM_UP + task.repeats):
        distributed.barrier()
        begun = time.perf_counter()
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(shared(x), labels).backward()
        sgd.step()
        took = torch.tensor([time.perf_counter() - begun], dtype=torch.float64)
        distributed.all_reduce(took, distributed.ReduceOp.MAX)
        times.append(float(took))
    return times[WARM_UP:]


def main() -> None:
    """Measure the task that the first argument says."""
    task = Task(**json.loads(sys.argv[1]))
    torch: Any = import_module("torch")
    distributed: Any = import_module("torch.distributed")
    torch.set_num_threads(task.threads)
    distributed.init_process_group("gloo")
    found: dict[str, Any] = {"seconds": {"step": steps(torch, distributed, task)}}
    found |= {"peak_gib": peak_memory_gib(), "versions": {"torch": torch.__version__}}
    distributed.destroy_process_group()
    if os.environ["RANK"] == "0":
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
