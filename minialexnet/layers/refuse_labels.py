"""What the loss refuses, in two decorators that stand above forward and backward."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..engine.arrays import Array, get_array_module

Y = TypeVar("Y")


def takes_logits(forward: Callable[..., Y]) -> Callable[..., Y]:
    """Let forward refuse logits that are no (N, K) and labels that name no class.

    NumPy's labels are taken with a GPU's logits too: checked where they are and then
    copied, so that nobody waits for the GPU to say what their largest is.
    """

    @wraps(forward)
    def checked(self: Any, x: Array, labels: Array) -> Y:
        is_numpys = hasattr(labels, "__array_interface__")  # CuPy's arrays have none
        get_array_module(*([x] if is_numpys else [x, labels]))
        name = type(self).__name__
        if x.ndim != 2 or x.shape[0] == 0 or labels.shape != (x.shape[0],):
            raise ValueError(
                f"{name} expected logits (N, K) and labels (N,) with N >= 1, got "
                f"shapes {x.shape} and {labels.shape}"
            )
        if x.dtype.kind not in "fc":
            raise TypeError(f"{name} expected floating-point logits, got {x.dtype}")
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{name} expected whole-number labels, got {labels.dtype}")
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= x.shape[1]:
            raise ValueError(
                f"{name} expected labels from 0 to {x.shape[1] - 1}, "
                f"got {low if low < 0 else high}"
            )
        return forward(self, x, get_array_module(x).asarray(labels))

    return checked


def after_forward(backward: Callable[..., Y]) -> Callable[..., Y]:
    """Let backward refuse to come before forward."""

    @wraps(backward)
    def checked(self: Any) -> Y:
        if self.labels is None:
            name = type(self).__name__
            raise RuntimeError(f"{name}.backward was called before forward")
        return backward(self)

    return checked
