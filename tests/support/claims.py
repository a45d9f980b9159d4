"""A small table of claims on drawn shapes, and records that were never trained."""

from pathlib import Path

import numpy as np

from minialexnet.files.records import write_lines
from protocol import entries
from protocol.store import Store

TABLES = {
    "protocol": {"sweep": {"seed": 9, "epochs": 1, "schedule": "9", "margin": 0.0}},
    "base": {
        "small": {
            "data": "shapes",
            "held_out": 248,  # of 256 of each class, so 80 pictures train
            "model": "alexnet",
            "profile": "2012",
            "width": 1 / 16,
            "input_size": 32,
            "convolution": "im2col",
            "batch_size": 16,
            "epochs": 2,
            "learning_rate": 0.01,
            "schedule": "1",
            "color": "none",
            "threads": 1,
        },
        "steps": {
            "like": "small",
            "epochs": 20,
            "schedule": "constant",
            "goal": {"below_chance": -9.0, "steps": 7},
        },
    },
}


def entry(id="one", **fields):
    """Return the entry of a claim about dropout, or of what `fields` say."""
    texts = {"id": id, "claim": "without dropout", "section": "4.2", "sentence": "."}
    how = {"base": "small", "measure": "test_error", "direction": 1, "seeds": 2}
    arms = [{"name": "no-dropout", "change": {"dropout": 0.0}}]
    return texts | how | {"arms": arms} | fields


def claim(**fields):
    """Return such a claim."""
    return entries.read(entry(**fields), TABLES)


SETUP = {
    "train_pictures": 80,
    "classes": 10,
    "date": "2026-01-31T00:00:00Z",
    "commit": "0123456789",
    "machine": {"cores": 2, "processor": "a processor"},
}


def record(
    store: Store, run, *, setup=SETUP, end=(), epochs=({},), wrong=None, **arrays
):
    """Write records of a run that was never trained.

    `wrong` says of each test picture whether its class was not the first.
    """
    path = store.records / f"{run.file}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    end = dict(end)
    if wrong is not None:
        wrong = np.asarray(wrong)
        end["test_error"] = float(wrong.mean())
        arrays["right"] = np.packbits([~wrong, ~wrong], axis=1)
    pictures = 0 if wrong is None else len(wrong)
    config = {"config": run.asked(), "test_pictures": pictures}
    lines = [{"kind": "setup"} | config | setup]
    lines += [{"kind": "epoch", **epoch} for epoch in epochs]
    write_lines(path, [*lines, {"kind": "end"} | end])
    if arrays:
        np.savez(path.with_suffix(".npz"), **arrays)


def store(folder: Path) -> Store:
    """Return an empty store."""
    return Store(folder / "records", folder / "checkpoints")
