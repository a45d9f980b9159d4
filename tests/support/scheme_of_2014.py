"""The scheme of 2014 on the ranks of mpiexec; each prints how far it is from one."""

import numpy as np

from minialexnet import SoftmaxCrossEntropy, alexnet
from minialexnet.parallel.ranks import connect
from minialexnet.parallel.turns import Rank, take_part
from minialexnet.parallel.worker import Worker, shares

PICTURES = 5


def main():
    """Compute a step alone and with the others, and compare."""
    ranks, rng = connect(), np.random.default_rng(0)
    x, labels = rng.normal(size=(PICTURES, 3, 63, 63)), rng.integers(0, 4, PICTURES)
    network = alexnet("2012", classes=4, width=1 / 16, input_size=63).astype("float64")
    worker = Worker(network, Rank(ranks.rank, ranks.size), "2014")
    pictures, loss = shares(PICTURES, ranks.size), SoftmaxCrossEntropy()
    own = pictures[ranks.rank]
    worker.prepare(own.start)
    y = take_part(worker.forward(x[own], True), ranks)
    loss.forward(y, labels)
    take_part(worker.backward(loss.backward(), pictures), ranks)

    network.forward(x, train=True)
    network.backward(loss.backward())
    whole, worst = network.gradients(), 0.0
    for name, dw in worker.pictures.gradients().items():
        worst = max(worst, abs(dw - whole[name]).max() / abs(whole[name]).max())
    for part in worker.units.values():
        for name, dw in part.gradients().items():
            cut = whole[name][worker.share(len(whole[name]))]
            worst = max(worst, abs(dw - cut).max() / abs(whole[name]).max())
    print(f"rank {ranks.rank}: equal {worst < 1e-12}", flush=True)


if __name__ == "__main__":
    main()
