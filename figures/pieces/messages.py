"""How long messages take between two ranks of this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minialexnet.files.records import Record, provenance, write_lines
from minialexnet.parallel.ranks import Ranks, connect

SIZES = [1 << power for power in range(2, 25, 2)]  # bytes of a message
ROUNDS = 20
Link = tuple[float, float]  # bytes a second, and seconds a message


def messages(ranks: Ranks) -> list[Record]:
    """Return the shortest time of a message of each size between two ranks."""
    found, other = [], 1 - ranks.rank
    for size in SIZES:
        array, taken = np.zeros(size, np.uint8), []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for turn in (0, 1):
                send = ranks.rank == turn
                way = ranks.world.Isend if send else ranks.world.Irecv
                ranks.wait([way(array, other)])
            taken.append((time.perf_counter() - begin) / 2)
        record = {"kind": "message", "bytes": size, "seconds": min(taken)}
        found.append(record | {"rounds": ROUNDS})
    return found


def measure(out: Path) -> list[Path]:
    """Write the messages' times; rank 1 writes nothing.

    Raises
    ------
    ValueError
        If there are not two ranks.
    """
    ranks = connect()
    if ranks is None or ranks.size != 2:
        raise ValueError(f"expected --measure under mpiexec -n 2, got {ranks}")
    records, path = messages(ranks), out / "messages.jsonl"
    if ranks.rank:
        return []
    out.mkdir(parents=True, exist_ok=True)
    write_lines(path, [{"kind": "setup"} | provenance(), *records])
    return [path]


def link_of(records: Sequence[Record]) -> Link:
    """Return the two constants: of the shortest message, and what the largest adds."""
    times = {r["bytes"]: r["seconds"] for r in records if r["kind"] == "message"}
    latency, largest = min(times.values()), max(times)
    return largest / (times[largest] - latency), latency
