"""Convolution by Winograd's minimal filtering: fewer multiplications, same result."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

from ..engine.arrays import Array, get_array_module
from ..engine.memory import empty
from ..engine.parts import batches
from ..windows import output_size
from .convolution import Convolution2D

__all__ = ["CONVOLUTIONS", "WinogradConvolution2D", "choose_convolution"]

TILE = 4  # outputs of a tile's side
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)  # and infinity


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
        Makes no difference at stride 1.

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

    def _convolve(
        self, x: Array, W: Array, b: Array, padding: tuple[int, int]
    ) -> Array:
        """Return x convolved with W in this layer's groups, plus b, (N, F, OH, OW)."""
        xp = get_array_module(x, W)
        K, F = self.kernel_size[0], len(W)
        OH = output_size(x.shape[2], K, 1, padding[0], self.ceil_mode)
        OW = output_size(x.shape[3], K, 1, padding[1], self.ceil_mode)
        TH, TW = -(-OH // TILE), -(-OW // TILE)
        V = self._kernels_at_points(W, x)  # (groups, n*n, C/groups, F/groups)
        _, _, A = self._bases(x)
        y = empty(xp, (len(x), TH * TILE, TW * TILE, F), xp.result_type(x, W, b))
        for part in self._tile_parts(x, TH * TW, V):
            N = part.stop - part.start
            tiles = y[part].reshape(N, TH, TILE, TW, TILE, F)
            for g, (channels, kernels) in enumerate(self._groups(x.shape[1], F)):
                U = self._windows_at_points(x[part, channels], padding, TH, TW)
                M = U @ V[g]  # (n*n, N*TH*TW, F/groups)
                Y = _both_axes(A.T, M)  # (TILE*TILE, N*TH*TW, F/groups)
                Y = Y.reshape(TILE, TILE, N, TH, TW, -1)
                tiles[..., kernels] = Y.transpose(2, 3, 0, 4, 1, 5)
            y[part] += b
        return y[:, :OH, :OW].transpose(0, 3, 1, 2)  # (N, F, OH, OW)

    def _dx(self, dy: Array) -> Array:
        """Return dx as the convolution by tiles that it is."""
        return self._dx_by_turned_kernels(dy)

    def _weight_gradient(self, dy: Array) -> Array:
        """Return dW: G^T dV G of dV = (B^T d B)^T (A dy A^T), summed over tiles."""
        xp = get_array_module(dy)
        x, (N, F, OH, OW) = self._x, dy.shape
        _, G, A = self._bases(x)
        TH, TW = -(-OH // TILE), -(-OW // TILE)
        C = self.in_channels // self.groups
        shape = (self.groups, len(A) ** 2, C, F // self.groups)
        dV = xp.zeros(shape, xp.result_type(x, dy))
        padded = xp.zeros((N, TH * TILE, TW * TILE, F), dy.dtype)
        padded[:, :OH, :OW] = dy.transpose(0, 2, 3, 1)
        for part in self._tile_parts(x, TH * TW, dV):
            tiles = padded[part].reshape(-1, TH, TILE, TW, TILE, F)
            tiles = tiles.transpose(2, 4, 0, 1, 3, 5)
            for g, (channels, kernels) in enumerate(self._groups(self.in_channels, F)):
                dY = tiles[..., kernels].reshape(TILE * TILE, -1, shape[-1])
                dM = _both_axes(A, dY)  # (n*n, tiles, F/groups)
                U = self._windows_at_points(x[part, channels], self.padding, TH, TW)
                dV[g] += U.transpose(0, 2, 1) @ dM
        K = self.kernel_size[0]
        dW = xp.stack([_both_axes(G.T, part) for part in dV])
        # (groups, K, K, C/groups, F/groups) to (F, C/groups, K, K)
        dW = dW.reshape(self.groups, K, K, C, -1).transpose(0, 4, 3, 1, 2)
        return dW.reshape(F, C, K, K)

    def _windows_at_points(
        self, x: Array, padding: tuple[int, int], TH: int, TW: int
    ) -> Array:
        """Return B^T d B of every tile's window, (n*n, N*TH*TW, C)."""
        xp = get_array_module(x)
        N, C, H_in, W_in = x.shape
        PH, PW = padding
        n = TILE + self.kernel_size[0] - 1
        HP, WP = (TH - 1) * TILE + n, (TW - 1) * TILE + n
        image = xp.zeros((N, HP, WP, C), x.dtype)
        image[:, PH : PH + H_in, PW : PW + W_in] = x.transpose(0, 2, 3, 1)
        s, h, w, c = image.strides
        windows = xp.lib.stride_tricks.as_strided(
            image, (n, n, N, TH, TW, C), (h, w, s, h * TILE, w * TILE, c)
        )
        B, _, _ = self._bases(x)
        return _both_axes(B.T, windows.reshape(n * n, -1, C))

    def _kernels_at_points(self, W: Array, x: Array) -> Array:
        """Return G W G^T, (groups, n*n, C/groups, F/groups), in the type of x."""
        _, C, K, _ = W.shape
        _, G, _ = self._bases(x)
        rows = W.reshape(self.groups, -1, C, K * K).transpose(0, 3, 2, 1)
        return get_array_module(x).stack([_both_axes(G, part) for part in rows])

    def _tile_parts(self, x: Array, tiles: int, V: Array) -> list[slice]:
        n = TILE + self.kernel_size[0] - 1
        widest = max(self.in_channels, self.out_channels) // self.groups
        # The windows before, between and after their two axes' changes of basis.
        each = 3 * tiles * n * n * widest * x.dtype.itemsize
        return list(batches(len(x), each, get_array_module(x), int(V.nbytes)))

    def _bases(self, x: Array) -> tuple[Array, Array, Array]:
        """Return B, G and A as arrays in the type of x."""
        xp = get_array_module(x)
        B, G, A = (
            xp.asarray(rows, x.real.dtype) for rows in _bases(self.kernel_size[0])
        )
        return B, G, A


# The names by which networks choose how they compute their convolutions.
CONVOLUTIONS: dict[str, type[Convolution2D]] = {
    "im2col": Convolution2D,
    "winograd": WinogradConvolution2D,
}


def choose_convolution(name: str) -> type[Convolution2D]:
    """Return the layer of a name out of `CONVOLUTIONS`."""
    if name not in CONVOLUTIONS:
        raise ValueError(
            f"expected convolution to be one of {', '.join(CONVOLUTIONS)}, got {name!r}"
        )
    return CONVOLUTIONS[name]


def _both_axes(M: Array, X: Array) -> Array:
    """Return M X M^T of the first axis, n*n, taken as two: (n*n, R, C) to (m*m, R, C).

    M is (m, n).
    """
    m, n = M.shape
    _, R, C = X.shape
    rows = (M @ X.reshape(n, -1)).reshape(m, n, R * C)
    return (M @ rows).reshape(m * m, R, C)


@cache
def _bases(K: int) -> tuple[Any, Any, Any]:
    """Return B (n x n), G (n x K) and A (n x TILE) of one axis, n = TILE + K - 1.

    Row j of G and of A holds the powers of point j, G's divided by the product of the
    point's distances to the others; column j of B holds the coefficients of the
    polynomial that is zero at all the others. Infinity, the last, stands for the
    highest power.
    """
    points = POINTS[: TILE + K - 2]
    n = len(points) + 1
    G, A, B = [], [], []
    for point in points:
        others = [other for other in points if other != point]
        distance = prod(point - other for other in others)
        G.append([point**k / distance for k in range(K)])
        A.append([point**k for k in range(TILE)])
        B.append([*_coefficients(others), 0.0])
    G.append([0.0] * (K - 1) + [1.0])
    A.append([0.0] * (TILE - 1) + [1.0])
    B.append(_coefficients(points))
    return [[B[j][i] for j in range(n)] for i in range(n)], G, A


def _coefficients(roots: Any) -> list[float]:
    """Return the coefficients, lowest first, of the product of (t - root)."""
    product = [1.0]
    for root in roots:
        higher, lower = [0.0, *product], [*product, 0.0]
        product = [a - root * b for a, b in zip(higher, lower, strict=True)]
    return product
