"""How each parameter learns, as the params file says."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..engine.arrays import Array
from ..optimizer import MomentumSGD


@dataclass(frozen=True)
class Learning:
    """How one parameter learns: epsW or epsB, momW or momB, and wc.

    v <- momentum * v - decay * rate * w - rate * dw;  w <- w + v
    """

    rate: float
    momentum: float
    decay: float


def largest_rate(learning: Mapping[str, Learning]) -> float:
    """Return the largest rate of any weights, or of any bias where those are all 0."""
    weights = [own.rate for name, own in learning.items() if name[-2:] != ".b"]
    every = [own.rate for own in learning.values()]
    return max(weights, default=0) or max(every, default=0) or 1.0


def make_optimizer(
    parameters: Mapping[str, Array], learning: Mapping[str, Learning]
) -> MomentumSGD:
    """Return an optimiser with a rate, momentum and decay for each parameter.

    Its learning rate is the largest; the others are factors of it.

    Parameters
    ----------
    parameters : dict of str to ndarray
    learning : dict of str to Learning
        For each of them.
    """
    rate = largest_rate(learning)
    return MomentumSGD(
        parameters,
        rate,
        weight_decay=1,
        rate_factors={name: own.rate / rate for name, own in learning.items()},
        decay_factors={name: own.decay for name, own in learning.items()},
        momenta={name: own.momentum for name, own in learning.items()},
    )
