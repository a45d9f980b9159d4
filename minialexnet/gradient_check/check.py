r"""Is a layer's backward the derivative of its forward? Measured, not believed.

Three lines check a layer of your own. It needs ``forward(x)`` and ``backward(dy)``,
and, if it learns anything, ``params`` and ``grads``, two dicts with the same keys:

>>> class Swish:
...     def forward(self, x):
...         self.x, self.s = x, 1 / (1 + np.exp(-x))
...         return x * self.s
...     def backward(self, dy):
...         return dy * self.s * (1 + self.x * (1 - self.s))
>>> import numpy as np
>>> from minialexnet import check_layer
>>> x = np.random.default_rng(0).standard_normal((4, 3))
>>> print(check_layer(Swish(), x))  # doctest: +ELLIPSIS
Swish: every gradient agrees
  dx  largest relative error ... (tolerance 1e-10), complex step, all 12 elements

and a wrong backward is told where it is wrong:

>>> Swish.backward = lambda self, dy: dy * self.s
>>> check_layer(Swish(), x)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
minialexnet.gradient_check.report.GradientError: dx of Swish is wrong at (...

slopes.py says how slopes are measured, by the complex step or by central differences.
With ``method="auto"`` a first slope of each array is measured both ways, and the
complex step is left aside where the two differ, and on CuPy arrays.

At a kink (ReLU's 0, tied maxima) there is no derivative: keep x away, by 1e-5 of its
largest element for central differences, and test what backward does there apart.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.arrays import Array
from .arrays import Arrays, as_float64, to_host
from .contract import checked_gradient, named_arrays, require_finite, run_twice
from .elements import compare
from .held import Held
from .report import GradientError, Report
from .slopes import Slopes


def check_layer(
    layer: Any,
    x: Array,
    *inputs: Any,
    train: bool = False,
    method: str = "auto",
    tolerance: float | None = None,
    seed: int = 0,
) -> Report:
    """Check a layer's backward against the measured slopes of its forward.

    Checked are dx and the gradient by every parameter; and that neither forward nor
    backward changes x, dy or a parameter, that every gradient has its array's shape
    and every parameter its gradient, and that a second backward gives the same
    gradients as the first.

    The check runs in float64, whatever the types of x and the parameters. Before each
    forward the layer is put back to how it came (its parameters, ``state`` and random
    generators), so that dropout draws the same mask each time; and once more at the
    end, also if the check fails.

    Parameters
    ----------
    layer : object
        With ``forward(x)`` and ``backward(dy)``; if it has parameters, with dicts
        ``params`` and ``grads`` of the same keys or, for a network, with methods
        ``parameters()`` and ``gradients()`` that return such dicts. A loss, whose
        forward returns one number, may have a ``backward()`` that takes nothing.
    x : ndarray of float
        Away from kinks and ties. About a hundred elements are plenty.
    *inputs
        What forward takes after x, and has no gradient: a loss's labels.
    train : bool
        Passed on to a forward that has such a parameter.
    method : {"auto", "complex", "central"}
        Of measuring slopes; "auto" chooses for each array.
    tolerance : float, optional
        The largest relative error allowed: by default 1e-10 by the complex step, 1e-6
        by central differences.
    seed : int
        Of dy, the elements drawn and the directions.

    Returns
    -------
    Report

    Raises
    ------
    GradientError
        Naming the array, the worst index, the measured value and backward's, and the
        relative error; or the part of the contract that is broken.
    TypeError
        If x or a parameter is no array of real floating-point numbers, or if the
        parameters do not lie in the attributes, lists and dicts of the layers.
    ValueError
        If x is empty, `method` unknown, or the complex step asked of CuPy arrays.

    Examples
    --------
    >>> from minialexnet import FullyConnected, SoftmaxCrossEntropy
    >>> x = np.linspace(-1, 1, 8).reshape(2, 4)
    >>> check_layer(FullyConnected(4, 3), x).errors.keys()
    dict_keys(['x', 'W', 'b'])
    >>> report = check_layer(SoftmaxCrossEntropy(), x, np.array([3, 0]))
    >>> report.errors["x"] < 1e-12
    True
    """
    name = type(layer).__name__
    takes_train = "train" in inspect.signature(layer.forward).parameters
    options = {"train": train} if train or takes_train else {}
    held = Held(layer)
    own = named_arrays(layer, "parameters", "params")
    held.require(own)
    values = {"x": as_float64(x, "x")}
    values |= {key: as_float64(array, key) for key, array in own.items()}

    def forward(arrays: Arrays) -> Any:
        held.write({id(own[key]): arrays[key] for key in own})
        return layer.forward(arrays["x"], *inputs, **options)

    def forward_again(arrays: Arrays) -> Any:
        held.rewind()
        return layer.forward(arrays["x"], *inputs, **options)

    rng = np.random.default_rng(seed)
    try:
        y, dy, gradients = run_twice(layer, (forward, forward_again), values, rng)
        if "x" not in gradients and not (held.skips_dx and gradients):
            raise GradientError(f"{name}.backward returned None, expected dx")
        slopes = Slopes(forward, values, y, dy)
        return compare(name, slopes, gradients, method, tolerance, rng)
    finally:
        held.restore()


def check_function(
    f: Callable[[Array], Any],
    gradient: Array | Callable[[Array], Array],
    x: Array,
    method: str = "auto",
    tolerance: float | None = None,
    seed: int = 0,
) -> Report:
    """Check a gradient against the measured slopes of a function.

    Parameters
    ----------
    f : callable
        From an array like x to one number.
    gradient : ndarray or callable
        The gradient of f at x, of the shape of x; or the function from x to it.
    x : ndarray of float
        Away from kinks and ties.
    method, tolerance, seed
        As for `check_layer`.

    Returns
    -------
    Report
        Its one array is called "x".

    Raises
    ------
    GradientError
        Naming the worst index, both values, the relative error and the tolerance.
    TypeError, ValueError
        As for `check_layer`; ValueError also if f returns more than one number.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> report = check_function(lambda x: (x**3).sum(), lambda x: 3 * x**2, x)
    >>> report.errors["x"] < 1e-12
    True
    """
    name = getattr(f, "__name__", type(f).__name__)
    x = as_float64(x, "x")

    y = to_host(f(x.copy()))
    if y.size != 1:
        raise ValueError(f"expected {name} to return one number, got shape {y.shape}")
    require_finite(y, f"{name} returned")
    dx = gradient(x.copy()) if callable(gradient) else gradient
    gradients = {"x": checked_gradient(dx, "x", x, name)}
    slopes = Slopes(lambda arrays: f(arrays["x"]), {"x": x}, y, np.ones(y.shape))
    rng = np.random.default_rng(seed)
    return compare(name, slopes, gradients, method, tolerance, rng)
