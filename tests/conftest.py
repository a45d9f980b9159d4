"""The array modules that the tests run on, and how hypothesis draws its examples."""

import os

import hypothesis
import numpy as np
import pytest
import strict_cupy

hypothesis.settings.register_profile(
    "minialexnet",
    deadline=None,
    derandomize=os.environ.get("CI") not in (None, "", "0"),
    max_examples=40,
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


def pytest_report_header(config):
    """Say at the top of the output whether the tests run on a GPU too."""
    return f"cupy: {f'skipped, {NO_CUPY}' if NO_CUPY else CUPY.__version__}"


@pytest.fixture(scope="session", params=["numpy", "strict", "cupy"])
def xp(request):
    """Each array module in turn: NumPy, the strict stand-in for CuPy, and CuPy.

    Without a GPU the last is skipped; with REQUIRE_GPU=1 it fails instead.
    """
    if request.param == "numpy":
        return np
    if request.param == "strict":
        return strict_cupy
    if NO_CUPY and os.environ.get("REQUIRE_GPU") == "1":
        pytest.fail(f"REQUIRE_GPU=1 is set, but {NO_CUPY}")
    if NO_CUPY:
        pytest.skip(NO_CUPY)
    return CUPY
