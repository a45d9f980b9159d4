"""A step: one command, run within its own bound of time, and how it went."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_YET = 75  # of a step that ran out of time, as EX_TEMPFAIL
PATIENCE = 5.0  # seconds of a step's own that it has to end in when it is interrupted


@dataclass(frozen=True)
class Step:
    """One command, and what is made of its files."""

    name: str
    command: list[str]
    seconds: float  # at most, of those that are left; to end takes some of them
    least: float = 5  # seconds without which it is not begun
    leaves: float = 0  # seconds, to the steps behind it
    goes_on: bool = False  # where it was stopped, so that to stop it loses nothing
    patience: float = PATIENCE
    after: str = ""  # the step that must have failed before this one is due
    environment: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[str, str], ...] = ()  # (file made, name beside the others)
    reads: Path | None = None  # what it must do again if that has changed

    def keep_records(self, out: Path) -> None:
        """Copy the files that were made beside the other records."""
        for made, name in self.records:
            if Path(made).exists():
                shutil.copy(made, out / name)


def run_step(step: Step, seconds: float, log: Path) -> int:
    """Run a step's command for so many seconds at most; return its exit code.

    NOT_YET where it was stopped. What it says goes to `log`.
    """
    surroundings = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        "PYTHONUNBUFFERED": "1",
    }
    patience = min(step.patience, seconds / 2)
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as file:
        file.write(f"\n$ {' '.join(step.command)}\n".encode())
        file.flush()
        process = subprocess.Popen(
            step.command,
            cwd=ROOT,
            env=surroundings | dict(step.environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(seconds - patience)
        except subprocess.TimeoutExpired:
            return NOT_YET
        finally:
            _end(process, patience)


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    """Interrupt a process as Ctrl-C does; kill it and its own if that is in vain."""
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGKILL, None)):
        if process.poll() is None:
            try:
                os.killpg(process.pid, number)
                process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def outcome(step: Step, code: int) -> str:
    """Return an exit code in words."""
    if code == NOT_YET:
        return "stopped on the way" if step.goes_on else "too slow"
    return "passed" if code == 0 else "failed"


def told(step: Step, result: str, log: Path) -> list[str]:
    """Return the lines of a step's log that the summary shows.

    They are those after the last line RESULT, or the last few where it failed.
    """
    lines = log.read_text(errors="replace").splitlines()
    run = lines[max(i for i, line in enumerate(lines) if line.startswith("$ ")) :]
    if "RESULT" in run:
        return run[run.index("RESULT") + 1 :]
    return run[-12:] if result in ("failed", "too slow") else []
