"""Pooling whose windows begin at any pixel and end after any number of them."""

from __future__ import annotations

from ..layers import AveragePooling2D, MaxPooling2D
from ..layers.base import Shape

__all__ = ["AveragePoolingFrom", "MaxPoolingFrom"]


class MaxPoolingFrom(MaxPooling2D):
    """Max pooling from a start on, the 2012 code's pool with start and outputsX.

    Along each axis the windows begin at pixel `start`, `start` + `stride`, ..., as many
    as `outputs` says.

    Parameters
    ----------
    kernel_size, stride : int
        In pixels.
    start : int
        The first window's first pixel; below 0 it begins before the picture.
    outputs : int
        How many windows there are along each axis.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.tile(np.arange(5.0), (1, 1, 5, 1))  # 0 1 2 3 4, five times
    >>> MaxPoolingFrom(3, 2, start=-1, outputs=3).forward(rows)[0, 0, 0].tolist()
    [1.0, 3.0, 4.0]
    """

    def __init__(self, kernel_size: int, stride: int, start: int, outputs: int) -> None:
        super().__init__(kernel_size, stride)
        # Padding counts the pixels before the picture; a window is where it begins.
        self.padding, self.outputs = (-start, -start), outputs

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, outputs, outputs)."""
        return (shape[0], self.outputs, self.outputs)


class AveragePoolingFrom(AveragePooling2D):
    """Average pooling from a start on; its parameters are those of `MaxPoolingFrom`.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.tile(np.arange(5.0), (1, 1, 5, 1))  # 0 1 2 3 4, five times
    >>> AveragePoolingFrom(3, 2, start=-1, outputs=3).forward(rows)[0, 0, 0].tolist()
    [0.5, 2.0, 3.5]
    """

    def __init__(self, kernel_size: int, stride: int, start: int, outputs: int) -> None:
        super().__init__(kernel_size, stride)
        self.padding, self.outputs = (-start, -start), outputs

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, outputs, outputs)."""
        return (shape[0], self.outputs, self.outputs)
