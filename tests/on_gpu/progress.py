"""What has passed, at which commit, kept in OUT/gpu_check.json."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.on_gpu.steps import ROOT, Step


def commit() -> str:
    """Return the commit, and what differs from it, as one word.

    Outside of git it is what MINIALEXNET_COMMIT says, or "".
    """
    found = []
    for words in (["rev-parse", "HEAD"], ["diff", "HEAD", "--", "minialexnet"]):
        command = ["git", "-C", str(ROOT), *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError:
            done = None  # git is not installed
        if done is None or done.returncode:
            return os.environ.get("MINIALEXNET_COMMIT", "")
        found.append(done.stdout.strip())
    digits = hashlib.sha256(found[1].encode()).hexdigest()[:8]
    return found[0] + (f"-dirty{digits}" if found[1] else "")


class Progress:
    """What has passed, kept in OUT/gpu_check.json."""

    def __init__(self, out: Path) -> None:
        self.path = out / "gpu_check.json"
        self.steps: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            self.steps = json.loads(self.path.read_text())
        self.commit = commit()

    def has_passed(self, step: Step) -> bool:
        """Say whether a step need not run: a training that has ended, never again."""
        entry = self.steps.get(step.name, {})
        same = entry.get("commit") == self.commit or step.records != ()
        same &= entry.get("read") == _state(step.reads)
        return same and entry.get("result") == "passed"

    def result(self, name: str) -> str:
        """Return how a step went at this commit, "" if it has not run."""
        entry = self.steps.get(name, {})
        return entry["result"] if entry.get("commit") == self.commit else ""

    def note(self, step: Step, result: str, seconds: float) -> None:
        """Write down how a step went."""
        self.steps[step.name] = {
            "result": result,
            "seconds": round(seconds, 1),
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "commit": self.commit,
            "read": _state(step.reads),
            "command": step.command,
        }
        part = self.path.with_name(self.path.name + ".part")
        part.write_text(json.dumps(self.steps, indent=1) + "\n")
        os.replace(part, self.path)


def _state(path: Path | None) -> list[int] | None:
    """Return what changes with a file."""
    if path is None or not path.exists():
        return None
    return [path.stat().st_size, path.stat().st_mtime_ns]
