"""Windows that begin at any pixel of a picture and end after any number of them."""

from typing import Self

from ..windows import Windows


class WindowsFrom(Windows):
    """Windows from a start on: the 2012 code's pool with start and outputsX.

    Along each axis they begin at the pixels start, start + stride, ...; how many there
    are does not depend on the picture.

    Attributes
    ----------
    kernel_size, stride, padding, ceil_mode
        As of all `Windows`. Padding is how many pixels before the picture the first
        window begins, here -start, which may be negative.
    outputs : int
        How many windows there are along each axis.

    Examples
    --------
    >>> import numpy as np
    >>> from minialexnet import MaxPooling2D
    >>> pool = MaxPooling2D()
    >>> pool.windows = WindowsFrom.begin(3, 2, start=-1, outputs=3)
    >>> rows = np.tile(np.arange(5.0), (1, 1, 5, 1))  # 0 1 2 3 4, five times
    >>> pool.forward(rows)[0, 0, 0].tolist()
    [1.0, 3.0, 4.0]
    """

    outputs: int

    @classmethod
    def begin(cls, size: int, stride: int, start: int, outputs: int) -> Self:
        """Return windows of size x size pixels, `outputs` of them along each axis.

        Parameters
        ----------
        size, stride : int
            In pixels.
        start : int
            The first window's first pixel; below 0 it lies before the picture.
        outputs : int
        """
        windows = cls((size, size), (stride, stride), (-start, -start), True)
        windows.outputs = outputs
        return windows

    def output_size(self, H: int, W: int) -> tuple[int, int]:
        """Return (outputs, outputs), whatever the picture."""
        return self.outputs, self.outputs
