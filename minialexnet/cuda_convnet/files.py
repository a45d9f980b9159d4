"""The layer files that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["network_files"]

FOLDER = Path(__file__).with_name("networks")


def network_files(name: str) -> tuple[Path, Path]:
    """Return a network's two files in the 2012 code's form: (layers, params).

    Parameters
    ----------
    name : {"alexnet", "cifar"}
        "alexnet" is the paper's network as the 2012 code ran it, its config 145, for
        224 x 224 pixels; "cifar" is the four-layer network of Figure 1, for 32 x 32.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> [path.name for path in network_files("alexnet")]
    ['alexnet-layers.cfg', 'alexnet-params.cfg']
    """
    names = sorted(p.name.removesuffix("-layers.cfg") for p in FOLDER.glob("*-layers*"))
    if name not in names:
        raise ValueError(f"expected a network out of {', '.join(names)}, got {name!r}")
    return FOLDER / f"{name}-layers.cfg", FOLDER / f"{name}-params.cfg"
