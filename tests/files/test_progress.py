"""Progress: a bar on a terminal, and without one a line now and then."""

import os
import pty
import sys

import pytest
from tqdm import tqdm

from minialexnet.files import progress
from minialexnet.files.progress import EVERY, Lines, progress_bar


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves on: clock[0] is its time in seconds."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Lines, "last", now[0])
    return now


def test_without_a_terminal_a_line_every_some_seconds(clock, capsys):
    for epoch in (1, 2):
        with progress_bar(1757, desc=f"epoch {epoch}", unit="picture") as bar:
            for _ in range(1757):
                clock[0] += 0.02
                bar.update()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == int(2 * 1757 * 0.02 / EVERY)
    assert lines[0].startswith("epoch 1: 1,50")
    assert lines[0].endswith(" of 1,757 picture")


def test_what_is_skipped_is_in_the_line(clock, capsys):
    bar = progress_bar(40, initial=10, unit=" images", leave=False, unit_scale=True)
    bar.set_postfix(skipped=2, refresh=False)
    clock[0] += EVERY
    bar.update(5)
    bar.close()
    assert capsys.readouterr().err == "15 of 40 images (skipped 2)\n"
    clock[0] += EVERY
    progress_bar(40, disable=True).update(40)
    assert capsys.readouterr().err == ""


def test_without_standard_error_counting_goes_on(clock, monkeypatch):
    with open(os.devnull) as read_only:
        for stream in (None, read_only):
            monkeypatch.setattr(sys, "stderr", stream)
            with progress_bar(3) as bar:
                clock[0] += EVERY
                bar.update()
                assert bar.n == 1
        monkeypatch.undo()


def test_a_stream_that_is_closed_meanwhile_stops_nothing(clock, monkeypatch):
    with open(os.devnull, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        bar = progress_bar(3)
    clock[0] += EVERY
    bar.update()
    monkeypatch.undo()
    assert bar.n == 1


def test_on_a_terminal_it_is_a_bar(monkeypatch):
    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal, open(ours, "rb", buffering=0):
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress_bar(3, leave=False) as bar:
            assert isinstance(bar, tqdm)
        monkeypatch.undo()
