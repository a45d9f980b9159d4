"""The commit with which the protocol was agreed on, before the runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from minialexnet.files.records import Record

from .entries import TOML


def git(*words: str) -> str:
    """Return what git says of this checkout, nothing outside of one."""
    command = ["git", "-C", str(TOML.parent), *words]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()


def agreed(toml: Path = TOML) -> Record:
    """Return the last commit that changed the protocol's file, and its date."""
    found = git("log", "-1", "--format=%H %cI", "--", str(toml.resolve()))
    commit, _, date = found.partition(" ")
    return {"commit": commit, "date": date}
