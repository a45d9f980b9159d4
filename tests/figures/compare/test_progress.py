"""What is seen of a figure's runs where there is no terminal."""

import pytest

from compare.progress import Bars
from minialexnet.files import progress


@pytest.mark.parametrize("shown", [True, False])
def test_without_a_terminal_runs_are_counted_on_lines(shown, monkeypatch, capsys):
    monkeypatch.setattr(progress, "EVERY", 0)  # so that every count is a line
    monkeypatch.setattr(progress.Lines, "last", 0)
    bars = Bars("figure", 2, 100, shown)
    bars.epoch("arm, seed 0", [])
    bars.pictures("arm, seed 0", 60)
    bars.done("arm, seed 0")
    bars.close()
    lines = ["arm, seed 0 epoch 1: 60 of 100 picture", "figure: 1 of 2 run"]
    assert capsys.readouterr().err.splitlines() == (lines if shown else [])
