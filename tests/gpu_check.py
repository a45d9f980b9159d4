"""All that needs a GPU, in one command: checks, benches, trainings, and their records.

    python3 tests/gpu_check.py --minutes 8.5

needs no more than the Python that runs it, with NumPy, CuPy and pytest: no network, no
git, no installed package. tests/on_gpu/ has the steps (plan.py) and all the rest; this
file only lets Python find them. ``--help`` shows the options.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    os.environ["PYTHONPATH"] = path.rstrip(os.pathsep)
    command = [sys.executable, "-m", "tests.on_gpu", *sys.argv[1:]]
    os.execv(sys.executable, command)
