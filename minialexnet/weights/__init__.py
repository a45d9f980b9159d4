"""Weights in the files of other programs: Caffe, PyTorch, ONNX, safetensors.

`read` finds out which AlexNet a file is for, from its layers and their settings where
the format has them and from the names where it has not, and returns the network and
what must be done to a picture before it. Nothing in a file is believed: not a size
before as many bytes are there, not a name before it is one of those that are expected.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from . import caffe, onnx, safetensors, torch
from .file import MAX_BYTES, WeightsError, opened
from .network import Asked, Weights

__all__ = ["READERS", "Weights", "WeightsError", "ending", "read"]

READERS: dict[str, Callable[[BinaryIO, int, Asked], Weights]] = {
    ".caffemodel": caffe.read,
    **dict.fromkeys((".pth", ".pth.tar", ".pt", ".bin", ".ckpt"), torch.read),
    ".onnx": onnx.read,
    ".safetensors": safetensors.read,
}


def ending(path: str | os.PathLike[str]) -> str:
    """Return the ending of a file's name in small letters, that of two parts too.

    Examples
    --------
    >>> ending("runs/BVLC.CAFFEMODEL"), ending("model_best.pth.tar")
    ('.caffemodel', '.pth.tar')
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    two = "".join(suffixes[-2:])
    return two if two in READERS else (suffixes or [""])[-1]


def read(
    path: str | os.PathLike[str], profile: str | None = None, size: int | None = None
) -> Weights:
    """Read a file of weights; the ending of its name says how it is written.

    Parameters
    ----------
    path : str or path
    profile : str, optional
        Which network of `minialexnet.profiles.PROFILES` it is, where a file does not
        say so.
    size : int, optional
        Pixels of a side of the pictures that it takes, likewise.

    Raises
    ------
    WeightsError
        If the file is damaged, of another network or of an unknown ending, or says
        something else than was asked for. The message names the file, what was
        expected and what came.
    OSError
        If it cannot be read.
    """
    kind = ending(path)
    if kind not in READERS:
        raise WeightsError(
            f"{os.fspath(path)}: expected a file ending in {', '.join(READERS)}, got "
            f"{kind or 'no ending'}"
        )
    reader = READERS[kind]
    # What training saved is larger than the weights in it, which alone are read.
    most = 8 * MAX_BYTES if reader is torch.read else MAX_BYTES
    with opened(path, most) as (file, length):
        return reader(file, length, Asked(profile, size))
