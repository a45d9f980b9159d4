"""Where data lies on the disk."""

import os
from pathlib import Path


def data_dir(path: str | os.PathLike[str] | None = None) -> Path:
    """Return where data lies: a folder that need not exist yet.

    Parameters
    ----------
    path : str or path, optional
        Taken when given; otherwise the environment's ``MINIALEXNET_DATA``; otherwise
        ``~/.cache/minialexnet``. A leading ``~`` is the home folder.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> data_dir("pictures").name
    'pictures'
    """
    # An empty string is what an unset shell variable leaves behind: not a folder.
    chosen = path or os.environ.get("MINIALEXNET_DATA") or "~/.cache/minialexnet"
    return Path(chosen).expanduser()
