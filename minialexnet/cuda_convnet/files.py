"""The layer files that come with the package, and files as a model's description."""

import os
from pathlib import Path
from typing import Any

from .cfg import read_text

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


def params_beside(layers_cfg: str | os.PathLike[str]) -> Path:
    """Return the params file that lies beside a layers file.

    It has the same name but for "params" in the place of "layers", as the package's own
    files have.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> params_beside(network_files("alexnet")[0]).name
    'alexnet-params.cfg'
    """
    layers = Path(layers_cfg)
    params = layers.with_name(layers.name.replace("layers", "params"))
    if params == layers or not params.exists():
        raise ValueError(
            f"{layers}: expected a params file to be named, or one beside it with "
            '"params" for "layers" in its name, got none'
        )
    return params


def description(
    layers_cfg: str | os.PathLike[str], params_cfg: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """Return what describes the network of two files, with all that they hold.

    It is for `minialexnet.model.build` and `minialexnet.model.begin`, which give it the
    data's classes and, unless it is set here, "input_size", the pixels of a side. A
    checkpoint holds it, so that the files themselves are no longer needed.

    Parameters
    ----------
    layers_cfg : str or path
    params_cfg : str or path, optional
        By default what `params_beside` finds.

    Returns
    -------
    dict
        "model", "layers" and "params", the files' texts, and "names", their names for
        errors.

    Raises
    ------
    ValueError
        If a file is no UTF-8, or there is no params file.
    OSError
        If one cannot be read.

    Examples
    --------
    >>> description(*network_files("cifar"))["names"]
    ['cifar-layers.cfg', 'cifar-params.cfg']
    """
    params = params_beside(layers_cfg) if params_cfg is None else params_cfg
    paths = Path(layers_cfg), Path(params)
    texts = [read_text(path) for path in paths]
    return {
        "model": "cuda_convnet",
        "layers": texts[0],
        "params": texts[1],
        "names": [path.name for path in paths],
    }
