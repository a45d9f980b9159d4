"""Weights in the files of other programs: Caffe, PyTorch, ONNX, safetensors.

`read` finds out which AlexNet a file is for, from its layers and their settings where
the format has them and from the names where it has not, and returns the network and
what must be done to a picture before it. Nothing in a file is believed: not a size
before as many bytes are there, not a name before it is one of those that are expected.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from . import caffe, onnx, safetensors, torch
from .file import WeightsError, opened
from .match import Weights

__all__ = ["READERS", "Weights", "WeightsError", "read"]

READERS: dict[str, Callable[[IO[bytes], int], Weights]] = {
    ".caffemodel": caffe.read,
    ".pth": torch.read,
    ".pt": torch.read,
    ".onnx": onnx.read,
    ".safetensors": safetensors.read,
}


def read(path: str | os.PathLike[str]) -> Weights:
    """Read a file of weights; the ending of its name says how it is written.

    Raises
    ------
    WeightsError
        If the file is damaged, of another network, or of an unknown ending. The
        message names the file, what was expected and what came.
    OSError
        If it cannot be read.
    """
    suffix = Path(path).suffix
    if suffix not in READERS:
        raise WeightsError(
            f"{os.fspath(path)}: expected a file ending in {', '.join(READERS)}, got "
            f"{suffix or 'no ending'}"
        )
    with opened(path) as (file, size):
        return READERS[suffix](file, size)
