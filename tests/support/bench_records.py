"""Records as a bench writes them, with times that are easy to compare."""

from dataclasses import asdict

from minialexnet.bench.task import Task

PROGRAM = {
    "quick": False,
    "date": "2026-01-31T00:00:00Z",
    "machine": {"cores": 2, "processor": "a processor"},
    "commit": "0123456789",
    "versions": {"numpy": "2.4.6"},
}


def record(round_, program, case, seconds, **task):
    return {
        "round": round_,
        "program": program,
        "task": asdict(Task(case, **{"threads": 2, **task})),
        "seconds": seconds,
        "peak_gib": 1.5,
    }


def records():
    """Three rounds of a machine of 100 GFLOP/s on which PyTorch takes 2 and 4 s."""
    found = []
    for i, drift in enumerate((1.0, 2.0, 1.5), 1):
        found.append(record(i, "minialexnet", "sgemm", {"product": 0.02}, batch=1000))
        for variant in ("im2col", "winograd"):
            for task in ({}, {"batch": 4, "width": 0.5}, {"batch": 4}, {"threads": 1}):
                step = {"forward": drift, "backward": drift, "step": 2 * drift}
                found.append(
                    record(i, "minialexnet", "step", step, variant=variant, **task)
                )
            layer = {"conv1 forward": 0.1 * drift, "conv1 backward": 0.3 * drift}
            found.append(record(i, "minialexnet", "layers", layer, variant=variant))
        for variant, seconds in (("stock", 4.0), ("custom", 2.0)):
            for layout, worse in (("channels_first", 1.5), ("channels_last", 1)):
                options = {"variant": variant, "layout": layout}
                step = {"step": seconds * drift * worse}
                found.append(record(i, "torch", "step", step, **options))
                layer = {"conv1 forward": 0.1 * drift * worse, "conv1 backward": drift}
                found.append(record(i, "torch", "layers", layer, **options))
    return found
