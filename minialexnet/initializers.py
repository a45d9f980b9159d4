"""How weights and biases begin.

Krizhevsky et al. 2012, section 5: weights from a zero-mean normal distribution of
standard deviation 0.01; biases 1 in the second, fourth and fifth convolution and in
the hidden fully-connected layers, 0 elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .engine.arrays import Array

Initializer = Callable[[tuple[int, ...], np.random.Generator], Array]
Seed = int | np.random.Generator | None


@dataclass(frozen=True)
class Normal:
    """Draw from a zero-mean normal distribution.

    Parameters
    ----------
    sigma : float
        Standard deviation, at least 0.

    Examples
    --------
    >>> Normal(0.01)((2, 3), np.random.default_rng(0)).shape
    (2, 3)
    """

    sigma: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.sigma < float("inf"):
            raise ValueError(f"expected sigma to be finite and >= 0, got {self.sigma}")

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Return a float32 array of `shape`, drawn from `rng`."""
        return rng.standard_normal(shape, np.float32) * np.float32(self.sigma)


@dataclass(frozen=True)
class Constant:
    """Fill with one value; takes nothing from the generator.

    Parameters
    ----------
    value : float
    """

    value: float = 0.0

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Return a float32 array of `shape` filled with the value."""
        return np.full(shape, self.value, np.float32)


def draw(
    initializers: dict[str, tuple[Initializer, tuple[int, ...]]], seed: Seed
) -> dict[str, Array]:
    """Return a layer's parameters, drawn one after the other from one generator.

    Parameters
    ----------
    initializers : dict of str to (callable, shape)
        For each parameter how it begins, and its shape.
    seed : int, numpy.random.Generator or None
        A generator goes on from where it is, so that several layers can share one.
        With None nothing is drawn: the parameters are read-only zeros that take no
        memory, for a network of which only the shapes are wanted.

    Raises
    ------
    ValueError
        If an initializer returns another shape.
    """
    if seed is None:
        nothing = np.float32(0)
        return {n: np.broadcast_to(nothing, s) for n, (_, s) in initializers.items()}
    rng = np.random.default_rng(seed)
    params = {}
    for name, (initializer, shape) in initializers.items():
        params[name] = initializer(shape, rng)
        if params[name].shape != shape:
            raise ValueError(
                f"expected the initializer of {name} to return shape {shape}, "
                f"got {params[name].shape}"
            )
    return params
