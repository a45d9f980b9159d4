"""The layer files that come with the package, and files as a model's description."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .cfg import read_text

__all__ = ["description", "network_files"]

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


def description(
    layers_cfg: str | os.PathLike[str], params_cfg: str | os.PathLike[str]
) -> dict[str, Any]:
    """Return what describes the network of two files, with all that they hold.

    It is for `minialexnet.model.build` and `minialexnet.model.begin`, which give it the
    data's classes and, unless it is set here, "input_size", the pixels of a side. A
    checkpoint holds it, so that the files themselves are no longer needed.

    Parameters
    ----------
    layers_cfg, params_cfg : str or path

    Returns
    -------
    dict
        "model", "layers" and "params", the files' texts, and "names", their names for
        errors.

    Raises
    ------
    CfgError
        If a file is no UTF-8.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> description(*network_files("cifar"))["names"]
    ['cifar-layers.cfg', 'cifar-params.cfg']
    """
    paths = Path(layers_cfg), Path(params_cfg)
    layers, params = (read_text(path) for path in paths)
    names = [path.name for path in paths]
    return {"model": "cuda_convnet", "layers": layers, "params": params, "names": names}
