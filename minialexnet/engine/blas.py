"""What the processor is told: how many threads BLAS takes.

Matrix products run in the BLAS library that NumPy was built with, which has threads of
its own. Two sets of threads at once are slower than either, so whoever starts threads
here first tells BLAS to compute on one. The number can be set at any time, also after
NumPy was imported, when the environment's OPENBLAS_NUM_THREADS is no longer read.
"""

import ctypes
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

# Set and get, as the libraries call them: OpenBLAS, which the wheels of NumPy carry
# under names of their own and with 64-bit indices, and MKL.
_NAMES = [
    (f"{prefix}openblas_set_num_threads{end}", f"{prefix}openblas_get_num_threads{end}")
    for prefix, end in product(("scipy_", ""), ("64_", "", "_64"))
] + [("MKL_Set_Num_Threads", "MKL_Get_Max_Threads")]
_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
)


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blas_threads() -> int | None:
    """Return on how many threads BLAS computes, None where it does not tell."""
    controls = _controls()
    return None if controls is None else controls[1]()


def limit_blas(threads: int) -> bool:
    """Let BLAS compute on so many threads from now on, in the whole process.

    Parameters
    ----------
    threads : int

    Returns
    -------
    bool
        Whether it does. If not, a RuntimeWarning has said what to do, unless the
        environment already says so.
    """
    controls = _controls()
    if controls is not None:
        controls[0](threads)
        if controls[1]() == threads:
            return True
    if any(os.environ.get(name) == str(threads) for name in _VARIABLES):
        return True
    name = np.show_config("dicts")["Build Dependencies"]["blas"].get("name", "unknown")
    warnings.warn(
        f"NumPy's BLAS ({name}) cannot be told to compute on {threads} thread(s): "
        f"start Python with OMP_NUM_THREADS={threads} and "
        f"VECLIB_MAXIMUM_THREADS={threads} in the environment",
        RuntimeWarning,
        stacklevel=2,
    )
    return False


@contextmanager
def blas_on(threads: int) -> Iterator[None]:
    """Let BLAS compute on so many threads for a while.

    Parameters
    ----------
    threads : int
    """
    before = blas_threads()
    if before in (None, threads):
        yield
        return
    limit_blas(threads)
    try:
        yield
    finally:
        limit_blas(before or 1)


@cache
def _controls() -> tuple[Callable[[int], None], Callable[[], int]] | None:
    """Return the functions of NumPy's BLAS that set and get its number of threads."""
    modules = [
        module.__file__
        for name, module in list(sys.modules.items())
        if name.endswith("._multiarray_umath") and getattr(module, "__file__", None)
    ]
    # A function is found in what a library was linked with too, but on Windows.
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for path in [*modules, *sorted(map(str, folder.glob("*openblas*")))]:
        library = ctypes.CDLL(path)
        for setter, getter in _NAMES:
            if hasattr(library, setter) and hasattr(library, getter):
                return getattr(library, setter), getattr(library, getter)
    return None
