"""Convolution by cuDNN, where a GPU and cuDNN are there; the same result."""

from __future__ import annotations

from ..engine.cudnn import by_cudnn
from .convolution import Convolution2D

__all__ = ["CudnnConvolution2D"]


class CudnnConvolution2D(Convolution2D):
    """The convolution of `Convolution2D`, which NVIDIA's cuDNN computes where it can.

    It can with CuPy's arrays of float32 and with the packages of the extra
    ``cudnn-cuda12`` or ``cudnn-cuda13``. Everywhere else this is `Convolution2D`, to
    the bit. cuDNN builds no rows of windows: its kernels read them where they lie.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, groups, ceil_mode
        As for `Convolution2D`, like `weight`, `bias` and `seed`.

    Examples
    --------
    >>> import numpy as np
    >>> conv1 = CudnnConvolution2D(3, 96, kernel_size=11, stride=4, ceil_mode=True)
    >>> conv1.forward(np.zeros((1, 3, 224, 224), np.float32)).shape
    (1, 96, 55, 55)
    """

    forward = by_cudnn()(Convolution2D.forward)
    backward = by_cudnn()(Convolution2D.backward)
