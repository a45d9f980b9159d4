"""Where no thread starts, integers have 32 bits and POSIX is missing, all still works.

This is tried by taking these away from the Python at hand; see CONTRIBUTING.md for what
is tried on which systems.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minialexnet.cuda_convnet.files import description, network_files
from minialexnet.engine.threads import can_start_threads, start_threads
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines

SCRIPT = Path(__file__).parent / "support" / "bare_platform.py"


@pytest.mark.slow
def test_training_prediction_and_two_devices_on_a_bare_platform(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("all of it\n", "")
    (epoch,) = map(json.loads, (tmp_path / "history.jsonl").read_text().splitlines())
    assert "peak_memory_gib" not in epoch and epoch["running_loss"] < 2.5


@pytest.fixture
def no_thread_starts(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)


def test_a_thread_starts_here():
    assert can_start_threads()


@pytest.mark.usefixtures("no_thread_starts")
def test_the_callers_pool_keeps_errors_for_their_result():
    assert not can_start_threads()
    with start_threads(4) as pool:
        assert list(pool.map(abs, [-1, 2])) == [1, 2]
        wrong = pool.submit(divmod, 1, 0)
        assert pool.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            wrong.result()


def test_files_with_the_line_ends_of_windows_are_read_alike(tmp_path):
    def copy(path):
        text = path.read_bytes()
        assert b"\r" not in text
        (tmp_path / path.name).write_bytes(text.replace(b"\n", b"\r\n"))
        return tmp_path / path.name

    files = network_files("cifar")
    assert description(*map(copy, files)) == description(*files)
    path = recorded("bench_1.jsonl")
    assert read_lines(copy(path)) == read_lines(path)
