"""Where the recorded results are that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["recorded"]

PACKAGE = Path(__file__).resolve().parents[1]
# In an installed package, and in a checkout or an unpacked folder that is none.
FOLDERS = (PACKAGE / "results", PACKAGE.parent / "figures" / "results")


def recorded(name: str) -> Path:
    """Return the path of a recorded result.

    Parameters
    ----------
    name : str
        Of a file in figures/results, such as "figure_1_cifar10.jsonl".

    Raises
    ------
    FileNotFoundError
        If there is none of that name; the message lists those that there are.

    Examples
    --------
    >>> recorded("figure_1_cifar10.jsonl").name
    'figure_1_cifar10.jsonl'
    """
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    files = [path for folder in FOLDERS for path in folder.glob("*.[jn]*")]
    raise FileNotFoundError(
        f"expected the name of a recorded result, one of "
        f"{', '.join(sorted(path.name for path in files)) or 'none'}, got {name!r}"
    )
