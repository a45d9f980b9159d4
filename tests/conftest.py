"""The array modules that the tests run on, and how hypothesis draws its examples."""

import importlib.util
import math
import os
import sys

import hypothesis
import numpy as np
import pytest

from minialexnet.files.progress import Lines
from tests.support import strict_cupy
from tests.support.strict_kernels import COMPILER

hypothesis.settings.register_profile(
    "minialexnet",
    deadline=None,
    derandomize=os.environ.get("CI") not in (None, "", "0"),
    max_examples=25,
)
hypothesis.settings.load_profile("minialexnet")


def _find_cupy():
    """Return (cupy, "") where there is a GPU, else (None, why not)."""
    try:
        import cupy
    except ImportError as error:
        return None, f"CuPy cannot be imported: {error}"
    if not cupy.is_available():
        return None, "CuPy finds no GPU"
    return cupy, ""


CUPY, NO_CUPY = _find_cupy()


def pytest_configure(config):
    """Refuse arrays that CuPy copies between devices unasked."""
    if CUPY:
        warning = "cupy._util.PerformanceWarning"
        config.addinivalue_line("filterwarnings", f"error::{warning}")
    if CUPY and os.environ.get("MINIALEXNET_NO_POOL") == "1":
        CUPY.cuda.set_allocator(None)  # each array alone, for compute-sanitizer


def pytest_report_header(config):
    """Say at the top of the output whether the tests run on a GPU too."""
    return f"cupy: {f'skipped, {NO_CUPY}' if NO_CUPY else CUPY.__version__}"


@pytest.fixture(autouse=True)
def _no_lines_of_progress():
    """Let no line of progress come, as one does where the tests take long enough."""
    # Not by the fixture monkeypatch: begun here, it would end behind every other one.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lines, "last", math.inf)
        yield


def _without_kernels():
    """Return another strict stand-in, on whose arrays the plain bodies compute."""
    name = "strict_plain_cupy"
    spec = importlib.util.spec_from_file_location(name, strict_cupy.__file__)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).pop("RawModule", None)
    return module


STRICT_PLAIN = _without_kernels()


@pytest.fixture(scope="session", params=["numpy", "strict", "strict plain", "cupy"])
def xp(request):
    """Each array module in turn: NumPy, the strict stand-in for CuPy, and CuPy.

    The stand-in comes with the GPU's kernels and without. Without a GPU CuPy is
    skipped; with REQUIRE_GPU=1 it fails instead.
    """
    return _module(request.param)


@pytest.fixture(scope="session", params=["strict", "cupy"])
def gpu_xp(request):
    """Each array module on whose arrays the GPU's kernels run."""
    if request.param == "strict" and COMPILER is None:
        pytest.skip("g++ is not there to compile the GPU's kernels for the processor")
    return _module(request.param)


def _module(name):
    if name == "numpy":
        return np
    if name == "strict":
        return strict_cupy
    if name == "strict plain":
        return STRICT_PLAIN
    if NO_CUPY and os.environ.get("REQUIRE_GPU") == "1":
        pytest.fail(f"REQUIRE_GPU=1 is set, but {NO_CUPY}")
    if NO_CUPY:
        pytest.skip(NO_CUPY)
    return CUPY
