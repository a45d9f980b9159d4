"""Windows of an image: how many fit, and which pixels each of them sees."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import NamedTuple

Pair = int | tuple[int, int]
Slices = tuple[slice, slice]


def pair(value: Pair, name: str, least: int = 1) -> tuple[int, int]:
    """Return `value` as (height, width), whole numbers of at least `least`."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(v, Integral) and v >= least for v in both):
        raise ValueError(
            f"expected {name} to be a whole number >= {least} or two of them, "
            f"got {value!r}"
        )
    return int(both[0]), int(both[1])


def output_size(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool = False
) -> int:
    """Return how many windows fit along one axis.

    Parameters
    ----------
    size, kernel, stride, padding : int
        In pixels; `padding` is added on both sides.
    ceil_mode : bool
        Count a last window that hangs over the far edge, as the 2012 code does
        (224 pixels, 11x11 kernel, stride 4: 55 windows, not 54), unless it would begin
        past the edge.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If not even one window fits.

    Examples
    --------
    >>> output_size(224, 11, 4, 0), output_size(224, 11, 4, 0, ceil_mode=True)
    (54, 55)
    """
    room = size + 2 * padding - kernel
    if room < 0 and not (ceil_mode and size > 0):
        raise ValueError(
            f"expected at least {kernel - 2 * padding} pixels for a kernel of {kernel} "
            f"with padding {padding}, got {size}"
        )
    if not ceil_mode:
        return 1 + room // stride
    count = 1 + max(0, -(-room // stride))
    begins_past_the_edge = (count - 1) * stride - padding >= size
    return max(1 + room // stride, count - begins_past_the_edge)


class Windows(NamedTuple):
    """How windows lie on an image: their size, their stride, and the image's padding.

    Attributes
    ----------
    kernel_size, stride, padding : (int, int)
        In pixels, height first.
    ceil_mode : bool
        Count a last window that hangs over the far edge, see `output_size`.

    Examples
    --------
    >>> Windows.of(3, 2).output_size(55, 55)  # the paper's overlapping pooling
    (27, 27)
    """

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    ceil_mode: bool

    @classmethod
    def of(
        cls,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        ceil_mode: bool = False,
    ) -> Windows:
        """Return windows whose sizes are each a number or (height, width)."""
        return cls(
            pair(kernel_size, "kernel_size"),
            pair(stride, "stride"),
            pair(padding, "padding", 0),
            ceil_mode,
        )

    def output_size(self, H: int, W: int) -> tuple[int, int]:
        """Return (OH, OW), how many windows fit on an image of H x W pixels."""
        (KH, KW), (SH, SW), (PH, PW), ceil_mode = self
        OH = output_size(H, KH, SH, PH, ceil_mode)
        return OH, output_size(W, KW, SW, PW, ceil_mode)

    def taps(
        self, image: tuple[int, int], output: tuple[int, int]
    ) -> Iterator[tuple[int, int, Slices, Slices]]:
        """Yield, for each place (kh, kw) in the window, which pixels it sees.

        Window (oh, ow) sees there the pixel (oh * stride + kh - padding, likewise for
        the width). Windows that see padding there are left out of the slices, so
        padding is never read and never written.

        Parameters
        ----------
        image, output : (int, int)
            H and W, OH and OW.

        Yields
        ------
        kh, kw : int
        out : (slice, slice)
            The rows and columns of the windows whose pixel exists.
        pixels : (slice, slice)
            The rows and columns of those pixels, the same number of them.
        """
        (KH, KW), (SH, SW), (PH, PW), _ = self
        for kh in range(KH):
            out_rows, rows = _tap(image[0], output[0], kh - PH, SH)
            for kw in range(KW):
                out_columns, columns = _tap(image[1], output[1], kw - PW, SW)
                yield kh, kw, (out_rows, out_columns), (rows, columns)


def _tap(size: int, outputs: int, offset: int, stride: int) -> Slices:
    """Return, along one axis, which windows see a pixel at `offset`, and which."""
    first = max(0, -(offset // stride))  # the first o with o * stride + offset >= 0
    last = min(outputs - 1, (size - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return (
        slice(first, last + 1),
        slice(start, start + (last - first) * stride + 1, stride),
    )
