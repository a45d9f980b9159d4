"""Local contrast normalisation, the 2012 code's ``cnorm``."""

from __future__ import annotations

from ..engine.arrays import Array, get_array_module
from ..engine.parts import batches
from ..layers.lrn import LocalResponseNormalization

__all__ = ["LocalContrastNormalization"]


class LocalContrastNormalization(LocalResponseNormalization):
    """Divide each activity by how much its neighbourhood varies.

    y = x d^-beta, d = k + alpha * sum over the window of (x - m)^2, both the sum and
    the mean m of each pixel over the n x n pixels of the same map that exist around it.
    Not in the paper: the 2012 code's ``cnorm``. Where response normalisation sums
    squares, this sums squares about a mean, so a bright but even region counts nothing.
    Only the divisor has the mean taken off; x itself is divided as it is.

    The 2012 code goes back as if m did not depend on x. Here backward is the exact
    derivative, m included.

    Parameters
    ----------
    k, n, alpha, beta : float
        As for `LocalResponseNormalization` across space.
    divide_alpha_by_n : bool
        Use alpha / n^2, as the 2012 code does.

    Examples
    --------
    >>> import numpy as np
    >>> cnorm = LocalContrastNormalization(k=2, n=3, alpha=1, beta=1)
    >>> cnorm.forward(np.full((1, 1, 2, 2), 6.0)).ravel()  # even, so y = 6 / k
    array([3., 3., 3., 3.])
    """

    kind = "cnorm"

    def __init__(
        self,
        k: float = 1,
        n: int = 5,
        alpha: float = 1e-3,
        beta: float = 0.75,
        divide_alpha_by_n: bool = False,
    ) -> None:
        super().__init__(k, n, alpha, beta, "space", divide_alpha_by_n)

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y = x d^-beta, of the shape and dtype of x, (N, C, H, W)."""
        self._check_input(x, axes=4)
        xp = get_array_module(x)
        e, d, y = xp.empty_like(x), xp.empty_like(x), xp.empty_like(x)
        before, after = self.n // 2, (self.n - 1) // 2
        # Pixels that each window sees, (1, 1, H, W).
        count = self._window_sum(xp.ones((1, 1, *x.shape[2:]), x.dtype), before, after)
        for part in batches(len(x), 5 * x[0].nbytes, xp):
            e[part] = x[part] - self._window_sum(x[part], before, after) / count
            squares = self._window_sum(e[part] * e[part], before, after)
            d[part] = self.k + self.alpha * squares
            y[part] = x[part] * d[part] ** -self.beta
        self._e, self._d, self._y, self._count = e, d, y, count
        self._y_shape = x.shape
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx = dy d^-beta + de - (window sum of de / count).

        de = -2 alpha beta e * (window sum of dy y / d) is the gradient by e = x - m;
        these sums run over the window turned round, as in response normalisation.
        """
        self._check_gradient(dy)
        xp = get_array_module(dy)
        dx = xp.empty_like(self._y, dtype=xp.result_type(self._y, dy))
        before, after = (self.n - 1) // 2, self.n // 2
        for part in batches(len(dy), 7 * dy[0].nbytes, xp):
            e, d, y = self._e[part], self._d[part], self._y[part]
            through_d = self._window_sum(dy[part] * y / d, before, after)
            de = (-2 * self.alpha * self.beta) * e * through_d
            # dx
            dx[part] = dy[part] * d**-self.beta + de
            dx[part] -= self._window_sum(de / self._count, before, after)
        return dx
