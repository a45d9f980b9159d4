"""Local contrast normalisation, the 2012 code's ``cnorm``."""

from ..engine.arrays import Array, get_array_module
from ..engine.parts import in_parts
from ..layers.lrn import LocalResponseNormalization
from ..layers.neighbours import Neighbours, window_sum
from ..layers.refuse import takes, takes_gradient

__all__ = ["LocalContrastNormalization"]


@in_parts(arrays_held=5)
def contrast_normalization(
    x: Array, over: Neighbours, k: float, alpha: float, beta: float
) -> tuple[Array, Array, Array]:
    """Return e = x - m, d = k + alpha * (sum of e^2) and y = x d^-beta."""
    e = x - window_sum(x, over) / pixels_seen(x, over)
    d = k + alpha * window_sum(e * e, over)
    return e, d, x * d**-beta


@in_parts(arrays_held=7)
def contrast_normalization_backward(
    e: Array, d: Array, y: Array, dy: Array, over: Neighbours, alpha: float, beta: float
) -> Array:
    """Return dx = dy d^-beta + de - (sum of de / pixels seen, over the turned window).

    de = -2 alpha beta e * (sum of dy y / d over the turned window) is the gradient by
    e = x - m.
    """
    turned = over.turned()
    de = (-2 * alpha * beta) * e * window_sum(dy * y / d, turned)
    # dx
    return dy * d**-beta + de - window_sum(de / pixels_seen(dy, over), turned)


def pixels_seen(x: Array, over: Neighbours) -> Array:
    """Return how many pixels the window of each place holds, (1, 1, H, W)."""
    ones = get_array_module(x).ones((1, 1, *x.shape[2:]), x.dtype)
    return window_sum(ones, over)


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

    @takes("(N, C, H, W)")
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y = x d^-beta, of the shape and dtype of x, (N, C, H, W)."""
        constants = self.k, self.alpha, self.beta
        self._e, self._d, self._y = contrast_normalization(x, self.over, *constants)
        return self._y

    @takes_gradient
    def backward(self, dy: Array) -> Array:
        """Return dx, (N, C, H, W), see `contrast_normalization_backward`."""
        arrays = self._e, self._d, self._y, dy
        # dx
        return contrast_normalization_backward(
            *arrays, self.over, self.alpha, self.beta
        )
