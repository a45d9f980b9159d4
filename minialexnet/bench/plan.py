"""What one round of a bench measures: the cases, their batches, widths and threads."""

from dataclasses import dataclass
from typing import Any

from .task import Task

LAYOUTS = ("channels_first", "channels_last")
# Of PyTorch's two normalisations one is enough in some cases: the four-layer network
# has none, and a layer's time does not depend on how another one is written.
VARIANTS = {"cifar": ("stock",), "layers": ("custom",)}


@dataclass(frozen=True)
class Run:
    """A task for one program: "minialexnet" or "torch"."""

    program: str
    task: Task


def plan(
    threads: int, device: str, against_torch: bool, quick: bool, tf32: bool
) -> list[Run]:
    """Return what one round measures, in its order.

    Parameters
    ----------
    threads : int
        The most that are used; the cost by cores begins at 1.
    device : str
    against_torch : bool
    quick : bool
        Small batches, a few numbers of each thing; a look, not a record.
    tf32 : bool
    """
    large, small = (8, 4) if quick else (128, 32)
    common: dict[str, Any] = {
        "repeats": 1 if quick else 2 if device == "cpu" else 20,  # milliseconds
        "threads": threads,
        "device": device,
        "tf32": tf32,
    }
    side = 512 if quick else 2048 if device == "cpu" else 8192
    sides = common | {"batch": side}
    runs = [Run("minialexnet", Task("sgemm", **sides))]
    if threads > 1:
        runs.append(Run("minialexnet", Task("sgemm", **sides | {"threads": 1})))
    # The last is how many times as often on a CPU, where most take seconds.
    shapes = [
        ("step", large, 1),
        ("step", small, 1),
        ("layers", large, 1),
        ("layers", small, 1),
        ("inference", large, 2),
        ("inference", 1, 10),
        ("cifar", large, 10),
    ]
    for case, batch, times in shapes:
        often = common
        if device == "cpu" and not quick:
            often = common | {"repeats": times * common["repeats"]}
        for variant in ("im2col", "winograd"):
            runs.append(Run("minialexnet", Task(case, variant, batch, **often)))
        for variant in VARIANTS.get(case, ("stock", "custom")) if against_torch else ():
            for layout in LAYOUTS:
                options = often | {"layout": layout}
                runs.append(Run("torch", Task(case, variant, batch, **options)))
    if device == "cpu":
        pictures = 8 if quick else 64
        files = common | {"batch": pictures}
        runs.append(Run("minialexnet", Task("decode", **files | {"threads": 1})))
        runs.append(Run("minialexnet", Task("prepare", **files)))
    crops = common | {"batch": 2 if quick else 16}
    runs.append(Run("minialexnet", Task("ten crops", "winograd", **crops)))
    for batch in (1, 4) if quick else (1, 2, 4, 8, 16, 32, 64, 128):
        runs.append(Run("minialexnet", Task("step", "winograd", batch, **common)))
    for width in (0.25, 0.5, 1.0):
        options = common | {"width": width}
        runs.append(Run("minialexnet", Task("step", "winograd", small, **options)))
    for count in range(1, threads + 1):
        options = common | {"threads": count}
        runs.append(Run("minialexnet", Task("step", "winograd", large, **options)))
    return list(dict.fromkeys(runs))
