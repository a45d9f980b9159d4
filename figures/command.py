"""How a script of a figure is run from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path


def run_command(
    name: str,
    work: Callable[[], tuple[str, list[Path]]],
    stopped: str = "nothing was kept",
) -> int:
    """Do the work, say what came of it, and return the exit code.

    Parameters
    ----------
    name : str
        Of the script.
    work : callable () -> (str, list of Path)
        Draws; returns what there is to say, which may be nothing, and the files.
    stopped : str
        What Ctrl-C leaves.

    Returns
    -------
    int
        0; 2 for arguments, data or files that do not fit, said in one line; 130 after
        Ctrl-C.
    """
    try:
        text, files = work()
    except KeyboardInterrupt:
        print(f"\n{name}: stopped; {stopped}", file=sys.stderr)
        return 130
    except (OSError, ValueError, RuntimeError, LookupError) as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    if text:
        print(text)
    print(f"Drawn: {', '.join(map(str, files))}")
    return 0
