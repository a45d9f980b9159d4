"""Local response normalisation."""

from ..engine.arrays import Array
from ..engine.parts import in_parts
from ..engine.twin import twin
from .base import Layer, Shape
from .half import in_float32
from .neighbours import Neighbours, window_sum
from .refuse import takes, takes_gradient
from .refuse_numbers import finite, whole

__all__ = ["LocalResponseNormalization"]


@twin
@in_parts(arrays_held=5)
def response_normalization(
    x: Array, over: Neighbours, k: float, alpha: float, beta: float
) -> tuple[Array, Array]:
    """Return d = k + alpha * (sum of x^2 over the neighbours) and y = x d^-beta."""
    d = k + alpha * window_sum(x * x, over)
    return d, x * d**-beta


@twin
@in_parts(arrays_held=6)
def response_normalization_backward(
    x: Array, d: Array, y: Array, dy: Array, over: Neighbours, alpha: float, beta: float
) -> Array:
    """Return dx = dy d^-beta - 2 alpha beta x * (sum of dy y / d over the neighbours).

    x[j] enters y[i] through d[i] for every i that has j as its neighbour. So the sum
    runs over the window turned round.
    """
    through_x = dy * d**-beta
    through_d = window_sum(dy * y / d, over.turned())
    # dx
    return through_x - (2 * alpha * beta) * x * through_d


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
        finite(k=k, alpha=alpha, beta=beta)
        if not (k > 0 and alpha >= 0):
            raise ValueError(f"expected k > 0 and alpha >= 0, got k={k}, alpha={alpha}")
        self.n, self.groups = whole(n, "n"), whole(groups, "groups")
        self.k, self.beta, self.across = k, beta, across
        # Of maps seen as (N, groups, C/groups, H, W).
        self.axes = (2,) if across == "channels" else (3, 4)
        self.alpha = alpha / n ** len(self.axes) if divide_alpha_by_n else alpha

    @property
    def over(self) -> Neighbours:
        """The neighbours: n // 2 before, the map itself, (n - 1) // 2 after."""
        return Neighbours(self.axes, self.groups, self.n // 2, (self.n - 1) // 2)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the input, (C, H, W)."""
        if shape[0] % self.groups:
            raise ValueError(
                f"LocalResponseNormalization expected channels divisible into "
                f"{self.groups} groups, got {shape[0]}"
            )
        return shape

    @takes("(N, C, H, W)")
    @in_float32
    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y = x d^-beta, of the shape and dtype of x, (N, C, H, W)."""
        self._x = x
        constants = self.k, self.alpha, self.beta
        self._d, self._y = response_normalization(x, self.over, *constants)
        return self._y

    @takes_gradient
    @in_float32
    def backward(self, dy: Array) -> Array:
        """Return dx, (N, C, H, W), see `response_normalization_backward`."""
        arrays = self._x, self._d, self._y, dy
        # dx
        return response_normalization_backward(
            *arrays, self.over, self.alpha, self.beta
        )
