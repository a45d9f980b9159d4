"""The epochs of ``minialexnet train``, with a bar, a checkpoint and a line for each."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..files.checkpoint import NAME
from ..files.progress import progress_bar
from ..files.records import write_lines
from ..parallel.batch_on_ranks import BatchOnRanks
from ..parallel.ranks import Ranks
from ..runs.config import Config
from ..train import Training
from .together import is_first

METRICS = "metrics.jsonl"
MINUTES = 10.0  # between the checkpoints of an epoch that takes long


def train(
    training: Training,
    config: Config,
    out: Path,
    ranks: Ranks | None = None,
    report: bool = False,
) -> None:
    """Train to the last epoch, with a checkpoint before the first and after each.

    In an epoch that takes long there is one every `MINUTES` too. Of several ranks the
    first writes and shows the progress, and with `report` what their sums took.
    """
    told, saved, first = False, time.monotonic(), is_first(ranks)

    def save() -> None:
        nonlocal saved
        training.check_last_step()
        if first:
            training.save(out / NAME, asdict(config))
        saved = time.monotonic()

    def stepped(pictures: int) -> None:
        bar.update(pictures)
        due = time.monotonic() - saved > 60 * MINUTES
        if due if ranks is None else ranks.from_first(due):
            save()

    epochs, dataset = config.epochs, training.dataset
    tests = len(dataset.test_labels)
    while True:
        # The checkpoint holds the history, so the metrics follow from it: where a kill
        # falls between the two lines, going on writes them again.
        save()
        runs = [{"run": run} for run in training.runs]
        if first:
            write_lines(out / METRICS, runs + training.history)
        if len(training.history) >= epochs:
            return
        name = f"epoch {len(training.history) + 1}/{epochs}"
        pictures = len(dataset.train_labels) + tests
        # Without a terminal (disable=None) there is no bar, only a line an epoch.
        with (
            progress_bar(
                total=pictures,
                initial=training.begun["batches"] * config.batch_size,
                desc=name,
                unit="picture",
                leave=False,
                disable=None if first else True,
            ) as bar,
            # A loss that is no number ends the run in one line, without warnings.
            np.errstate(over="ignore", invalid="ignore"),
        ):
            training.run_epoch(stepped)
            if tests:
                training.evaluate("test", bar.update)
        print(f"{name}: {_said(training.history[-1])}", flush=True)
        if report and isinstance(training.network, BatchOnRanks):
            print(training.network.sums_report(), flush=True)
        if training.crossings and not told:
            print(training.crossings)
            told = True


def _said(entry: dict[str, Any]) -> str:
    """Return an epoch's entry in words."""
    words = [f"running loss {entry['running_loss']:.4f} nats"]
    if "test_error" in entry:
        words.append(f"test error {entry['test_error']:.1%}")
        words.append(f"top-5 {entry['test_top5_error']:.1%}")
    words.append(f"rate {entry['learning_rate']:g}")
    return ", ".join([*words, f"{entry['seconds']:.1f} s"])
