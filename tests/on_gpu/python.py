"""The Python that the steps run in, and whether there is a GPU."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

from tests.on_gpu.steps import ROOT

NEEDED = ("numpy", "PIL", "matplotlib", "tqdm", "pytest", "hypothesis")


def cuda_driver() -> int:
    """Return the CUDA version of the driver as CUDA counts, 13000 for 13.0.

    Raises
    ------
    RuntimeError
        If there is no driver or no GPU.
    """
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise RuntimeError("there is no NVIDIA driver") from error
    count, version = ctypes.c_int(), ctypes.c_int()
    for name, arguments in (
        ("cuInit", (0,)),
        ("cuDriverGetVersion", (ctypes.byref(version),)),
        ("cuDeviceGetCount", (ctypes.byref(count),)),
    ):
        code = getattr(driver, name)(*arguments)
        if code:
            raise RuntimeError(f"the NVIDIA driver's {name} returns error {code}")
    if not count.value:
        raise RuntimeError("the NVIDIA driver finds no GPU")
    if version.value < 12000:
        raise RuntimeError(f"the NVIDIA driver is for CUDA {version.value / 1000:g}")
    return version.value


def has(python: str, *modules: str) -> bool:
    """Say whether a Python can import all of these."""
    code = f"import {', '.join(modules)}"
    done = subprocess.run([python, "-c", code], capture_output=True, cwd=ROOT)
    return done.returncode == 0


def find_python(torch: bool, dry: bool) -> str:
    """Return a Python that has what is needed, .venv's made where there is none.

    Raises
    ------
    RuntimeError
        If there is no GPU, or if pip fails.
    """
    version = 0 if dry else cuda_driver()
    wanted = [*NEEDED, *["cupy"] * (not dry), *["torch"] * torch]
    own, mine = sys.executable, str(ROOT / ".venv/bin/python")
    for python in (own, mine):
        if Path(python).exists() and has(python, *wanted):
            return python
    extras = "test"
    if dry:
        print("installing into .venv ...")
    else:
        print(
            f"installing into .venv, CuPy for CUDA {version // 1000} too (1.4 GB) ..."
        )
        extras += ",gpu-cuda13" if version >= 13000 else ",gpu"
    if not Path(mine).exists():
        subprocess.run([own, "-m", "venv", str(ROOT / ".venv")], check=True)
    packages = ["--editable", f".[{extras}]", *["torch"] * torch]
    install = [mine, "-m", "pip", "install", "--quiet", *packages]
    if subprocess.run(install, cwd=ROOT).returncode:
        raise RuntimeError(f"pip failed: {' '.join(install)}")
    return mine
