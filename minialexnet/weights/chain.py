"""A network as a chain of layers, each with the settings that a file has of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..engine.arrays import Array


@dataclass(frozen=True)
class Link:
    """One layer of a chain of them, as a file describes it.

    Attributes
    ----------
    kind : {"conv", "relu", "lrn", "pool", "fc"}
    name : str
        Its name in the file.
    settings : dict
        What, besides the weights, makes it compute what it does; `square` pixels are
        one number.
    W, b : ndarray, optional
    """

    kind: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    W: Array | None = None
    b: Array | None = None


def square(values: Iterable[int]) -> Any:
    """Return the one number that height and width share, or else all of them."""
    values = tuple(values)
    return values[0] if len(set(values)) == 1 else values


def normalisation(
    n: int, k: float, alpha: float, beta: float, across: str = "channels"
) -> dict[str, Any]:
    """Return the settings of a response normalisation that divides alpha by n."""
    ratio = alpha / max(n, 1)
    return {"across": across, "n": n, "k": k, "alpha / n": ratio, "beta": beta}


def window(
    kernel: Any, stride: Any, before: Any, after: Any, side: int, round_up: bool
) -> dict[str, Any]:
    """Return a window's settings.

    Parameters
    ----------
    kernel, stride, before, after : int, or tuple of int where the axes differ
        `before` and `after` are the padding.
    side : int
        Of the input, in pixels.
    round_up : bool

    Returns
    -------
    dict
        "outputs" is the side of the output, 0 if it is none; "rounds_up" says whether
        sizes would be rounded up without the padding after, None if nothing shows it.
    """
    outputs, up = 0, None
    if all(isinstance(n, int) for n in (kernel, stride, before, after)) and stride > 0:
        room = side + before + after - kernel
        outputs = 1 + (-(-room // stride) if round_up else room // stride)
        room = side + before - kernel
        down = 1 + room // stride
        if room % stride and outputs in (down, down + 1):
            up = outputs > down
    found = {"kernel_size": kernel, "stride": stride, "padding": before}
    return found | {"outputs": outputs, "rounds_up": up}
