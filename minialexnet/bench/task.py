"""What one process of a bench measures."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["WARM_UP", "Task", "Times", "counted"]

# Times that are not counted: memory is slow when a process touches it for the first
# time, some of it only in the second step.
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
        How often it is measured, after `WARM_UP` times that are not.
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
