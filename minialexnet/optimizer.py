"""Stochastic gradient descent as the paper writes it, and its learning rates."""

from collections.abc import Mapping
from math import isfinite

from .engine.arrays import Array, get_array_module
from .engine.devices import use_device_of
from .engine.parts import in_parts
from .engine.twin import twin
from .layers.base import Parameters


@twin
@in_parts(arrays_held=4, cache=1 << 20)
def momentum_step(
    w: Array, v: Array, dw: Array, momentum: float, decay: float, rate: float
) -> None:
    """Change v to momentum v - decay w - rate dw, and w to w + v, in place.

    The learning rate is in `decay` already.
    """
    v *= momentum
    if decay:
        v -= decay * w
    v -= rate * dw
    w += v


class MomentumSGD:
    """Momentum and weight decay (Krizhevsky et al. 2012, section 5).

    v <- momentum * v - decay * rate * w - rate * dw;  w <- w + v

    The decay stands inside the rate: at a tenth of the rate weights decay a tenth as
    fast. The parameters are changed in place.

    Parameters
    ----------
    parameters : dict of str to ndarray
        As `minialexnet.Sequential.parameters` gives them. Each may lie on a device of
        its own, with its gradient.
    learning_rate : float
        May be set again between steps.
    momentum, weight_decay : float
    rate_factors, decay_factors : dict of str to float
        Multiply the rate or the decay of some parameters, by full name ("conv1.b") or
        by last part ("b"); the full name counts first. The 2012 code has
        ``rate_factors={"b": 2}, decay_factors={"b": 0}``.
    momenta : dict of str to float
        The momentum of some parameters, named likewise, in place of `momentum`.

    Raises
    ------
    ValueError
        If a number is negative or not finite, a momentum is not below 1, a factor names
        nothing or a parameter has no axis.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.ones(1)
    >>> sgd = MomentumSGD({"fc1.W": w}, learning_rate=0.1, weight_decay=0)
    >>> for _ in range(2):
    ...     sgd.step({"fc1.W": np.ones(1)})
    >>> round(float(w[0]), 3)  # 1 - 0.1 - (0.09 + 0.1)
    0.71
    """

    def __init__(
        self,
        parameters: Mapping[str, Array],
        learning_rate: float = 0.01,
        momentum: float = 0.9,
        weight_decay: float = 0.0005,
        rate_factors: Mapping[str, float] | None = None,
        decay_factors: Mapping[str, float] | None = None,
        momenta: Mapping[str, float] | None = None,
    ) -> None:
        both = learning_rate, weight_decay
        if not (0 <= momentum < 1 and all(isfinite(n) and n >= 0 for n in both)):
            raise ValueError(
                "expected learning_rate >= 0, 0 <= momentum < 1 and weight_decay >= 0, "
                f"all finite, got {learning_rate}, {momentum} and {weight_decay}"
            )
        if scalars := [name for name, w in parameters.items() if not w.ndim]:
            raise ValueError(f"expected parameters with an axis, got scalars {scalars}")
        self.parameters, self._given = dict(parameters), parameters
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self._rates = self._of_each(rate_factors or {}, 1.0)
        self._decays = self._of_each(decay_factors or {}, 1.0)
        self._momenta = self._of_each(momenta or {}, momentum)
        if not max(self._momenta.values(), default=0) < 1:
            raise ValueError(f"expected momenta < 1, got {dict(momenta or {})}")
        self.velocities = {name: _zeros_like(w) for name, w in parameters.items()}

    def _of_each(self, given: Mapping[str, float], default: float) -> dict[str, float]:
        """Return the number of every parameter, `default` where none is given."""
        lasts = {name.rpartition(".")[2] for name in self.parameters}
        for key, factor in given.items():
            if key not in self.parameters and key not in lasts:
                raise ValueError(
                    f"expected a parameter's name for a factor, got {key!r}"
                )
            if not (factor >= 0 and isfinite(factor)):
                raise ValueError(f"expected a factor >= 0 for {key!r}, got {factor}")
        return {
            name: given.get(name, given.get(name.rpartition(".")[2], default))
            for name in self.parameters
        }

    def rate_of(self, name: str, dw: Array) -> float:
        """Return the rate of one parameter in a step by the gradient dw."""
        return self.learning_rate * self._rates[name]

    def step(self, gradients: Mapping[str, Array]) -> None:
        """Move every parameter one step, given the gradient by each.

        Raises
        ------
        ValueError
            If a gradient is missing, unknown or of the wrong shape, the rate is not
            finite, or the network has other parameters by now; nothing is moved.
        """
        if isinstance(self._given, Parameters) and (names := self._given.replaced()):
            raise ValueError(
                f"expected the network's parameters, got {names[0]} as it was before "
                "astype, to, place or an assignment: make the optimiser after them"
            )
        if not isfinite(self.learning_rate):
            raise ValueError(f"expected a finite rate, got {self.learning_rate}")
        if gradients.keys() != self.parameters.keys():
            odd = ", ".join(sorted(gradients.keys() ^ self.parameters.keys()))
            raise ValueError(f"expected one gradient a parameter; odd ones: {odd}")
        for name, dw in gradients.items():
            if dw.shape != self.parameters[name].shape:
                raise ValueError(
                    f"expected the gradient of {name} in shape "
                    f"{self.parameters[name].shape}, got {dw.shape}"
                )
        for name, w in self.parameters.items():
            rate = self.rate_of(name, gradients[name])
            decay = self.weight_decay * self._decays[name]
            arrays = w, self.velocities[name], gradients[name]
            with use_device_of(w):
                momentum_step(*arrays, self._momenta[name], decay * rate, rate)


def _zeros_like(w: Array) -> Array:
    with use_device_of(w):
        return get_array_module(w).zeros_like(w)
