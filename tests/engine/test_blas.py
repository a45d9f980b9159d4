"""BLAS computes on as many threads as it is told to, whenever NumPy was imported."""

import os
import subprocess
import sys

import numpy as np
import pytest

from minialexnet.engine import blas as processor
from minialexnet.engine.blas import blas_on, blas_threads, cores, limit_blas


@pytest.fixture(autouse=True)
def one_thread_afterwards():
    yield
    processor._controls.cache_clear()
    if blas_threads() is not None:
        limit_blas(1)


def test_there_is_a_core():
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_a_wheels_blas_is_told_after_numpy_was_imported():
    if "openblas" not in np.show_config("dicts")["Build Dependencies"]["blas"]["name"]:
        pytest.skip("NumPy's BLAS is not OpenBLAS")
    code = (
        "import numpy as np; np.ones((99, 99)) @ np.ones((99, 99))\n"
        "from minialexnet.engine.blas import *\n"
        "print(blas_threads(), limit_blas(1), blas_threads())\n"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["2", "True", "1"], done.stderr


def test_importing_the_package_changes_no_number_of_threads():
    if blas_threads() is None:
        pytest.skip("NumPy's BLAS does not tell its number of threads")
    code = (
        "import importlib, pkgutil, minialexnet\n"
        "for module in pkgutil.walk_packages(minialexnet.__path__, 'minialexnet.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "print(minialexnet.engine.blas.blas_threads())\n"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["2"], done.stderr


class Blas:
    """A BLAS that can be told, or does not listen."""

    def __init__(self, threads, listens=True):
        self.threads, self.listens = threads, listens

    def set(self, threads):
        self.threads = threads if self.listens else self.threads

    def get(self):
        return self.threads


def test_for_a_while(monkeypatch):
    blas = Blas(1)
    monkeypatch.setattr(processor, "_controls", lambda: (blas.set, blas.get))
    with pytest.raises(ZeroDivisionError), blas_on(3):
        assert blas.threads == 3
        _ = 1 / 0
    assert blas.threads == 1


@pytest.mark.parametrize("controls", [None, Blas(4, listens=False)])
def test_a_blas_that_cannot_be_told_is_said_so(monkeypatch, controls):
    pair = controls and (controls.set, controls.get)
    monkeypatch.setattr(processor, "_controls", lambda: pair)
    for name in processor._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.warns(RuntimeWarning, match="cannot be told .* OMP_NUM_THREADS=1"):
        assert not limit_blas(1)


def test_what_the_environment_says_already_needs_no_warning(monkeypatch, recwarn):
    monkeypatch.setattr(processor, "_controls", lambda: None)
    monkeypatch.setenv("VECLIB_MAXIMUM_THREADS", "1")
    assert limit_blas(1)
    assert blas_threads() is None
    with blas_on(2):
        assert not recwarn.list
