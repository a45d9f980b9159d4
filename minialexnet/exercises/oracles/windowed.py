"""Layers of windows as plain loops: convolution and pooling."""

from collections.abc import Iterator

import numpy as np

from ...engine.arrays import Array

Pair = tuple[int, int]
Pixel = tuple[int, int, int, int]  # kh, kw, h, w


def window_starts(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool
) -> list[int]:
    """Return where each window begins, in pixels of the image, along one axis.

    Windows begin `padding` before the image. Rounded down, a window must end before
    the padding after the image does; rounded up (the 2012 code), windows go on until
    one reaches that end; one that reaches past it must begin on the image.
    """
    starts = [-padding]
    while starts[-1] + kernel < size + padding:
        starts.append(starts[-1] + stride)
    reaches_past = starts[-1] + kernel > size + padding
    if reaches_past and (not ceil_mode or starts[-1] >= size):
        starts.pop()
    return starts


def _windows(
    x_shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, ceil_mode: bool
) -> Iterator[tuple[int, int, list[Pixel]]]:
    """Yield (oh, ow, pixels), the pixels in reading order as (kh, kw, h, w).

    Pixels outside the image are left out.
    """
    H, W = x_shape[2:]
    rows = window_starts(H, kernel[0], stride[0], padding[0], ceil_mode)
    columns = window_starts(W, kernel[1], stride[1], padding[1], ceil_mode)
    for oh, top in enumerate(rows):
        for ow, left in enumerate(columns):
            pixels = [
                (kh, kw, top + kh, left + kw)
                for kh in range(kernel[0])
                for kw in range(kernel[1])
                if 0 <= top + kh < H and 0 <= left + kw < W
            ]
            yield oh, ow, pixels


def _output(
    x_shape: tuple[int, ...],
    maps: int,
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    ceil_mode: bool,
) -> Array:
    sizes = [
        len(window_starts(x_shape[2 + i], kernel[i], stride[i], padding[i], ceil_mode))
        for i in range(2)
    ]
    return np.zeros((x_shape[0], maps, *sizes))


def im2col(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, ceil_mode: bool
) -> Array:
    """Return one row a window, the columns in the order (kh, kw, c)."""
    N, C = x.shape[:2]
    rows = []
    for n in range(N):
        for _, _, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
            row = np.zeros((*kernel, C))
            for kh, kw, h, w in pixels:
                for c in range(C):
                    row[kh, kw, c] = x[n, c, h, w]
            rows.append(row.ravel())
    return np.array(rows)


def convolution(
    x: Array,
    W: Array,
    b: Array,
    stride: Pair,
    padding: Pair,
    groups: int,
    ceil_mode: bool,
) -> Array:
    """Section 3.5: a kernel sees the channels of its own group only."""
    F, kernel = W.shape[0], W.shape[2:]
    C_group, F_group = x.shape[1] // groups, F // groups
    y = _output(x.shape, F, kernel, stride, padding, ceil_mode)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for f in range(F):
                first = (f // F_group) * C_group
                y[n, f, oh, ow] = b[f] + sum(
                    W[f, c, kh, kw] * x[n, first + c, h, w]
                    for kh, kw, h, w in pixels
                    for c in range(C_group)
                )
    return y


class MaxPooling2D:
    """Section 3.4: window by window, pixel by pixel; padding is no pixel."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int],
        padding: int | tuple[int, int] = 0,
        ceil_mode: bool = False,
    ) -> None:
        three = kernel_size, stride, padding
        self.z, self.s, self.p = (np.broadcast_to(size, 2) for size in three)
        self.ceil_mode = ceil_mode

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, C, OH, OW)."""
        self.x = x
        axes = zip(x.shape[2:], self.z, self.s, self.p, strict=True)
        sides = [len(window_starts(*axis, self.ceil_mode)) for axis in axes]
        y = np.zeros((*x.shape[:2], *sides))
        for place in np.ndindex(y.shape):
            y[place] = max(value for value, _ in self.pixels(place))
        return y

    def pixels(self, place: tuple[int, ...]) -> list[tuple[float, tuple[int, ...]]]:
        """Return the pixels of a window in reading order: value and index."""
        n, c, *window = place
        found: list[tuple[float, tuple[int, ...]]] = []
        for tap in np.ndindex(*self.z):
            h, w = window * self.s - self.p + tap
            if 0 <= h < self.x.shape[2] and 0 <= w < self.x.shape[3]:
                found.append((self.x[n, c, h, w], (n, c, h, w)))
        return found

    def backward(self, dy: Array) -> Array:
        """Return dx, (N, C, H, W): each dy is the first's of the largest pixels."""
        dx = np.zeros(self.x.shape)
        for place in np.ndindex(dy.shape):
            pixels = self.pixels(place)
            largest = max(value for value, _ in pixels)
            winners = [one for value, one in pixels if value == largest][:1]
            for one in winners:
                dx[one] += dy[place]
        return dx


def average_pooling(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, ceil_mode: bool
) -> Array:
    """Return the mean of the pixels under each window; padding is no pixel."""
    y = _output(x.shape, x.shape[1], kernel, stride, padding, ceil_mode)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                total = sum(x[n, c, h, w] for _, _, h, w in pixels)
                y[n, c, oh, ow] = total / len(pixels)
    return y
