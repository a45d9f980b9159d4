"""Overlapping average pooling."""

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_parts
from ..engine.twin import twin
from ..windows import Windows
from .refuse import takes, takes_gradient
from .windowed import Pooling2D

__all__ = ["AveragePooling2D"]


@twin
@in_parts(arrays_held=2)
def average_pooling(x: Array, windows: Windows) -> Array:
    """Return y, (N, C, OH, OW), the mean of each window of x, (N, C, H, W)."""
    xp = get_array_module(x)
    N, C, H, W = x.shape
    OH, OW = windows.output_size(H, W)
    y = xp.zeros((N, OH, OW, C), x.dtype).transpose(0, 3, 1, 2)  # (N, C, OH, OW)
    for _, _, out, pixels in windows.taps((H, W), (OH, OW)):
        y[:, :, *out] += x[:, :, *pixels]
    y /= pixels_seen(x, (H, W), (OH, OW), windows)
    return y


@twin
@in_parts(arrays_held=2)
def average_pooling_backward(
    dy: Array, image: tuple[int, int], windows: Windows
) -> Array:
    """Return dx, (N, C, H, W): a pixel takes dy / (number of its window's pixels)."""
    xp = get_array_module(dy)
    N, C, OH, OW = dy.shape
    share = dy / pixels_seen(dy, image, (OH, OW), windows)
    dx = xp.zeros((N, *image, C), dy.dtype).transpose(0, 3, 1, 2)  # (N, C, H, W)
    for _, _, out, pixels in windows.taps(image, (OH, OW)):
        dx[:, :, *pixels] += share[:, :, *out]
    return dx


def pixels_seen(
    like: Array, image: tuple[int, int], output: tuple[int, int], windows: Windows
) -> Array:
    """Return how many pixels each window sees, (OH, OW), in the type of `like`."""
    count = get_array_module(like).zeros(output, like.real.dtype)
    for _, _, out, _ in windows.taps(image, output):
        count[out] += 1
    return count


class AveragePooling2D(Pooling2D):
    """Overlapping average pooling.

    y[n, c, oh, ow] = the mean of x over the pixels of the window that exist, as the
    2012 code averages: padding counts neither in the sum nor in the number.

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of int
        In pixels, height first; padding at most half the kernel.
    ceil_mode : bool
        Count a last window that hangs over the edge, as the 2012 code does.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones((1, 1, 4, 4))
    >>> AveragePooling2D(3, 2, ceil_mode=True).forward(x).tolist()
    [[[[1.0, 1.0], [1.0, 1.0]]]]
    """

    @takes("(N, C, H, W)")
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, C, OH, OW), for x, (N, C, H, W)."""
        self._image = x.shape[2:]  # (H, W)
        return average_pooling(x, self.windows)

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx, (N, C, H, W), see `average_pooling_backward`."""
        # dx
        return average_pooling_backward(dy, self._image, self.windows)
