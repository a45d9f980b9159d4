"""A run of this Python as on a system without threads, fcntl and resource.

Run by tests/test_bare_platform.py. The default integer has 32 bits, as in a browser.
"""

import importlib
import os
import pkgutil
import sys
import threading
from pathlib import Path

for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None  # as where there is none: ImportError

import numpy as np  # noqa: E402


def start(self):
    raise RuntimeError("can't start new thread")


threading.Thread.start = start
for name in ("sched_getaffinity", "sysconf", "O_DIRECTORY", "O_NONBLOCK"):
    if hasattr(os, name):
        delattr(os, name)


def short(function):
    """Return a function whose integers have 32 bits unless it is told otherwise."""

    def called(*arguments, **named):
        found = function(*arguments, **named)
        told = "dtype" in named or any(isinstance(a, type) for a in arguments)
        return found.astype(np.int32) if not told and found.dtype == "int64" else found

    return called


for name in ("arange", "flatnonzero", "argsort", "argmax", "searchsorted"):
    setattr(np, name, short(getattr(np, name)))

import minialexnet  # noqa: E402
from minialexnet import model as models  # noqa: E402
from minialexnet.alexnet import alexnet  # noqa: E402
from minialexnet.cifar_net import cifar_net  # noqa: E402
from minialexnet.data import load  # noqa: E402
from minialexnet.engine.blas import blas_threads, limit_blas  # noqa: E402
from minialexnet.evaluate import predict  # noqa: E402
from minialexnet.files.records import peak_memory_gib, write_lines  # noqa: E402
from minialexnet.nearest import nearest  # noqa: E402
from minialexnet.optimizer import MomentumSGD  # noqa: E402
from minialexnet.parallel.batch import DataParallel  # noqa: E402
from minialexnet.parallel.two_devices import TwoDevices  # noqa: E402
from minialexnet.train import Training  # noqa: E402

for module in pkgutil.walk_packages(minialexnet.__path__, "minialexnet."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

limit_blas(1)
assert blas_threads() in (1, None)
assert peak_memory_gib() is None

dataset = load("shapes", train=40, test=20)
model = models.begin(dataset, {"model": "cifar", "seed": 0})
training = Training(model, dataset, MomentumSGD, batch_size=16, threads=2, workers=2)
assert isinstance(training.network, DataParallel)
training.run_epoch()
training.evaluate("test")
training.save(Path("checkpoint.npz"), config={})
training.load(Path("checkpoint.npz"))
training.close()
write_lines(Path("history.jsonl"), training.history)

found = predict(model.network, dataset.test_images, model.preprocessing, workers=2)
assert found.shape == (20, 10)
places, _ = nearest(
    model.network, dataset.test_images[:3], dataset.test_images, model.preprocessing, 1
)
assert places[:, 0].tolist() == [0, 1, 2]

x = np.random.default_rng(0).standard_normal((3, 3, 32, 32), np.float32)
network = cifar_net()
with DataParallel(network, threads=3) as parallel:
    y = parallel.forward(x)
    dx = parallel.backward(y)
np.testing.assert_allclose(y, network.forward(x), rtol=1e-5, atol=1e-7)
np.testing.assert_allclose(dx, network.backward(y), rtol=1e-4, atol=1e-7)

network = alexnet("2012", classes=4, width=1 / 16, input_size=63)
x = np.random.default_rng(1).standard_normal((2, 3, 63, 63), np.float32)
with TwoDevices(network) as two:
    np.testing.assert_allclose(two.forward(x), network.forward(x), rtol=1e-4, atol=1e-6)
    two.backward(np.ones((2, 4), np.float32))
print("all of it")
