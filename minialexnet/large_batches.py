"""Batches larger than the paper's: linear scaling with warm-up, and LARS.

With k times the pictures a step there are as many fewer steps in an epoch, so each has
to go further (see `WarmUpRate`), and not every layer bears that alike (see `LARS`).
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any

from .engine.arrays import Array, get_array_module
from .engine.devices import use_device_of
from .optimizer import MomentumSGD
from .schedules import EpochListRate


@dataclass
class WarmUpRate(EpochListRate):
    """Linear scaling with warm-up, for large batches (Goyal et al. 2017, section 2.2).

    A batch k times as large takes a rate k times as large. The first epochs would
    diverge at it, so the rate grows step by step in a straight line: after the share s
    of the warm-up it is (1 - s) * first + s * learning_rate.

    Parameters
    ----------
    learning_rate : float
        After the warm-up: k times the rate of the batch that is scaled from.
    epochs, factor
        As in `EpochListRate`.
    first : float
        The rate of the first step, that of the batch that is scaled from.
    warm_up : int
        Epochs of the warm-up, 5 in the source.

    Examples
    --------
    >>> schedule = WarmUpRate(0.8, epochs=(), first=0.1, warm_up=1)
    >>> [round(schedule.rate(done), 3) for done in (0, 0.5, 1)]
    [0.1, 0.45, 0.8]
    """

    first: float = field(default=0.0, kw_only=True)
    warm_up: int = field(default=5, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 <= self.first <= self.learning_rate and self.warm_up >= 1):
            raise ValueError(
                "expected 0 <= first <= learning_rate and warm_up >= 1, got "
                f"{self.first}, {self.learning_rate} and {self.warm_up}"
            )

    def rate(self, done: float = 0.0) -> float:
        """Return the rate of the step before which a share of the epoch is done."""
        share = min(1.0, (self.epoch + done) / self.warm_up)
        return (1 - share) * self.first + share * super().rate()


class LARS(MomentumSGD):
    """Layer-wise adaptive rate scaling (You et al. 2017, arXiv 1708.03888).

    The rate of a parameter is ::

        learning_rate * trust * |w| / (|dw| + decay * |w|)

    so that without momentum no parameter moves by more than the share `trust` of its
    own length at a rate of 1, however its gradient compares with those of the other
    layers. All else is as in `MomentumSGD`. Weights and biases each have their own
    lengths, as in the source's Table 2. Where a length is 0, as that of biases that
    begin at 0, the formula would never move them; the quotient then counts as 1, which
    is ours.

    Parameters
    ----------
    parameters, **settings
        As `MomentumSGD` takes them. Factors of the rate multiply the formula; the decay
        in it is the parameter's own.
    trust : float
        The source's 0.001.

    Raises
    ------
    ValueError
        As `MomentumSGD`, or if `trust` is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([3.0, 4.0])  # of length 5, the gradient of length 0.1
    >>> lars = LARS({"fc1.W": w}, learning_rate=1, weight_decay=0, trust=0.01)
    >>> lars.step({"fc1.W": np.array([0.1, 0.0])})
    >>> w.round(6).tolist()  # 3 - 0.01 * 5 / 0.1 * 0.1
    [2.95, 4.0]
    """

    def __init__(self, *parameters: Any, trust: float = 0.001, **settings: Any) -> None:
        super().__init__(*parameters, **settings)
        if not 0 < trust < inf:
            raise ValueError(f"expected a finite trust > 0, got {trust}")
        self.trust = trust

    def rate_of(self, name: str, dw: Array) -> float:
        """Return the rate of one parameter in a step by the gradient dw."""
        w, decay = self.parameters[name], self.weight_decay * self._decays[name]
        with use_device_of(w):
            norm = get_array_module(w).linalg.norm
            length, slope = float(norm(w)), float(norm(dw))
        quotient = 1.0
        if length and slope:
            quotient = length / (slope + decay * length)
        return super().rate_of(name, dw) * self.trust * quotient
