"""Overlapping max pooling."""

from collections.abc import Callable

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_parts
from ..engine.twin import twin
from ..windows import Windows
from .finite import faster_if_finite, or_zero, same_or_both_nan
from .refuse import takes, takes_gradient
from .windowed import Pooling2D

__all__ = ["MaxPooling2D"]


@twin
@in_parts(arrays_held=2)
def max_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), the largest of each window of x, (N, C, H, W)."""
    xp = get_array_module(x)
    N, C, H, W = x.shape
    OH, OW = windows.output_size(H, W)
    y = xp.full((N, OH, OW, C), -float("inf"), x.dtype).transpose(0, 3, 1, 2)
    for _, _, out, pixels in windows.taps((H, W), (OH, OW)):
        seen = y[:, :, *out]
        xp.maximum(seen, x[:, :, *pixels], out=seen)
    return y


@twin
@in_parts(arrays_held=2)
@faster_if_finite(
    lambda x, y, dy, windows: [dy.max(), dy.min(), y.max()],
    times="multiply",
    same="equal",
)
def max_pooling_backward(
    x: Array,
    y: Array,
    dy: Array,
    windows: Windows,
    times: Callable[..., Array] = or_zero,
    same: Callable[..., Array] = same_or_both_nan,
) -> Array:
    """Return dx, (N, C, H, W): each dy goes to the pixel that won its window.

    Of several equal winners the first in reading order takes it, once. In a window
    with NaN the first NaN is the winner.
    """
    xp = get_array_module(x)
    dx = xp.zeros_like(x, dtype=dy.dtype)
    due = xp.empty_like(y, dtype=dy.dtype)
    due[...] = dy  # in the order of y's memory, which makes every tap faster
    free = xp.ones_like(y, dtype=bool)  # whose dy no pixel has taken yet
    for _, _, out, pixels in windows.taps(x.shape[2:], y.shape[2:]):
        won = same(x[:, :, *pixels], y[:, :, *out]) & free[:, :, *out]
        dx[:, :, *pixels] += times(due[:, :, *out], won)
        free[:, :, *out] ^= won
    return dx


class MaxPooling2D(Pooling2D):
    """Overlapping max pooling (Krizhevsky et al. 2012, section 3.4).

    y[n, c, oh, ow] = the largest x in the window of z x z pixels, the windows s
    pixels apart; the paper's z = 3 is `kernel_size`, its s = 2 is `stride`. Padding
    never wins: a window's maximum is over the pixels that exist.

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of int
        In pixels, height first; padding at most half the kernel.
    ceil_mode : bool
        Count a last window that hangs over the edge, as the 2012 code does.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPooling2D(3, 2).forward(np.zeros((1, 96, 55, 55))).shape
    (1, 96, 27, 27)
    """

    @takes("(N, C, H, W)")
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
        self._x = x
        self._y = max_pooling(x, self.windows)
        return self._y

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx, (N, C, H, W), see `max_pooling_backward`."""
        # dx
        return max_pooling_backward(self._x, self._y, dy, self.windows)
