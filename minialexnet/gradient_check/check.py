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
>>> from minialexnet.gradient_check.check import check_layer
>>> x = np.random.default_rng(0).standard_normal((4, 3))
>>> print(check_layer(Swish(), x))  # doctest: +ELLIPSIS
Swish: every gradient agrees
  dx  largest relative error ... (tolerance 1e-10), complex step, all 12 elements

and a wrong backward is told where it is wrong:

>>> Swish.backward = lambda self, dy: dy * self.s
>>> check_layer(Swish(), x)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
minialexnet.gradient_check.check.GradientError: dx of Swish is wrong at (...

What is measured is the slope of the one number L = sum(dy * y) for a fixed random dy,
of which backward(dy) gives the whole gradient. There are two ways to a slope along v:

The complex step, Im L(x + i h v) / h with h = 1e-30. Nothing is subtracted, so nothing
is lost to rounding, and the error is that of forward itself, about 1e-16. Forward must
take complex arrays and nothing in it may drop the imaginary part, as abs, conj and
buffers of a fixed float type do. Comparisons are no obstacle: NumPy orders complex
numbers by their real parts first.

Central differences, (L(x + h v) - L(x - h v)) / 2h, taken at h and h/2 and
extrapolated; good to about 1e-9. This is the way on CuPy arrays, and for a forward
that the complex step does not get through. With ``method="auto"`` a first slope of each
array is measured both ways, and the complex step is left aside where the two differ.

The relative error of backward's a against the measured b is ::

    |a - b| / max(|a|, |b|, floor),

floor being 1 % of the largest gradient in the same array or, if larger, 1e-4 of
norm(dy * y) / max(``|p|``, 0.1), p the array that moves, and both times norm(v) along a
random v: what rounding leaves of a zero is not measured against itself.

An array of up to 200 elements is checked at every element. Of a larger one 64 elements
are drawn, and three random directions move all the elements at once, so that one wrong
element anywhere still shows; it is then found by halving.

Where forward has a kink (ReLU at 0) or a choice between equals (tied maxima) there is
no derivative to compare with: keep x away from these, and test what backward does there
apart. The complex step may come as near as it likes, central differences should stay
1e-4 of the largest element away.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..engine.arrays import Array, get_array_module
from ..engine.transfer import to_numpy

__all__ = ["ArrayCheck", "GradientError", "Report", "check_function", "check_layer"]

EVERY_ELEMENT_UP_TO = 200  # elements; of larger arrays a sample and directions
SAMPLE = 64
DIRECTIONS = 3
TOLERANCE = {"complex": 1e-10, "central": 1e-6}
METHOD = {"complex": "complex step", "central": "central differences"}

Arrays = dict[str, Any]


class GradientError(AssertionError):
    """A backward that is not the derivative of its forward, or breaks its contract."""


@dataclass(frozen=True)
class ArrayCheck:
    """How one array's gradient compared.

    Attributes
    ----------
    name : str
        ``"x"``, or the key of the parameter: ``"W"``, in a network ``"conv1.W"``.
    method : {"complex", "central"}
    error : float
        The largest relative error found.
    tolerance : float
    index : tuple of int or None
        Where it was found; None if along a random direction.
    gradient, measured : float
        The two values there.
    elements, size : int
        How many elements were checked, and how many there are.
    directions : int
        How many random directions through all the elements were checked as well.
    off : int
        How many of the elements and directions are beyond the tolerance.
    note : str
        Why ``method="auto"`` left the complex step aside, if it did.
    """

    name: str
    method: str
    error: float
    tolerance: float
    index: tuple[int, ...] | None
    gradient: float
    measured: float
    elements: int
    size: int
    directions: int
    off: int
    note: str = ""

    def __str__(self) -> str:
        """Return how well the gradient agreed, and what was checked, in one line."""
        number = "all" if self.elements == self.size else f"{self.elements} of"
        ways = f" and {self.directions} random directions" if self.directions else ""
        return (
            f"{_gradient_of(self.name)}  largest relative error {self.error:.1e} "
            f"(tolerance {self.tolerance:g}), {self._method()}, "
            f"{number} {self.size} elements{ways}"
        )

    def _method(self) -> str:
        return METHOD[self.method] + (f" ({self.note})" if self.note else "")

    def _failure(self, subject: str) -> str:
        """Return where `subject`'s gradient is wrong, and by how much."""
        where = "along a direction" if self.index is None else f"at {self.index}"
        text = (
            f"{_gradient_of(self.name)} of {subject} is wrong {where}: expected "
            f"{self.measured:.17g} by {self._method()}, got {self.gradient:.17g}; "
            f"relative error {self.error:.1e}, tolerance {self.tolerance:g}; "
            f"{self.off} of {self.elements + self.directions} slopes are off"
        )
        if self.measured == 0 and self.name != "x":
            text += (
                ". The output does not change with it: does forward read "
                f"{self.name!r} from where the parameters are kept?"
            )
        return text


@dataclass(frozen=True)
class Report:
    """What `check_layer` and `check_function` found; ``str()`` lays it out.

    Attributes
    ----------
    subject : str
        The layer's class, or the function's name.
    arrays : tuple of ArrayCheck
        x first, then the parameters.
    """

    subject: str
    arrays: tuple[ArrayCheck, ...]

    @property
    def errors(self) -> dict[str, float]:
        """The largest relative error of each array: ``{"x": 2e-16, "W": 3e-16}``."""
        return {check.name: check.error for check in self.arrays}

    def __str__(self) -> str:
        """Return one line for each array."""
        lines = [f"{self.subject}: every gradient agrees"]
        return "\n  ".join([*lines, *map(str, self.arrays)])


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
        See the module's description.
    tolerance : float, optional
        The largest relative error allowed. By default 1e-10 by the complex step and
        1e-6 by central differences.
    seed : int
        Of dy, the elements drawn and the directions.

    Returns
    -------
    Report

    Raises
    ------
    GradientError
        Naming the array, the worst index, the measured value and backward's, the
        relative error and the tolerance; or the part of the contract that is broken.
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
    held = _Held(layer)
    own = _named_arrays(layer, "parameters", "params")
    held.require(own)
    values = {"x": _as_float64(x, "x")}
    values |= {key: _as_float64(array, key) for key, array in own.items()}

    def forward(arrays: Arrays, again: bool = False) -> Any:
        if again:
            held.rewind()
        else:
            held.write({id(own[key]): arrays[key] for key in own})
        return layer.forward(arrays["x"], *inputs, **options)

    rng = np.random.default_rng(seed)
    try:
        y, dy, gradients = _run_twice(layer, forward, values, rng)
        if "x" not in gradients and not (held.skips_dx and gradients):
            raise GradientError(f"{name}.backward returned None, expected dx")
        slopes = _Slopes(forward, values, y, dy)
        return _compare(name, slopes, gradients, method, tolerance, rng)
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
    x = _as_float64(x, "x")

    def forward(arrays: Arrays) -> Any:
        return f(arrays["x"])

    y = _to_host(forward({"x": x.copy()}))
    if y.size != 1:
        raise ValueError(f"expected {name} to return one number, got shape {y.shape}")
    _require_finite(y, f"{name} returned")
    dx = gradient(x.copy()) if callable(gradient) else gradient
    gradients = {"x": _checked_gradient(dx, "x", x, name)}
    slopes = _Slopes(forward, {"x": x}, y, np.ones(y.shape))
    rng = np.random.default_rng(seed)
    return _compare(name, slopes, gradients, method, tolerance, rng)


def _run_twice(
    layer: Any, forward: Callable[..., Any], values: Arrays, rng: np.random.Generator
) -> tuple[Array, Array, Arrays]:
    """Run forward and backward twice; return y, dy and the gradients, as NumPy arrays.

    For the second run only what forward draws from is set back, not what the first
    backward left behind: added-up gradients show.
    """
    name = type(layer).__name__
    xp = get_array_module(values["x"])
    takes_dy = bool(inspect.signature(layer.backward).parameters)
    runs: list[tuple[Array, Arrays]] = []
    dy = np.ones(())
    for again in (False, True):
        given = {key: value.copy() for key, value in values.items()}
        y = _to_host(forward(given, again)).copy()
        if y.dtype != np.float64 or y.size == 0:
            raise GradientError(
                f"{name}.forward is expected to turn float64 numbers into float64 "
                f"numbers, got {y.dtype} of shape {y.shape}"
            )
        _require_finite(y, f"{name}.forward returned")
        _require_unchanged(f"{name}.forward", given, values, layer)
        if not takes_dy and y.shape:
            raise TypeError(
                f"{name}.backward takes no dy, so forward is expected to return one "
                f"number, got shape {y.shape}"
            )
        if takes_dy and not again:
            dy = np.asarray(rng.standard_normal(y.shape))
        given["dy"] = xp.asarray(dy.copy())
        dx = layer.backward(given["dy"]) if takes_dy else layer.backward()
        _require_unchanged(f"{name}.backward", given, {**values, "dy": dy}, layer)
        runs.append((y, _collect_gradients(layer, dx, values)))
    (y, gradients), (y_again, gradients_again) = runs
    if not _close(y, y_again):
        raise GradientError(
            f"{name}.forward gives two outputs for one x: what it draws from must be "
            "a number in `state` or a numpy.random.Generator among its attributes, so "
            "that the check can set it back"
        )
    for key, first in gradients.items():
        second = gradients_again[key]
        if not _close(first, second):
            index = _worst(first - second)
            raise GradientError(
                f"{_gradient_of(key)} of {name} differs in a second backward at "
                f"{index}: first {first[index]:.17g}, then {second[index]:.17g}; "
                "backward must write gradients, not add to them"
            )
    return y, dy, gradients


def _collect_gradients(layer: Any, dx: Any, values: Arrays) -> Arrays:
    """Return dx, unless it is None, and the gradients by the parameters, checked."""
    name = type(layer).__name__
    gradients = {} if dx is None else {"x": dx}
    by_parameters = _named_arrays(layer, "gradients", "grads")
    expected = values.keys() - {"x"}
    if by_parameters.keys() != expected:
        raise GradientError(
            f"{name}.backward is expected to give the gradients {sorted(expected)}, "
            f"got {sorted(by_parameters)}"
        )
    gradients |= {key: by_parameters[key] for key in values if key != "x"}
    return {
        key: _checked_gradient(gradient, key, values[key], name)
        for key, gradient in gradients.items()
    }


def _checked_gradient(gradient: Any, key: str, value: Array, subject: str) -> Array:
    """Return a NumPy copy of a gradient that has the shape and type of its array."""
    host, label = _to_host(gradient).copy(), f"{_gradient_of(key)} of {subject}"
    if host.shape != value.shape:
        raise GradientError(
            f"{label} has shape {host.shape}, expected that of {key}, {value.shape}"
        )
    if host.dtype != np.float64:
        raise GradientError(
            f"{label} has type {host.dtype}, expected that of {key}, float64"
        )
    _require_finite(host, f"{label} is")
    return host


class _Slope(NamedTuple):
    """A slope by the gradient and as it was measured, and the relative error."""

    error: float
    given: float
    measured: float
    place: int | None  # the one element that moved, counted flat; None: several

    @property
    def apart(self) -> float:
        return abs(self.given - self.measured)


class _Slopes:
    """The slopes of sum(dy * y) along directions of the arrays it depends on."""

    def __init__(
        self, forward: Callable[[Arrays], Any], values: Arrays, y: Array, dy: Array
    ) -> None:
        self.forward, self.values, self.dy = forward, values, dy
        self.xp = get_array_module(values["x"])
        self.size_of_y = float(np.linalg.norm(dy * y))

    def scale(self, name: str) -> float:
        """Return the size of what is in the array, at least 0.1."""
        return max(0.1, float(abs(self.values[name]).max()))

    def complex_step(self, name: str, v: Array, *expected: float) -> float:
        """Return Im sum(dy * y(p + i h v)) / h."""
        arrays = {key: value.astype(complex) for key, value in self.values.items()}
        arrays[name] = self.values[name] + 1e-30j * v
        with warnings.catch_warnings():
            # A cast that drops the imaginary part is a failure, not a footnote.
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            y = _to_host(self.forward(arrays))
        return float((self.dy * y.imag).sum() / 1e-30)

    def central(self, name: str, v: Array, *expected: float) -> float:
        """Return the slope from differences at h and h/2, extrapolated to h = 0.

        A step across a kink, or a long one where y bends sharply, gives a wrong slope.
        So a slope that is not an `expected` one is measured again with steps a hundred
        and ten thousand times shorter, and the nearest of the three is returned.
        """
        found = []
        for step in (1e-4, 1e-6, 1e-8):
            h = step * self.scale(name)
            coarse = self._difference(name, v, h)
            slope = (4 * self._difference(name, v, h / 2) - coarse) / 3
            miss = min(abs(slope - value) for value in expected)
            found.append((miss if np.isfinite(miss) else np.inf, slope))
            if miss <= 1e-8 * abs(slope):
                break
        return min(found)[1]

    def _difference(self, name: str, v: Array, h: float) -> float:
        step = self.xp.asarray(h * v)
        up = {**self.values, name: self.values[name] + step}
        down = {**self.values, name: self.values[name] - step}
        # Subtracted before they are summed: what does not change adds no rounding.
        change = _to_host(self.forward(up)) - _to_host(self.forward(down))
        return float((self.dy * change).sum() / (2 * h))

    def why_not_complex(self, name: str, v: Array, gradient: Array) -> str:
        """Return why the complex step is no measure here, or "" if it is one."""
        if self.xp is not np:
            return f"{self.xp.__name__} arrays"
        try:
            by_complex = self.complex_step(name, v)
        except Exception as error:  # whatever forward says to complex numbers
            text = str(error).partition("\n")[0]
            return f"complex numbers end in {type(error).__name__}: {text}"
        if not np.isfinite(by_complex):
            return f"complex numbers end in {by_complex}"
        given = float((gradient * v).sum())
        by_central = self.central(name, v, by_complex, given)
        unit = max(abs(by_central), abs(by_complex), self.floor(name, v, gradient))
        lost = abs(by_central - by_complex) > TOLERANCE["central"] * unit
        # A part too small for that may be lost too, x^2 in 1 + 1e-4 x^2 say. It is if
        # the differences side with the gradient that the complex step would refuse.
        refused = abs(given - by_complex) > TOLERANCE["complex"] * unit
        sided = 10 * abs(by_central - given) < abs(by_central - by_complex)
        if lost or (refused and sided):
            return "forward loses the imaginary part"
        return ""

    def compare(self, name: str, v: Array, gradient: Array, method: str) -> _Slope:
        """Return the slope along v by the gradient and as measured."""
        given = float((gradient * v).sum())
        measure = self.complex_step if method == "complex" else self.central
        measured = measure(name, v, given)
        slope = _Slope(0.0, given, measured, None)
        if given == measured:
            return slope
        unit = max(abs(given), abs(measured), self.floor(name, v, gradient))
        error = slope.apart / unit
        return slope._replace(error=error if np.isfinite(error) else np.inf)

    def floor(self, name: str, v: Array, gradient: Array) -> float:
        """Return the slope below which errors are no longer relative to it."""
        largest = float(abs(gradient).max())
        of_output = 1e-4 * self.size_of_y / self.scale(name)
        return float(np.linalg.norm(v)) * max(1e-2 * largest, of_output)


def _compare(
    subject: str,
    slopes: _Slopes,
    gradients: Arrays,
    method: str,
    tolerance: float | None,
    rng: np.random.Generator,
) -> Report:
    """Check every array; return the report or raise, naming each array that is off."""
    if method not in ("auto", *METHOD):
        raise ValueError(
            f"expected method to be 'auto', 'complex' or 'central', got {method!r}"
        )
    if method == "complex" and slopes.xp is not np:
        raise ValueError(
            f"the complex step is for NumPy arrays, got {slopes.xp.__name__} arrays"
        )
    checks = tuple(
        _check_array(slopes, name, gradient, method, tolerance, rng)
        for name, gradient in gradients.items()
    )
    failures = [check._failure(subject) for check in checks if check.off]
    if failures:
        raise GradientError("\n".join(failures))
    return Report(subject, checks)


def _check_array(
    slopes: _Slopes,
    name: str,
    gradient: Array,
    method: str,
    tolerance: float | None,
    rng: np.random.Generator,
) -> ArrayCheck:
    """Measure elements, and directions if the array is large, against `gradient`."""
    shape, size, note = gradient.shape, gradient.size, ""
    if method == "auto":
        note = slopes.why_not_complex(name, rng.standard_normal(shape), gradient)
        method = "central" if note else "complex"
    tolerance = TOLERANCE[method] if tolerance is None else tolerance

    def along(v: Array) -> _Slope:
        return slopes.compare(name, v, gradient, method)

    def at(place: int) -> _Slope:
        return along(_only(np.ones(shape), place))._replace(place=place)

    everywhere = size <= EVERY_ELEMENT_UP_TO
    drawn = range(size) if everywhere else rng.choice(size, SAMPLE, replace=False)
    elements = [at(int(place)) for place in drawn]
    directions = []
    for _ in range(0 if everywhere else DIRECTIONS):
        v = rng.standard_normal(shape)
        directions.append(along(v))
        missed = all(element.error <= tolerance for element in elements)
        if missed and directions[-1].error > tolerance:
            elements.append(at(_locate(along, v)))
    off = [slope for slope in elements + directions if slope.error > tolerance]
    # Where elements are off, name one of them rather than a direction.
    off_elements = [slope for slope in off if slope.place is not None]
    worst = max(off_elements or elements + directions, key=lambda slope: slope.error)
    return ArrayCheck(
        name=name,
        method=method,
        error=worst.error,
        tolerance=tolerance,
        index=None if worst.place is None else _index(worst.place, shape),
        gradient=worst.given,
        measured=worst.measured,
        elements=len(elements),
        size=size,
        directions=len(directions),
        off=len(off),
        note=note,
    )


def _locate(along: Callable[[Array], _Slope], v: Array) -> int:
    """Return an element that is off, following the half of v that is further off."""
    places = np.arange(v.size)
    while len(places) > 1:
        first, second = np.array_split(places, 2)
        first_is_worse = along(_only(v, first)).apart > along(_only(v, second)).apart
        places = first if first_is_worse else second
    return int(places[0])


def _only(v: Array, places: Any) -> Array:
    """Return v at the flat `places`, and 0 elsewhere."""
    part = np.zeros(v.shape)
    part.flat[places] = v.flat[places]
    return part


class _Held:
    """All that a layer, and the layers in it, hold; to be exchanged and put back."""

    def __init__(self, layer: Any) -> None:
        self._contents: list[tuple[dict[Any, Any] | list[Any], list[Any]]] = []
        self._states: list[tuple[Any, dict[Any, Any], dict[Any, Any]]] = []
        self._generators: list[tuple[Any, Any]] = []
        self._arrays: dict[int, Array] = {}
        self.skips_dx = False
        seen: dict[int, Any] = {}  # the objects too: a dead one's id may be given again
        waiting = [layer]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen or isinstance(thing, ModuleType):
                continue
            seen[id(thing)] = thing
            if _is_array(thing):
                self._arrays[id(thing)] = thing
            elif isinstance(thing, np.random.Generator):
                self._generators.append(
                    (thing.bit_generator, thing.bit_generator.state)
                )
            elif isinstance(thing, dict):
                self._contents.append((thing, list(thing.items())))
                waiting.extend(thing.values())
            elif isinstance(thing, list | tuple):
                if isinstance(thing, list):
                    self._contents.append((thing, list(thing)))
                waiting.extend(thing)
            elif hasattr(thing, "forward") and hasattr(thing, "__dict__"):
                waiting.append(vars(thing))
                state = getattr(thing, "state", None)
                if isinstance(state, dict):
                    self._states.append((thing, state, dict(state)))
                self.skips_dx |= not getattr(thing, "needs_dx", True)

    def require(self, arrays: Arrays) -> None:
        """Refuse parameters that cannot be exchanged one by one."""
        for name, array in arrays.items():
            if id(array) not in self._arrays:
                raise TypeError(
                    f"expected the parameter {name!r} to be an array that a layer "
                    "holds in its attributes, or in a dict or list there"
                )
        if len({id(array) for array in arrays.values()}) < len(arrays) or "x" in arrays:
            raise ValueError(
                "expected each parameter to be an array of its own, none called 'x', "
                f"got {sorted(arrays)}"
            )

    def write(self, replacements: dict[int, Array]) -> None:
        """Put all back as it came, but with other parameters, and copies of the rest.

        The copies keep what a layer does to its arrays in place from the originals.
        """
        copies = {key: array.copy() for key, array in self._arrays.items()}
        self._put({**copies, **replacements})

    def rewind(self) -> None:
        """Put back only what forward draws from: states and random generators."""
        for layer, state, values in self._states:
            state.clear()
            state.update(values)
            layer.state = state
        for generator, state in self._generators:
            generator.state = state

    def restore(self) -> None:
        """Put all back, the very objects that there were."""
        self._put(self._arrays)

    def _put(self, arrays: dict[int, Array]) -> None:
        for container, items in self._contents:
            if isinstance(container, list):
                container[:] = [arrays.get(id(value), value) for value in items]
            else:
                container.clear()
                container.update({k: arrays.get(id(v), v) for k, v in items})
        self.rewind()


def _named_arrays(layer: Any, method: str, attribute: str) -> Arrays:
    """Return ``layer.method()`` if there is such a method, else ``layer.attribute``."""
    found = getattr(layer, method, None)
    source = method + "()" if callable(found) else attribute
    arrays = found() if callable(found) else getattr(layer, attribute, {})
    if not isinstance(arrays, Mapping):
        raise TypeError(
            f"expected {type(layer).__name__}.{source} to be a dict from names to "
            f"arrays, got {type(arrays).__name__}"
        )
    return dict(arrays)


def _as_float64(array: Any, name: str) -> Array:
    """Return a float64 copy."""
    array = array if _is_array(array) else np.asarray(array)
    if array.dtype.kind != "f":
        raise TypeError(
            f"expected {name} of real floating-point numbers, got {array.dtype}"
        )
    if array.size == 0:
        raise ValueError(f"expected {name} with elements, got shape {array.shape}")
    return array.astype("float64")


def _to_host(value: Any) -> Array:
    """Return a NumPy array of an array or a Python number."""
    return np.asarray(to_numpy(value) if _is_array(value) else value)


def _is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")


def _gradient_of(name: str) -> str:
    """Return dx for x, dW for W, conv1.dW for conv1.W."""
    prefix, dot, last = name.rpartition(".")
    return f"{prefix}{dot}d{last}"


def _require_finite(array: Array, text: str) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        index = _worst(bad)
        raise GradientError(f"{text} {array[index]} at {index}")


def _require_unchanged(who: str, now: Arrays, before: Arrays, layer: Any) -> None:
    """Refuse a layer that changed what it was given, or its parameters."""
    now = {**now, **_named_arrays(layer, "parameters", "params")}
    for name, value in before.items():
        old, new = _to_host(value), _to_host(now[name])
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            raise GradientError(
                f"{who} changed {name}: from {old.dtype} {old.shape} "
                f"to {new.dtype} {new.shape}"
            )
        changed = old.view(np.int64) != new.view(np.int64)
        if changed.any():
            index = _worst(changed)
            raise GradientError(
                f"{who} changed {name}: at {index} from {old[index]} to {new[index]}"
            )


def _close(a: Array, b: Array) -> bool:
    return bool(abs(a - b).max() <= 1e-10 * abs(a).max())


def _worst(array: Array) -> tuple[int, ...]:
    """Return the index of the element furthest from 0."""
    return _index(int(abs(array).argmax()), array.shape)


def _index(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(place, shape))
