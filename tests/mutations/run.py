"""Run the mutations: break a copy of the project, and see whether its tests notice."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import MUTATIONS
from .choice import changed_since, chosen
from .mutation import PACKAGE, Mutation

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 600.0  # seconds after which tests that wait for what never comes have failed


def copy_project(folder: Path) -> None:
    """Copy what the tests need."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis", "claims")
    for name in (PACKAGE, "tests", "figures/results"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "setup.cfg", folder)


class Trial:
    """Runs tests on copies of the project, until it is stopped."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def stop(self) -> None:
        """End the tests that are running, and begin no others."""
        self._stopped = True
        for process in list(self._running):
            process.terminate()

    def passes(
        self, project: Path, tests: Collection[str], longest: float | None = None
    ) -> tuple[bool, str]:
        """Return whether the tests of a copy of the project pass, and their output."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        if all("::" in test for test in tests):
            command += ["-m", ""]  # what is named is run, though it is marked slow
        files = [f"tests/{file}" for file in tests]
        # The copy comes first on the path, before the package that is installed.
        environment = os.environ | {"PYTHONPATH": str(project), "CI": "1"}
        process = subprocess.Popen(
            [*command, *files],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._running.add(process)
        if self._stopped:  # meanwhile
            process.terminate()
        try:
            output, errors = process.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            output = errors = ""  # what it has begun may hold its pipes still
        self._running.discard(process)
        code = process.returncode
        # Below 0 a kernel of the GPU's, run on the processor, has ended the process.
        # 2 is a Ctrl-C that a mutation has let through.
        if code > 2:  # no tests ran
            raise RuntimeError(f"pytest ended with {code}:\n{output}{errors}")
        return code == 0, output

    def survives(self, mutation: Mutation) -> bool:
        """Apply a mutation to a copy of the project; say whether its tests pass."""
        with tempfile.TemporaryDirectory() as name:
            copy_project(Path(name))
            mutation.apply(Path(name))
            return self.passes(Path(name), mutation.tests, LONGEST)[0]


def survivors(mutations: list[Mutation], jobs: int) -> list[Mutation]:
    """Return the mutations that no test notices, printing each as it is tried."""
    trial = Trial()
    with tempfile.TemporaryDirectory() as name:
        copy_project(Path(name))
        every = dict.fromkeys(file for m in mutations for file in m.tests)
        passed, output = trial.passes(Path(name), every)
        if not passed:
            raise RuntimeError(f"the tests fail on the code as it is:\n{output}")
    alive = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            results = zip(mutations, pool.map(trial.survives, mutations), strict=True)
            for mutation, survived in results:
                word = "SURVIVED" if survived else "killed"
                print(f"{word:8}  {mutation.target}: {mutation.name}", flush=True)
                if survived:
                    alive.append(mutation)
        except BaseException:  # Ctrl-C too: what still runs or waits is given up
            trial.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return alive


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutations",
        description="Break the code in named ways, and see that the tests notice.",
    )
    parser.add_argument("-k", metavar="WORD", default="", help="those with this word")
    parser.add_argument(
        "--changed", metavar="COMMIT", help="those of files that differ from a commit"
    )
    parser.add_argument(
        "--tenth", metavar="SEED", default="", help="a tenth of them, drawn by the seed"
    )
    parser.add_argument("--most", type=int, help="draw so many where there are more")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    files = None
    if options.changed is not None:
        try:
            files = changed_since(options.changed, ROOT)
        except ValueError as error:
            parser.error(f"--changed: {error}")
    found = chosen(MUTATIONS, options.k, files, options.tenth, options.most)
    if not found and files is None:
        parser.error(f"expected a word of a mutation's name or target: {options.k!r}")
    try:
        alive = survivors(found, options.jobs)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print(f"{len(alive)} of {len(found)} mutations survived")
    return 1 if alive else 0
