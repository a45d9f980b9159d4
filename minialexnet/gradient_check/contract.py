"""What a layer must keep to, besides having the right gradient.

Forward turns float64 numbers into float64 numbers, the same ones for the same x.
Neither forward nor backward changes x, dy or a parameter. Backward gives each array
a gradient of its shape and type, and writes it rather than adding to an earlier one.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..engine.arrays import Array, get_array_module
from .arrays import Arrays, to_host, worst
from .report import GradientError, gradient_name


def run_twice(
    layer: Any,
    forwards: Iterable[Callable[[Arrays], Any]],
    values: Arrays,
    rng: np.random.Generator,
) -> tuple[Array, Array, Arrays]:
    """Run forward and backward twice, and see that the layer keeps to its contract.

    Parameters
    ----------
    layer : object
    forwards : two callables
        The layer's forward, from a dict of arrays. Before the second only what forward
        draws from is set back, not what the first backward left: so a gradient that is
        added to the earlier one shows.
    values : dict of str to ndarray
    rng : numpy.random.Generator
        Draws dy.

    Returns
    -------
    y, dy : ndarray
    gradients : dict of str to ndarray
        By the arrays' names, without "x" if backward returned None.
    """
    name = type(layer).__name__
    takes_dy = bool(inspect.signature(layer.backward).parameters)
    dy: Array | None = None if takes_dy else np.ones(())
    runs: list[tuple[Array, Arrays]] = []
    for forward in forwards:
        given = {key: value.copy() for key, value in values.items()}
        y = _run_forward(layer, forward, given, values)
        if not takes_dy and y.shape:
            raise TypeError(
                f"{name}.backward takes no dy, so forward is expected to return one "
                f"number, got shape {y.shape}"
            )
        if dy is None:
            dy = np.asarray(rng.standard_normal(y.shape))
        given["dy"] = get_array_module(given["x"]).asarray(dy.copy())
        dx = layer.backward(given["dy"]) if takes_dy else layer.backward()
        _require_unchanged(f"{name}.backward", given, {**values, "dy": dy}, layer)
        runs.append((y, _collect_gradients(layer, dx, values)))
    _require_same(name, *runs)
    y, gradients = runs[0]
    return y, dy, gradients


def _run_forward(
    layer: Any, forward: Callable[[Arrays], Any], given: Arrays, values: Arrays
) -> Array:
    """Return a host copy of y, which must be finite float64 numbers."""
    name = type(layer).__name__
    try:
        y = to_host(forward(given)).copy()
    except Exception as error:
        if values["x"].ndim == 1:
            error.add_note(
                f"x has one axis, of {values['x'].size} numbers. If it is one example, "
                "make it a batch of one: x[None]"
            )
        raise
    if y.dtype != np.float64 or y.size == 0:
        raise GradientError(
            f"{name}.forward is expected to turn float64 numbers into float64 "
            f"numbers, got {y.dtype} of shape {y.shape}"
        )
    require_finite(y, f"{name}.forward returned")
    _require_unchanged(f"{name}.forward", given, values, layer)
    return y


def _require_same(
    name: str, first: tuple[Array, Arrays], second: tuple[Array, Arrays]
) -> None:
    """Refuse outputs or gradients that differ from one run to the next."""
    (y, gradients), (y_again, gradients_again) = first, second
    if not _close(y, y_again):
        raise GradientError(
            f"{name}.forward gives two outputs for one x: what it draws from must be "
            "a number in `state` or a numpy.random.Generator among its attributes, so "
            "that the check can set it back"
        )
    for key, gradient in gradients.items():
        again = gradients_again[key]
        if not _close(gradient, again):
            index = worst(gradient - again)
            raise GradientError(
                f"{gradient_name(key)} of {name} differs in a second backward at "
                f"{index}: first {gradient[index]:.17g}, then {again[index]:.17g}; "
                "backward must write gradients, not add to them"
            )


def _close(a: Array, b: Array) -> bool:
    return bool(abs(a - b).max() <= 1e-10 * abs(a).max())


def _collect_gradients(layer: Any, dx: Any, values: Arrays) -> Arrays:
    """Return dx, unless it is None, and the gradients by the parameters, checked."""
    name = type(layer).__name__
    gradients = {} if dx is None else {"x": dx}
    by_parameters = named_arrays(layer, "gradients", "grads")
    expected = values.keys() - {"x"}
    if by_parameters.keys() != expected:
        raise GradientError(
            f"{name}.backward is expected to give the gradients {sorted(expected)}, "
            f"got {sorted(by_parameters)}"
        )
    gradients |= {key: by_parameters[key] for key in values if key != "x"}
    return {
        key: checked_gradient(gradient, key, values[key], name)
        for key, gradient in gradients.items()
    }


def named_arrays(layer: Any, method: str, attribute: str) -> Arrays:
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


def checked_gradient(gradient: Any, key: str, value: Array, subject: str) -> Array:
    """Return a NumPy copy of a gradient that has the shape and type of its array."""
    host, label = to_host(gradient).copy(), f"{gradient_name(key)} of {subject}"
    if host.shape != value.shape:
        raise GradientError(
            f"{label} has shape {host.shape}, expected that of {key}, {value.shape}"
        )
    if host.dtype != np.float64:
        raise GradientError(
            f"{label} has type {host.dtype}, expected that of {key}, float64"
        )
    require_finite(host, f"{label} is")
    return host


def require_finite(array: Array, text: str) -> None:
    """Refuse an array with NaN or infinity in it; `text` says whose it is."""
    bad = ~np.isfinite(array)
    if bad.any():
        index = worst(bad)
        raise GradientError(f"{text} {array[index]} at {index}")


def _require_unchanged(who: str, now: Arrays, before: Arrays, layer: Any) -> None:
    """Refuse a layer that changed what it was given, or its parameters."""
    now = {**now, **named_arrays(layer, "parameters", "params")}
    for name, value in before.items():
        old, new = to_host(value), to_host(now[name])
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            raise GradientError(
                f"{who} changed {name}: from {old.dtype} {old.shape} "
                f"to {new.dtype} {new.shape}"
            )
        changed = old.view(np.int64) != new.view(np.int64)
        if changed.any():
            index = worst(changed)
            raise GradientError(
                f"{who} changed {name}: at {index} from {old[index]} to {new[index]}"
            )
