"""What is measured on the ranks of a job: steps of training, and the sum in them.

``mpiexec -n 2 python -m minialexnet.bench.ranks TASK`` takes a `Task` as JSON; rank 0
prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from ..engine.blas import blas_threads, limit_blas
from ..engine.memory import keep_freed_memory
from ..files.records import peak_memory_gib
from ..layers import SoftmaxCrossEntropy
from ..optimizer import MomentumSGD
from ..parallel.batch_on_ranks import BatchOnRanks
from ..parallel.chain import Travelled
from ..parallel.launcher import PARTS
from ..parallel.ranks import Ranks, connect
from .networks import network_of
from .task import WARM_UP, Task


def steps(task: Task, ranks: Ranks) -> dict[str, list[float]]:
    """Train on random pictures; return the seconds of each step and of its sum.

    Of the sum "sum" is from its beginning to its end and "waited" what is left of it
    after backward; "sent" is the bytes that all ranks have sent.
    """
    network, classes, shape = network_of(task)
    shared = BatchOnRanks(network, ranks, task.threads, max(PARTS, ranks.size))
    rng = np.random.default_rng(ranks.rank)
    own = shared.own(task.batch)
    x = 50 * rng.standard_normal((own.stop - own.start, *shape), np.float32)
    labels = np.random.default_rng(0).integers(0, classes, task.batch)
    loss, sgd = SoftmaxCrossEntropy(), MomentumSGD(shared.parameters(), 1e-4)
    found: dict[str, list[float]] = {"step": [], "sum": [], "waited": [], "sent": []}
    for _ in range(WARM_UP + task.repeats):
        shared.chain.travelled = Travelled()
        ranks.gather(None)
        begun = time.perf_counter()
        loss.forward(shared.forward(x, train=True), labels)
        shared.backward(loss.backward())
        sgd.step(shared.gradients())
        seconds = time.perf_counter() - begun
        took = shared.chain.travelled
        every = ranks.gather((seconds, took.seconds, took.waited, float(took.sent)))
        whole, of_sum, waited, sent = zip(*every, strict=True)
        found["step"].append(max(whole))
        found["sum"].append(sum(of_sum) / ranks.size)
        found["waited"].append(sum(waited) / ranks.size)
        found["sent"].append(sum(sent))
    size = sum(w.nbytes for w in shared.parameters().values())
    found["by formula"] = [2.0 * (ranks.size - 1) * size] * (WARM_UP + task.repeats)
    return {name: numbers[WARM_UP:] for name, numbers in found.items()}


def main() -> None:
    """Measure the task that the first argument says."""
    task = Task(**json.loads(sys.argv[1]))
    keep_freed_memory()
    limit_blas(1)
    ranks = connect()
    if ranks is None:
        raise SystemExit("expected to be started by mpiexec")
    found = {"seconds": steps(task, ranks), "blas_threads": blas_threads()}
    peaks = ranks.gather(peak_memory_gib())
    if ranks.rank == 0:
        print(json.dumps(found | {"peak_gib": peaks[0]}), flush=True)


if __name__ == "__main__":
    main()
