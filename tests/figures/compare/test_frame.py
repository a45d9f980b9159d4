"""The command line that scripts share."""

import errno
import io
import sys

import pytest

from compare import frame
from minialexnet.engine.blas import blas_threads, limit_blas


def test_the_arguments_defaults_depend_on_the_data():
    defaults = {
        "shapes": {"seeds": 1, "epochs": 2, "batch_size": 32},
        "cifar10": {"seeds": 5, "epochs": 2, "batch_size": 128},
    }
    parser = frame.parser("Say.\n\nMore.", "name", defaults)
    text = " ".join(parser.format_help().split())
    assert "seeds of each arm (default: 1 on shapes, 5 on cifar10)" in text
    assert "at most (default: 2)" in text
    assert "default: runs/name_DATA" in text
    found = parser.parse_args(["--data", "cifar10", "--draw", "nowhere.jsonl"])
    assert frame.command("name", found, None, None, None) == 2
    assert (found.seeds, found.epochs, found.batch_size) == (5, 2, 128)


def test_what_does_not_fit_is_said_in_a_line(capsys):
    def fail():
        raise ValueError("two\nlines")

    assert frame.run_command("name", fail) == 2
    assert capsys.readouterr().err == "name: two lines\n"


def test_what_came_of_it_is_said(tmp_path, capsys):
    assert frame.run_command("name", lambda: ("Said.", [tmp_path])) == 0
    assert capsys.readouterr().out == f"Said.\nDrawn: {tmp_path}\n"


def test_a_script_computes_on_one_blas_thread(capsys):
    if blas_threads() is None:
        pytest.skip("NumPy's BLAS does not tell its number of threads")
    limit_blas(2)
    try:
        frame.run_command("drawing", lambda: (f"{blas_threads()} thread", []))
    finally:
        limit_blas(1)
    assert capsys.readouterr().out.startswith("1 thread\n")


def test_a_terminal_of_an_old_encoding_is_shown_what_it_can(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    monkeypatch.setattr(sys, "stderr", None)
    assert frame.run_command("name", lambda: ("\u6f22\u5b57", [])) == 0
    assert written.getvalue().split() == [b"??"]


def test_a_full_disk_is_no_wrong_argument(capsys):
    def fill():
        raise OSError(errno.ENOSPC, "no room", "picture.png")

    assert frame.run_command("name", fill) == 1
    assert capsys.readouterr().err == "name: [Errno 28] no room: 'picture.png'\n"
