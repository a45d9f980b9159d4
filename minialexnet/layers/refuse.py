"""What a layer refuses, in two decorators that stand above forward and backward.

So the bodies below them hold the mathematics alone, and every layer refuses the same
things in the same words: what was expected, and what came.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import prod
from typing import TYPE_CHECKING, TypeVar

from ..engine.arrays import Array, get_array_module

if TYPE_CHECKING:
    from .base import Layer

Y = TypeVar("Y")
FORMS = {None: 0, "(N, C, H, W)": 4}  # axes of x; 0 is any number


def takes(form: str | None = None) -> Callable[[Callable[..., Y]], Callable[..., Y]]:
    """Let forward refuse what is no batch for this layer.

    Parameters
    ----------
    form : {None, "(N, C, H, W)"}
        The shape of x; None is a batch of anything.
    """

    def decorate(forward: Callable[..., Y]) -> Callable[..., Y]:
        @wraps(forward)
        def checked(self: Layer, x: Array, train: bool = False) -> Y:
            refuse_input(self, x, FORMS[form])
            get_array_module(x, *self.params.values())  # all of them on one module
            y_shape = (len(x), *self.output_shape(x.shape[1:]))
            y = forward(self, x, train)
            self.y_shape = y_shape
            return y

        return checked

    return decorate


def takes_gradient(backward: Callable[..., Y]) -> Callable[..., Y]:
    """Let backward refuse to come before forward, and a dy of the wrong shape."""

    @wraps(backward)
    def checked(self: Layer, dy: Array) -> Y:
        refuse_gradient(self, dy)
        get_array_module(dy, *self.params.values())
        return backward(self, dy)

    return checked


def refuse_input(layer: Layer, x: Array, axes: int = 0) -> None:
    """Refuse what is not a non-empty batch of real or complex numbers.

    Raises
    ------
    ValueError
        If x has another number of axes, where `axes` is not 0, or holds no example.
    TypeError
        If x is no array or holds whole numbers.
    """
    name = type(layer).__name__
    get_array_module(x)  # refuses a list
    if axes and x.ndim != axes:
        form = {axes: form for form, axes in FORMS.items()}[axes]
        raise ValueError(f"{name} expected an input {form}, got shape {x.shape}")
    if x.ndim < 2:
        raise ValueError(
            f"{name} expected a batch, (N, ...), got shape {x.shape}: of one example "
            "make x[None]"
        )
    if prod(x.shape) == 0:
        raise ValueError(
            f"{name} expected a batch of at least one example, got shape {x.shape}"
        )
    if x.dtype.kind not in "fc":
        raise TypeError(
            f"{name} expected floating-point input, got {x.dtype}: "
            "convert it first, x.astype('float32')"
        )


def refuse_gradient(layer: Layer, dy: Array) -> None:
    """Refuse a backward before forward, or a gradient that is none of the output.

    Raises
    ------
    RuntimeError
        If forward has not been called.
    ValueError
        If dy has not the shape of the output.
    TypeError
        If dy is no array or holds whole numbers.
    """
    name = type(layer).__name__
    if layer.y_shape is None:
        raise RuntimeError(f"{name}.backward was called before forward")
    get_array_module(dy)  # refuses a list
    if dy.shape != layer.y_shape:
        raise ValueError(
            f"{name}.backward expected dy of the shape of its output, "
            f"{layer.y_shape}, got {dy.shape}"
        )
    if dy.dtype.kind not in "fc":
        raise TypeError(f"{name}.backward expected a floating-point dy, got {dy.dtype}")
