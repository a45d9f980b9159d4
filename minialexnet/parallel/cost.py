"""What a step costs on so many ranks: a model with three constants of a machine."""

from dataclasses import dataclass

from ..layers.base import Shape
from ..sequential import Sequential
from .bytes_sent import GRADIENTS, bytes_sent

BACKWARD = 2 / 3  # of a step's multiply-adds: dx and dW are a product each


@dataclass(frozen=True)
class Machine:
    """The constants of ranks and of what lies between them.

    Attributes
    ----------
    a_picture : float
        Seconds of one rank for a picture's step.
    bandwidth : float
        Bytes a second that a rank sends, while it receives as many.
    latency : float
        Seconds that the smallest message takes.
    """

    a_picture: float
    bandwidth: float
    latency: float


@dataclass(frozen=True)
class Cost:
    """The seconds of a step, and what they are made of.

    Attributes
    ----------
    compute : float
    layers : float
        In which the inputs of fully-connected layers travel; nothing goes on meanwhile.
    gradients : float
        In which the gradients' sum travels.
    hidden : float
        Of the latter, what backward can go on computing meanwhile.
    """

    compute: float
    layers: float
    gradients: float
    hidden: float

    @property
    def seconds(self) -> float:
        """Of the whole step."""
        return self.compute + self.layers + self.gradients - self.hidden


def step_cost(
    network: Sequential,
    input_shape: Shape,
    pictures: int,
    ranks: int,
    scheme: str,
    machine: Machine,
) -> Cost:
    """Return what a step of so many pictures, of all ranks together, costs.

    With n ranks: compute = a_picture * pictures / n; a sum of B bytes takes
    2 (n - 1) / n * B / bandwidth + 2 (n - 1) * latency, as in a ring, and to put a
    layer's inputs together half of that. The sum can travel from when backward has left
    the last layer that it is of, so at most the backward of the layers before that one
    hides it. Each rank's work is taken to be as fast on small matrices as on large.

    Parameters
    ----------
    network : Sequential
    input_shape : tuple of int
        Of one picture.
    pictures, ranks : int
    scheme : {"2014", "data"}
    machine : Machine

    Examples
    --------
    >>> from minialexnet.cifar_net import cifar_net
    >>> machine = Machine(a_picture=0.001, bandwidth=1e9, latency=1e-5)
    >>> cost = step_cost(cifar_net(seed=None), (3, 32, 32), 128, 4, "data", machine)
    >>> cost.compute, round(cost.gradients, 6)  # 2 * 3/4 * 89,578 * 4 bytes, 6 messages
    (0.032, 0.000597)
    """
    sent = bytes_sent(network, input_shape, pictures, ranks, scheme)
    _, summed = sent.pop(GRADIENTS, (0, 0))
    a_byte, turns = 1 / (ranks * machine.bandwidth), (ranks - 1) * machine.latency
    layers = sum(way * a_byte + turns for both in sent.values() for way in both if way)
    gradients = summed * a_byte + 2 * turns * bool(summed)
    compute = machine.a_picture * pictures / ranks
    rows = network.table(input_shape).rows
    learned = [
        i for i, row in enumerate(rows) if row.parameters and row.name not in sent
    ]
    before = sum(row.multiply_adds for row in rows[: max(learned, default=0)])
    hides = BACKWARD * before / sum(row.multiply_adds for row in rows) * compute
    return Cost(compute, layers, gradients, min(gradients, hides))
