"""Recorded measurements: JSON lines, and where they came from."""

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from ..engine.devices import describe_gpus
from .headers import HeaderError, read_object
from .opening import open_file
from .replacing import replacing

Record = dict[str, Any]  # one line

MAX_BYTES = 2**28  # of a file of records; 90 epochs have some 20 kB


def provenance() -> dict[str, Any]:
    """Return how and where the running program measures.

    Returns
    -------
    dict
        "command", "commit" (with "-dirty" where files differ from it; outside a
        checkout what MINIALEXNET_COMMIT says, or None), "date" (UTC), "machine"
        (processor, cores, memory in GiB), "versions" of Python and the packages; where
        CuPy was loaded "gpu" too, see `minialexnet.engine.devices.describe_gpus`.
    """
    program = Path(sys.argv[0])
    gpu = describe_gpus()
    return {
        "command": shlex.join(["python", _relative(program), *sys.argv[1:]]),
        "commit": _commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gib": _memory_gib(),
        },
        "versions": {"python": platform.python_version()}
        | {name: metadata.version(name) for name in ("numpy", "pillow", "matplotlib")},
    } | ({"gpu": gpu} if gpu else {})


def peak_memory_gib() -> float | None:
    """Return the most memory that this process has held so far, in GiB.

    None where the system does not tell it in this way, as on Windows and in a browser.
    """
    try:
        import resource
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return round(used / 2 ** (30 if sys.platform == "darwin" else 20), 3)


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write records as JSON lines, whole or not at all.

    Parameters
    ----------
    path : Path
        Written to a temporary name beside it and renamed; its folder must exist.
    records : iterable of dict

    Raises
    ------
    OSError
        If the file cannot be written; the one that was there before is as it was.
    ValueError
        If a number is infinite or no number, which JSON cannot hold.
    """
    lines = [json.dumps(record, allow_nan=False) + "\n" for record in records]
    with replacing(path) as file:
        file.write("".join(lines).encode())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read records from JSON lines.

    Raises
    ------
    ValueError
        If a line is no JSON object, or names something twice; the message names file
        and line. If it is no ordinary file, or larger than any record.
    """
    records = []
    with open_file(path, MAX_BYTES) as file:
        for number, line in enumerate(file, 1):
            try:
                records.append(read_object(line))
            except HeaderError as error:
                raise ValueError(f"{path}:{number}: {error}") from error
    return records


def _relative(program: Path) -> str:
    try:
        return program.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return program.name


def _commit() -> str | None:
    here = Path(__file__).resolve().parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        # The package may be installed inside of another project's repository.
        if Path(git("rev-parse", "--show-toplevel")).resolve() == here.parents[1]:
            git("ls-files", "--error-unmatch", __file__)
            changed = git("status", "--porcelain", "--untracked-files=no")
            return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        pass
    return os.environ.get("MINIALEXNET_COMMIT")


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    return round(pages / 2**30, 1)
