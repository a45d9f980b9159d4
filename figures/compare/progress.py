"""Progress bars: one for all runs, and one for the epoch of each run at work."""

from __future__ import annotations

from minialexnet.files.progress import Bar, progress_bar

from .arms import History, Run


class Bars:
    """The bars of some runs.

    Parameters
    ----------
    title : str
    runs : int
    pictures : int
        How many go through the network in an epoch, training and measuring.
    shown : bool
        Of several ranks the first one's are.
    """

    def __init__(self, title: str, runs: int, pictures: int, shown: bool) -> None:
        self.disable = None if shown else True  # None: where there is no terminal
        self.total = progress_bar(
            total=runs,
            desc=title,
            unit="run",
            position=0,
            leave=True,
            disable=self.disable,
        )
        self.per_epoch = pictures
        self.bars: dict[str, Bar] = {}
        self.lines: dict[str, int] = {}  # below the total, where each run's bar stands

    def epoch(self, run: Run, history: History) -> None:
        """Begin a run's next epoch."""
        name = str(run)
        if name in self.bars:
            self.bars[name].close()
        else:
            taken = set(self.lines.values())
            self.lines[name] = next(i for i in range(1, 1000) if i not in taken)
        errors = [entry["train_error"] for entry in history if "train_error" in entry]
        so_far = f", error {errors[-1]:.1%}" if errors else ""
        self.bars[name] = progress_bar(
            total=self.per_epoch,
            desc=f"{run} epoch {len(history) + 1}{so_far}",
            unit="picture",
            position=self.lines[name],
            leave=False,
            disable=self.disable,
        )

    def pictures(self, run: Run, count: int) -> None:
        """Count pictures that went through a run's network."""
        self.bars[str(run)].update(count)

    def done(self, run: Run) -> None:
        """Count a run as done; its line is free for another."""
        if str(run) in self.bars:
            self.bars.pop(str(run)).close()
            del self.lines[str(run)]
        self.total.update()

    def close(self) -> None:
        """End the bar of all runs."""
        self.total.close()
