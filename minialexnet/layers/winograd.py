"""Convolution by Winograd's minimal filtering: fewer multiplications, same result."""

from typing import Any

from ..engine.arrays import Array, get_array_module
from ..engine.groups import kernels_by_group, outputs_by_group
from ..windows import Windows
from .convolution import Convolution2D, channel_sum
from .refuse import takes, takes_gradient
from .tiles import TILE, bases, both_axes, kernels_at_points, windows_at_points
from .turned import turn, turned_windows

__all__ = ["WinogradConvolution2D"]


def tiles_of(image: tuple[int, int], windows: Windows) -> tuple[int, int]:
    """Return TH and TW, how many tiles cover the output of an image of H x W."""
    OH, OW = windows.output_size(*image)
    return -(-OH // TILE), -(-OW // TILE)


def tiles_held(
    C: int, F: int, image: tuple[int, int], windows: Windows
) -> tuple[int, int]:
    """Return how many numbers an image's tiles are, and how many the kernels' are."""
    TH, TW = tiles_of(image, windows)
    n = TILE + windows.kernel_size[0] - 1
    # The windows before, between and after their two axes' changes of basis.
    return 3 * TH * TW * n * n * max(C, F), n * n * C * F


@outputs_by_group(tiles_held, multiple_of=TILE)
def convolve_tiles(x: Array, V: Array, b: Array, windows: Windows, out: Array) -> None:
    """Write y = A^T [V * U] A + b, V and U the kernels and windows at the points."""
    TH, TW = tiles_of(x.shape[2:], windows)
    _, _, A = bases(x, windows.kernel_size[0])
    U = windows_at_points(x, windows.padding, windows.kernel_size[0], (TH, TW))
    M = U @ V  # (n*n, N*TH*TW, F)
    Y = both_axes(A.T, M)  # (TILE*TILE, N*TH*TW, F)
    Y = Y.reshape(TILE, TILE, len(x), TH, TW, -1)
    tiles = out.reshape(len(x), TH, TILE, TW, TILE, -1)  # the memory of out
    tiles[...] = Y.transpose(2, 3, 0, 4, 1, 5)
    out += b


@kernels_by_group(tiles_held)
def kernel_gradient_at_points(x: Array, dy: Array, windows: Windows) -> Array:
    """Return dV = U^T (A dy A^T), (n*n, C, F), of every tile, summed."""
    xp, (N, F, OH, OW) = get_array_module(dy), dy.shape
    TH, TW = tiles_of(x.shape[2:], windows)
    _, _, A = bases(x, windows.kernel_size[0])
    padded = xp.zeros((N, TH * TILE, TW * TILE, F), dy.dtype)
    padded[:, :OH, :OW] = dy.transpose(0, 2, 3, 1)
    tiles = padded.reshape(N, TH, TILE, TW, TILE, F).transpose(2, 4, 0, 1, 3, 5)
    dM = both_axes(A, tiles.reshape(TILE * TILE, -1, F))  # (n*n, N*TH*TW, F)
    U = windows_at_points(x, windows.padding, windows.kernel_size[0], (TH, TW))
    return U.transpose(0, 2, 1) @ dM


class WinogradConvolution2D(Convolution2D):
    """The convolution of `Convolution2D` with stride 1, computed by tiles.

    Lavin and Gray 2016, "Fast algorithms for convolutional neural networks". The output
    is cut into tiles of 4x4. One tile y sees the window d of (4 + K - 1)^2 pixels, and

        y = A^T [(G W G^T) * (B^T d B)] A,

    an elementwise product, summed over the channels, between two changes of basis:
    polynomials of degree K - 1 and 3 are multiplied by their values at POINTS. A tile
    takes 64 multiplications a channel where im2col takes 400 (for 5x5; 36 for 144 at
    3x3), at the price of some rounding. Backward is the exact adjoint.

    Parameters
    ----------
    in_channels, out_channels, padding, groups, weight, bias, seed
        As for `Convolution2D`.
    kernel_size : {3, 5}
    stride : {1}
    ceil_mode : bool
        Makes a difference only where the image is smaller than the kernel.

    Raises
    ------
    ValueError
        If the kernel is not 3x3 or 5x5, the stride not 1 or the padding as wide as the
        kernel.

    Examples
    --------
    >>> import numpy as np
    >>> conv = WinogradConvolution2D(2, 3, 5, padding=2)
    >>> x = np.random.default_rng(0).standard_normal((1, 2, 7, 6))
    >>> bool(np.allclose(conv.forward(x), Convolution2D.forward(conv, x)))
    True
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        K, _ = self.kernel_size
        if self.kernel_size not in ((3, 3), (5, 5)) or self.stride != (1, 1):
            raise ValueError(
                "WinogradConvolution2D expected kernel_size 3 or 5 and stride 1, "
                f"got {self.kernel_size} and {self.stride}"
            )
        if max(self.padding) >= K:
            raise ValueError(
                f"WinogradConvolution2D expected padding below {K}, got {self.padding}"
            )

    @takes("(N, C, H, W)")
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, F, OH, OW), for x, (N, C, H, W)."""
        self._x = x
        V = kernels_at_points(self.params["W"], self.groups, x)
        return convolve_tiles(x, V, self.params["b"], self.windows, self.groups)

    @takes_gradient
    def backward(self, dy: Array) -> Array | None:
        """Return dx, (N, C, H, W), and write dW and db.

        dW = G^T dV G; dx is the convolution of dy with the turned kernels.
        """
        x, W, windows, groups = self._x, self.params["W"], self.windows, self.groups
        xp, (F, C, K, _) = get_array_module(dy), W.shape
        # dW
        _, G, _ = bases(x, K)
        dV = kernel_gradient_at_points(x, dy, windows, groups)
        dW = xp.stack([both_axes(G.T, group) for group in dV])
        # (groups, K, K, C/groups, F/groups) to (F, C/groups, K, K)
        dW = (
            dW.reshape(groups, K, K, C, -1).transpose(0, 4, 3, 1, 2).reshape(F, C, K, K)
        )
        # db
        db = channel_sum(dy)
        self.grads = {"W": dW, "b": db}
        # dx
        if not self.needs_dx:
            return None
        V = kernels_at_points(turn(W, groups), groups, dy)
        zeros = xp.zeros(self.in_channels, W.dtype)
        dx = convolve_tiles(dy, V, zeros, turned_windows(windows), groups)
        return dx[:, :, : x.shape[2], : x.shape[3]]
