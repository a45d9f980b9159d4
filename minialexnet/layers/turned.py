"""The gradient by the images as a convolution, which is faster for few kernels."""

from collections.abc import Callable
from functools import wraps

from ..engine.arrays import Array, get_array_module
from ..windows import Windows
from .kernels import columns_of, kernels_of

# Below so many kernels a group the turned kernels are the faster way, see
# `or_by_turned_kernels`.
FEW_KERNELS = 64


def or_by_turned_kernels(
    convolve: Callable[..., Array],
) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Let dx be computed by turned kernels where that is the faster way.

    Where the stride is 1, pixel i collects dy[i + padding - k] W[k] over k, which is a
    convolution of dy with the kernels turned half round. It copies windows where col2im
    adds them up, but its products have fewer columns. Whether it is faster on a machine
    is seen by timing a step with `FEW_KERNELS` at 0 and at 10**6.

    Parameters
    ----------
    convolve : callable (x, columns, b, windows, groups) -> y
        The convolution.
    """

    def decorate(image_gradient: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(image_gradient)
        def choose(
            dy: Array, W: Array, x: Array, windows: Windows, groups: int
        ) -> Array:
            narrow = all(
                p < k for p, k in zip(windows.padding, windows.kernel_size, strict=True)
            )
            few = len(W) // groups <= FEW_KERNELS
            if windows.stride != (1, 1) or not (narrow and few):
                return image_gradient(dy, W, x, windows, groups)
            (KH, KW), C = windows.kernel_size, x.shape[1]
            turned = turn(kernels_of(W, (len(W), C // groups, KH, KW)), groups)
            zeros = get_array_module(W).zeros(C, W.dtype)
            over = turned_windows(windows)
            dx = convolve(dy, columns_of(turned), zeros, over, groups)
            # With ceil_mode an image may be smaller than the kernel hanging over it.
            return dx[:, :, : x.shape[2], : x.shape[3]]

        return choose

    return decorate


def turn(W: Array, groups: int) -> Array:
    """Return the kernels turned half round, (C, F/groups, KH, KW), as kernels of dy.

    Parameters
    ----------
    W : ndarray, shape (F, C/groups, KH, KW)
    groups : int
    """
    _, C, KH, KW = W.shape
    split = W.reshape(groups, -1, C, KH, KW)  # (groups, F/groups, C/groups, KH, KW)
    turned = split.swapaxes(1, 2)[..., ::-1, ::-1]
    return turned.reshape(groups * C, -1, KH, KW)


def turned_windows(windows: Windows) -> Windows:
    """Return the windows of the turned kernels on dy, for a stride of 1."""
    (KH, KW), (PH, PW) = windows.kernel_size, windows.padding
    return windows._replace(padding=(KH - 1 - PH, KW - 1 - PW))
