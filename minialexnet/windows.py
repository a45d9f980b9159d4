"""Windows of an image: how many fit, and which pixels each of them sees."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Pair", "output_size", "pair", "taps"]

Pair = int | tuple[int, int]


def pair(value: Pair, name: str, minimum: int = 1) -> tuple[int, int]:
    """Return `value` as (height, width), whole numbers of at least `minimum`."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(v, int) and v >= minimum for v in both):
        raise ValueError(
            f"expected {name} to be a whole number >= {minimum} or two of them, "
            f"got {value!r}"
        )
    return both[0], both[1]


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
        (224 pixels, 11x11 kernel, stride 4: 55 windows, not 54). A window that would
        begin past the edge is never counted.

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
    return count - begins_past_the_edge


def taps(
    image: tuple[int, int],
    output: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
) -> Iterator[tuple[int, int, tuple[slice, slice], tuple[slice, slice]]]:
    """Yield, for each place (kh, kw) in the kernel, which pixels it sees.

    Output (oh, ow) sees at (kh, kw) the pixel (oh * stride + kh - padding, likewise
    for the width). Places where that pixel is padding are left out of the slices, so
    padding is never read and never written.

    Yields
    ------
    kh, kw : int
    out : (slice, slice)
        The rows and columns of the output whose pixel exists.
    pixels : (slice, slice)
        The rows and columns of those pixels, the same number of them.
    """
    for kh in range(kernel[0]):
        rows = _tap(image[0], output[0], kh - padding[0], stride[0])
        for kw in range(kernel[1]):
            columns = _tap(image[1], output[1], kw - padding[1], stride[1])
            yield kh, kw, (rows[0], columns[0]), (rows[1], columns[1])


def _tap(size: int, outputs: int, offset: int, stride: int) -> tuple[slice, slice]:
    first = max(0, -(offset // stride))  # the first o with o * stride + offset >= 0
    last = min(outputs - 1, (size - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return (
        slice(first, last + 1),
        slice(start, start + (last - first) * stride + 1, stride),
    )
