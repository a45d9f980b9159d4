"""A process of its own for a student's code, which may hang, crash and print."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple, cast

from ..files.printable import printable

PACKAGES = Path(__file__).resolve().parents[2]
PRINTED = 1 << 20  # bytes that may be printed; past it the process is ended
SHOWN, LINES = 2000, 10  # of them, and in so many lines, are shown
# The package is found where it was found here, whatever lies in the working folder.
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import minialexnet; "
    "del sys.path[0]; from minialexnet.exercises.child import main; "
    "main(*sys.argv[1:])"
)

Event = tuple[str, dict[str, Any]]


class Ran(NamedTuple):
    """What came of a process: its events, what stopped it or "", what it printed."""

    events: list[Event]
    trouble: str
    printed: str


def run(what: str, number: int, path: Path, seconds: float) -> Ran:
    """Run a student's file in a process of its own.

    Parameters
    ----------
    what : {"check", "test"}
    number : int
        Of the exercise.
    path : Path
    seconds : float
        At most so long; a little more until the process has been ended.

    Raises
    ------
    OSError
        If no process can be started.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        words = [what, str(number), str(path), folder, str(seconds)]
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, str(PACKAGES), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that what it starts is ended with it
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        )
        printed = Printed(process)
        deadline = time.monotonic() + seconds + 2  # it should end itself before
        try:
            while process.poll() is None and not printed.too_much:
                if time.monotonic() > deadline:
                    break
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.05)
        finally:
            late = process.poll() is None and not printed.too_much
            end(process)
            printed.thread.join(1)  # longer only if the pipe was handed on
        events = [json.loads(line) for line in whole_lines(Path(folder) / "events")]
        trace = "".join(whole_lines(Path(folder) / "trace"))
    if printed.too_much:
        trouble = f"it printed more than {PRINTED:,} bytes"
    elif events and events[-1][0] in ("done", "unreadable"):
        trouble = ""
    else:
        late = late or trace.startswith("Timeout")
        ending = f"after {seconds:g} s" if late else process.returncode
        trouble = _stopped(ending, trace, path)
    return Ran(events, trouble, printed.text())


def _stopped(ending: str | int, trace: str, path: Path) -> str:
    """Return what stopped a process, by its exit code or time, and at which line."""
    name = str(path).encode("ascii", "backslashreplace").decode()  # as it is traced
    own = re.search(rf'File "{re.escape(name)}", (line \d+ in [\w<>]+)', trace)
    place = f", at {own[1]}" if own else ""
    if isinstance(ending, str):
        return f"it was still running {ending}{place}. Does every loop come to its end?"
    if ending < 0:
        return f"it crashed ({signal.Signals(-ending).name}){place}"
    if ending > 0xFFFF:  # as Windows says it
        return f"it crashed ({ending:#x}){place}"
    return f"it ended itself with exit code {ending} before the check was over{place}"


class Printed:
    """What a process prints: the beginning is kept, and the rest counted."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.too_much = False
        self._begin = b""
        self._pipe = cast(BufferedReader, process.stdout)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        count = 0
        with self._pipe:
            while chunk := self._pipe.read1(1 << 16):
                count += len(chunk)
                self._begin += chunk[: SHOWN - len(self._begin)]
                self.too_much = count > PRINTED

    def text(self) -> str:
        """Return the first lines, each as much as is fit to be shown."""
        lines = self._begin.decode(errors="replace").splitlines()[:LINES]
        return "\n".join(printable(line, 200) for line in lines)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process, and on POSIX what it has started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a file that was perhaps not written to its end."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = text.splitlines(keepends=True)
    return lines if text.endswith("\n") else lines[:-1]
