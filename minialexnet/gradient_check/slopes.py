r"""How the slope of a forward is measured, without any look at its backward.

A layer's output y has many numbers. A fixed random dy makes one of them,
L = sum(dy * y), and backward(dy) claims to be the gradient of L. There are two ways to
measure L's slope when an array p moves along a direction v:

**The complex step**, Im L(p + i h v) / h with h = 1e-30. Nothing is subtracted, so
nothing is lost to rounding, and the error is that of forward itself, about 1e-16.
Forward must take complex arrays, and nothing in it may drop the imaginary part, as abs,
conj and buffers of a fixed float type do. Comparisons are no obstacle: NumPy orders
complex numbers by their real parts first.

**Central differences**, (L(p + h v) - L(p - h v)) / 2h, the mean of the slopes to the
right and to the left. Their error has two parts that pull h apart, with eps the
rounding error of the type::

    truncation  h^2 |L'''| / 6     of the curve, smaller for a short step
    rounding    eps |L| / h        of the subtraction, smaller for a long one

The sum is smallest where its derivative by h is 0, at
``h = (3 eps |L| / |L'''|)^(1/3)``. If L changes as a whole when p moves by its own size
s, ``|L'''|`` is about ``|L| / s^3``, and up to a factor near 1 ::

    h = eps^(1/3) s,    with an error of about eps^(2/3) |L| / s:

    float64    h = 6e-6 s    error 4e-11 |L| / s
    float32    h = 5e-3 s    error 2e-5 |L| / s, which would hide many a mistake;

so the check computes in float64, whatever the type of the layer, and takes this one
step. Where forward has a kink within h of p, the slopes to the two sides differ and
their mean is no derivative: p must stay further from it. The complex step may come as
near to a kink as it likes.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.arrays import Array, get_array_module
from .arrays import Arrays, only, to_host

EPS = float(np.finfo("float64").eps)
STEP = EPS ** (1 / 3)  # of central differences, times the size of what moves
ACCURACY = EPS ** (2 / 3)  # of central differences
COMPLEX_STEP = 1e-30


class Slopes:
    """The slopes of L = sum(dy * y) along directions of the arrays it depends on.

    Parameters
    ----------
    forward : callable
        From a dict of arrays like `values` to y.
    values : dict of str to ndarray
        "x" and the parameters, float64.
    y, dy : ndarray
        What forward makes of `values`, and the weights of its elements in L.
    """

    def __init__(
        self, forward: Callable[[Arrays], Any], values: Arrays, y: Array, dy: Array
    ) -> None:
        self.forward, self.values, self.y, self.dy = forward, values, y, dy
        self.xp = get_array_module(values["x"])

    def measure(self, name: str, v: Array, method: str) -> float:
        """Return L's slope when the array `name` moves along v."""
        if method == "complex":
            return self.complex_step(name, v)
        left, right = self.sides(name, v)
        return float((left + right).sum() / 2)

    def complex_step(self, name: str, v: Array) -> float:
        """Return Im L(p + i h v) / h."""
        arrays = {key: value.astype(complex) for key, value in self.values.items()}
        arrays[name] = self.values[name] + 1j * COMPLEX_STEP * v
        with warnings.catch_warnings():
            # A cast that drops the imaginary part is a failure, not a footnote.
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            y = to_host(self.forward(arrays))
        return float((self.dy * y.imag).sum() / COMPLEX_STEP)

    def sides(self, name: str, v: Array, step: float = STEP) -> tuple[Array, Array]:
        """Return what each y adds to (L(p) - L(p-hv)) / h and to (L(p+hv) - L(p)) / h.

        Subtracted before they are summed, what does not change adds no rounding.
        """
        h = step * self.size(name)
        p, hv = self.values[name], self.xp.asarray(h * v)
        down = to_host(self.forward({**self.values, name: p - hv}))
        up = to_host(self.forward({**self.values, name: p + hv}))
        return self.dy * (self.y - down) / h, self.dy * (up - self.y) / h

    def size(self, name: str) -> float:
        """Return the size of what is in an array, and 1 for an array of zeros."""
        largest = float(abs(self.values[name]).max())
        return max(largest, 1e-6) if largest else 1.0

    def unit(self, name: str) -> float:
        """Return the slope by which L changes as a whole when p moves by its size."""
        return float(np.linalg.norm(self.dy * self.y)) / self.size(name)

    def kink(self, name: str, v: Array, given: float) -> tuple[float, float] | None:
        """Return the slopes to both sides if they differ and `given` lies between."""
        left, right = (float(side.sum()) for side in self.sides(name, v))
        slack = 1e-3 * max(abs(left), abs(right), 1e-4 * self.unit(name))
        low, high = min(left, right) - slack, max(left, right) + slack
        if abs(right - left) > 2 * slack and low <= given <= high:
            return left, right
        return None

    def why_not_complex(self, name: str, v: Array) -> str:
        """Return why the complex step is no measure here, or "" if it is one.

        It is none if it differs from central differences by more than these can be
        off. With a kink within their step they say nothing about it: then only every
        second element moves along v, every fourth, and so on, until no kink is near.
        """
        if self.xp is not np:
            return f"{self.xp.__name__} arrays"
        every = 1
        while every <= v.size:
            some = only(v, slice(every // 2, None, every))
            try:
                by_complex = self.complex_step(name, some)
            except Exception as error:  # whatever forward says to complex numbers
                text = str(error).partition("\n")[0]
                return f"complex numbers end in {type(error).__name__}: {text}"
            if not np.isfinite(by_complex):
                return f"complex numbers end in {by_complex}"
            left, right = self.sides(name, some)
            left_half, right_half = self.sides(name, some, STEP / 2)
            by_central = float((left + right).sum() / 2)
            by_half = float((left_half + right_half).sum() / 2)
            apart, change = abs(by_complex - by_central), abs(by_central - by_half)
            unit = max(abs(by_complex), abs(by_central), self.unit(name))
            # Half the step has a quarter of the truncation: 3/4 of it is the change.
            if apart <= 2 * change + 30 * ACCURACY * unit:
                return ""
            # On a smooth curve the two sides differ half as much at half the step.
            kinks = abs((right - left) - 2 * (right_half - left_half)).sum()
            if apart > 2 * kinks + 10 * change:
                return "forward loses the imaginary part"
            every *= 2
        return ""
