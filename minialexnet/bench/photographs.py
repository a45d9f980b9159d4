"""The time of reading JPEGs, and of making a data set of them."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from ..data.picture import read_image
from ..data.prepare import prepare
from ..engine.devices import seconds_of
from .task import Task, Times, timed


def _photograph(path: Path, seed: int) -> None:
    """Write a JPEG of 500 x 375, ImageNet's usual size, smooth as photographs are."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
    smooth = np.asarray(coarse.resize((500, 375), Image.Resampling.BICUBIC))
    noisy = smooth + rng.normal(0, 8, smooth.shape)
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def decode(task: Task) -> Times:
    """Read JPEGs as squares of 256 pixels, on one thread."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i}.jpg") for i in range(task.batch)]
        for i, path in enumerate(paths):
            _photograph(path, i)
        return {"pictures": timed(task, lambda: [read_image(path) for path in paths])}


def prepared(task: Task) -> Times:
    """Make a data set of a folder of JPEGs, a process a thread."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "photographs")
        for i in range(task.batch):
            folder = source / f"class{i % 4}"
            folder.mkdir(parents=True, exist_ok=True)
            _photograph(folder / f"{i}.jpg", i)
        times = []
        for repeat in range(task.repeats):
            target = Path(name, f"set{repeat}")
            work = partial(prepare, source, target, workers=task.threads)
            times.append(seconds_of(work, "cpu")[1])
        return {"pictures": times}
