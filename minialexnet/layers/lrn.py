"""Local response normalisation."""

from __future__ import annotations

from ..engine import kernels as gpu
from ..engine.arrays import Array, get_array_module
from ..engine.memory import empty_like
from ..engine.parts import batches
from .base import Layer, Shape

__all__ = ["LocalResponseNormalization"]


class LocalResponseNormalization(Layer):
    """Divide each activity by what its neighbours have (Krizhevsky 2012, section 3.3).

    b[i] = a[i] / (k + alpha * sum over j of a[j]^2)^beta, the sum over the n maps
    j = i - n//2 .. i + (n-1)//2 that exist, at the same pixel. In the code the paper's
    a is x, its b is y, and d = k + alpha * sum, so y = x d^-beta.

    Parameters
    ----------
    k, alpha, beta : float
        The paper's 2, 1e-4, 0.75. k must be positive, alpha at least 0.
    n : int
        How many neighbours; n = 5 is two maps on either side and the map itself. An
        even n takes one more below than above, as the 2012 code does.
    across : {"channels", "space"}
        "channels" is the paper's; "space" sums over n x n pixels of the same map, the
        2012 code's second normalisation.
    divide_alpha_by_n : bool
        Use alpha / n (alpha / n^2 across space), as the 2012 code, Caffe and PyTorch
        do. The paper's formula does not, which makes its alpha five times theirs.
    groups : int
        Across channels, let each of so many equal groups of maps be by itself, as the
        2012 code's two towers are. The number of channels must be divisible by it.

    Examples
    --------
    >>> import numpy as np
    >>> lrn = LocalResponseNormalization(k=1, n=3, alpha=1, beta=1)
    >>> lrn.forward(np.ones((1, 3, 1, 1))).ravel()  # 1/(1+2), 1/(1+3), 1/(1+2)
    array([0.33333333, 0.25      , 0.33333333])
    """

    kind = "lrn"

    def __init__(
        self,
        k: float = 2,
        n: int = 5,
        alpha: float = 1e-4,
        beta: float = 0.75,
        across: str = "channels",
        divide_alpha_by_n: bool = False,
        groups: int = 1,
    ) -> None:
        super().__init__()
        if across not in ("channels", "space"):
            raise ValueError(
                f"expected across to be 'channels' or 'space', got {across!r}"
            )
        if not isinstance(n, int) or n < 1:
            raise ValueError(f"expected n to be a whole number >= 1, got {n!r}")
        if not (k > 0 and alpha >= 0):
            raise ValueError(f"expected k > 0 and alpha >= 0, got k={k}, alpha={alpha}")
        if groups < 1:
            raise ValueError(f"expected groups >= 1, got {groups}")
        self.k, self.n, self.beta, self.across = k, n, beta, across
        self.groups = groups
        # Of a map seen as (N, groups, C/groups, H, W).
        self.axes = (2,) if across == "channels" else (3, 4)
        self.alpha = alpha / n ** len(self.axes) if divide_alpha_by_n else alpha

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the input, (C, H, W)."""
        if shape[0] % self.groups:
            raise ValueError(
                f"LocalResponseNormalization expected channels divisible into "
                f"{self.groups} groups, got {shape[0]}"
            )
        return shape

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y = x d^-beta, of the shape and dtype of x, (N, C, H, W)."""
        self._check_input(x, axes=4)
        self.output_shape(x.shape[1:])
        xp = get_array_module(x)
        before, after = self.n // 2, (self.n - 1) // 2
        self._x, self._y_shape = x, x.shape
        if self.across == "channels" and gpu.fit(x):
            self._d, self._y = gpu.response_normalization(
                x, self._maps(), (before, after), self.k, self.alpha, self.beta
            )
            return self._y
        d, y = empty_like(x), empty_like(x)
        for part in batches(len(x), 5 * x[0].nbytes, xp):
            squares = x[part] * x[part]
            d[part] = self.k + self.alpha * self._window_sum(squares, before, after)
            y[part] = x[part] * d[part] ** -self.beta
        self._d, self._y = d, y
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx = dy d^-beta - 2 alpha beta x * (window sum of dy y / d).

        x[j] enters y[i] through d[i] for every i whose window holds j, so the sum runs
        over the window turned round: (n-1)//2 before, n//2 after.
        """
        self._check_gradient(dy)
        xp = get_array_module(dy)
        before, after = (self.n - 1) // 2, self.n // 2
        arrays = self._x, self._d, self._y, dy
        if self.across == "channels" and gpu.fit(*arrays):
            return gpu.response_normalization_backward(
                *arrays, self._maps(), (before, after), self.alpha, self.beta
            )
        dx = empty_like(self._x, xp.result_type(self._x, dy))
        for part in batches(len(dy), 6 * dy[0].nbytes, xp):
            x, d = self._x[part], self._d[part]
            through_x = dy[part] * d**-self.beta
            through_d = self._window_sum(dy[part] * self._y[part] / d, before, after)
            # dx
            dx[part] = through_x - (2 * self.alpha * self.beta) * x * through_d
        return dx

    def _maps(self) -> int:
        """Return how many maps are normalised with each other."""
        return int(self._x.shape[1]) // self.groups

    def _window_sum(self, a: Array, before: int, after: int) -> Array:
        """Return the sum of a over i - before .. i + after on each of the axes."""
        xp, shape = get_array_module(a), a.shape
        a = a.reshape(shape[0], self.groups, -1, *shape[2:])
        for axis in self.axes:
            rows = xp.moveaxis(a, axis, -1)
            C = rows.shape[-1]
            # The zeros keep rows apart when all are shifted at once as one long line.
            padded = xp.zeros((*rows.shape[:-1], before + C + after), a.dtype)
            padded[..., before : before + C] = rows
            line = padded.reshape(-1)
            total = line.copy()
            for shift in range(1, before + after + 1):
                total[:-shift] += line[shift:]
            # Place i of a row now holds i .. i + n - 1, which is around its number i.
            a = xp.moveaxis(total.reshape(padded.shape)[..., :C], -1, axis)
        return a.reshape(shape)
