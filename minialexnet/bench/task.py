"""What one process of a bench measures."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ..engine.devices import seconds_of

# The first times of each thing are not counted: memory is slow when a process touches
# it for the first time, and some of it is touched only in the second step.
WARM_UP = 2
Times = dict[str, list[float]]  # seconds of each thing measured


@dataclass(frozen=True)
class Task:
    """What one process measures.

    Attributes
    ----------
    case : str
        A key of `minialexnet.bench.work.CASES`.
    variant : str
        "im2col" or "winograd"; of PyTorch, "stock" or "custom".
    batch : int
        Pictures at once.
    repeats : int
        How many times are counted.
    threads : int
    width : float
        Of the paper's network.
    device : str
    layout : str
        Of PyTorch: "channels_first" or "channels_last".
    tf32 : bool
        Whether a GPU may round the factors of products to TF32.
    """

    case: str
    variant: str = "im2col"
    batch: int = 128
    repeats: int = 3
    threads: int = 1
    width: float = 1.0
    device: str = "cpu"
    layout: str = ""
    tf32: bool = False

    def text(self) -> str:
        """Return the task as JSON."""
        return json.dumps(asdict(self))


def counted(times: Times) -> Times:
    """Return what is left without the first `WARM_UP` of each thing measured."""
    return {name: seconds[WARM_UP:] for name, seconds in times.items()}


def timed(task: Task, work: Callable[[], Any], times: int | None = None) -> list[float]:
    """Return the seconds of `times` calls, or of `task.repeats`, after the warm-up."""
    count = WARM_UP + (task.repeats if times is None else times)
    return [seconds_of(work, task.device)[1] for _ in range(count)][WARM_UP:]
